package queryplan_test

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

func TestDiscovery(t *testing.T) {
	const (
		noIndex = `__tenant_dataset__!~".+"`
		notA    = `service_name!~"(?:|a(?:.+)|[^a].*)"`
		notCPU  = `(?:|p` // how the type begins, turned around
	)
	tests := []struct {
		name     string
		query    queryplan.Query
		want     []string
		contains string
	}{
		{"a service: what is not another", query(tree, equal("service_name", "a"), equal("__profile_type__", cpu)),
			[]string{`{` + notA + `,` + noIndex + `}`}, ""},
		{"all matchers on services go along", query(tree, equal("service_name", "a"), match(labels.MatchNotRegexp, "service_name", "b.*")),
			[]string{`{` + notA + `,service_name!~"b.*",` + noIndex + `}`}, ""},
		{"known alternatives are known values", query(tree, match(labels.MatchRegexp, "service_name", "a|ab")),
			[]string{`{service_name!~"(?:|a(?:b(?:.+)|[^b].*)|[^a].*)",` + noIndex + `}`}, ""},
		{"an open expression: and what has no service", query(tree, match(labels.MatchRegexp, "service_name", "a.+")),
			[]string{`{service_name=~"a.+"}`, `{service_name!~".+",` + noIndex + `}`}, ""},
		{"labels of the data alone are not asked for", query(tree, equal("service_name", "a"), equal("pod", "p")),
			[]string{`{` + notA + `,` + noIndex + `}`}, ""},
		{"what matches without the label is not asked for", query(tree, match(labels.MatchRegexp, "service_name", ".*")),
			[]string{`{}`}, ""},
		{"no service: the type", query(tree, equal("__profile_type__", cpu)), nil, notCPU},
		{"no service: what is excluded", query(tree, match(labels.MatchNotEqual, "service_name", "a")),
			[]string{`{service_name!="a"}`}, ""},
		{"label names of everything: the indexes", query(labelNames),
			[]string{`{__tenant_dataset__="dataset_tsdb_index"}`}, ""},
		{"label names of a type: blocks without it need not be read", query(labelNames, equal("__profile_type__", cpu)), nil, notCPU},
		{"a contradiction: nothing", query(tree, equal("pod", "p"), equal("pod", "q")), []string{}, ""},
		{"no value in both", query(tree, match(labels.MatchRegexp, "pod", "p|q"), match(labels.MatchNotRegexp, "pod", "p|q")), []string{}, ""},
		{"missing and there", query(tree, equal("pod", ""), match(labels.MatchNotEqual, "pod", "")), []string{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			requests := queryplan.Discovery(test.query)
			selectors := make([]string, len(requests))
			for i, r := range requests {
				selectors[i] = r.Query
				require.Equal(t, []string{tenant}, r.TenantId)
				require.Equal(t, [2]int64{0, 1000}, [2]int64{r.StartTime, r.EndTime})
			}
			if test.want != nil {
				require.Equal(t, test.want, selectors)
				return
			}
			require.Len(t, selectors, 1)
			require.Contains(t, selectors[0], test.contains)
		})
	}
}

// A data set whose labels are incomplete may hold anything: it is read by every
// query of its tenant and time.
func TestUnlabelledDataSetsAreNeverLost(t *testing.T) {
	noService := testSet{service: "old"}.with("__profile_type__", cpu)
	noType := testSet{service: "old"}.with("service_name", "a")
	neither := testSet{service: "old"}.with("something", "else")
	markOnly := testSet{service: "old"}.with("service_name", "a", "__unsymbolized__", "true")
	selectors := map[string][]*labels.Matcher{
		"service":         {equal("service_name", "a")},
		"service, type":   {equal("service_name", "a"), equal("__profile_type__", cpu)},
		"alternatives":    {match(labels.MatchRegexp, "service_name", "a|b"), equal("__profile_type__", cpu)},
		"open expression": {match(labels.MatchRegexp, "service_name", "a.*"), equal("__profile_type__", cpu)},
		"not a service":   {match(labels.MatchNotEqual, "service_name", "z"), equal("__profile_type__", cpu)},
		"type":            {equal("__profile_type__", cpu)},
		"types":           {match(labels.MatchRegexp, "__profile_type__", "process_cpu:.*")},
		"other label":     {equal("pod", "p")},
		"nothing":         nil,
	}
	for name, matchers := range selectors {
		for setName, unlabelled := range map[string]testSet{"no service": noService, "no type": noType, "neither": neither, "mark only": markOnly} {
			for _, indexed := range []bool{true, false} {
				t.Run(name+"/"+setName, func(t *testing.T) {
					store := blocksOf(testBlock{id: "1", sets: []testSet{unlabelled, set("z", memory)}, noIndex: !indexed})
					reads := readsOf(build(t, store, query(tree, matchers...), queryplan.Options{}))
					direct, byIndex := reads[place(store.Blocks[0], 0)], 0
					if indexed {
						byIndex = reads[place(store.Blocks[0], 2)]
					}
					require.Equal(t, 1, direct+byIndex, "read directly %d times, by the index %d times", direct, byIndex)
				})
			}
		}
	}
}

// The mark stands in a label set of its own, without a profile type, and must
// reach the query-backend with the data set.
func TestUnsymbolizedMarkIsKept(t *testing.T) {
	native := set("a", cpu).with("service_name", "a", "__unsymbolized__", "true")
	for name, matchers := range map[string][]*labels.Matcher{
		"service": {equal("service_name", "a"), equal("__profile_type__", cpu)},
		"open":    {match(labels.MatchRegexp, "service_name", "a.*"), equal("__profile_type__", cpu)},
		"store":   {equal("__profile_type__", cpu)},
	} {
		t.Run(name, func(t *testing.T) {
			store := blocksOf(testBlock{id: "1", sets: []testSet{native, set("ab", cpu)}})
			plan := build(t, store, query(tree, matchers...), queryplan.Options{})
			block := plan.Request().QueryPlan.Root.Blocks[0]
			marked := block.Datasets[0]
			require.Equal(t, []string{"__unsymbolized__", "true"},
				[]string{block.StringTable[marked.Labels[1]], block.StringTable[marked.Labels[2]]})
			require.Equal(t, int32(1), marked.Labels[0])
			for _, d := range block.Datasets[1:] {
				require.Empty(t, d.Labels)
			}
		})
	}
}
