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
		isCPU   = `__profile_type__="` + cpu + `"`
		noType  = `__profile_type__!~".+"`
	)
	tests := []struct {
		name  string
		query queryplan.Query
		want  []string
	}{
		{"a service", query(tree, equal("service_name", "a"), equal("__profile_type__", cpu)), []string{`{service_name="a"}`}},
		{"all matchers on services go along", query(tree, equal("service_name", "a"), match(labels.MatchNotRegexp, "service_name", "b.*")),
			[]string{`{service_name="a",service_name!~"b.*"}`}},
		{"an expression: and what has no service", query(tree, match(labels.MatchRegexp, "service_name", "a|ab")),
			[]string{`{service_name=~"a|ab"}`, `{service_name!~".+",` + noIndex + `}`}},
		{"names of several services: an index may stand for them", query(labelNames, match(labels.MatchRegexp, "service_name", "a.+")),
			[]string{`{service_name=~"a.+"}`, `{service_name!~".+"}`}},
		{"but not for one", query(labelNames, equal("service_name", "a")), []string{`{service_name="a"}`}},
		{"any service is all of them", query(labelNames, match(labels.MatchRegexp, "service_name", ".+"), match(labels.MatchNotEqual, "service_name", "")),
			[]string{`{__tenant_dataset__="dataset_tsdb_index"}`}},
		{"labels of the data alone are not asked for", query(tree, equal("service_name", "a"), equal("pod", "p")), []string{`{service_name="a"}`}},
		{"what matches without the label is not asked for", query(tree, match(labels.MatchRegexp, "service_name", ".*")), []string{`{}`}},
		{"no service: the type, and what has none", query(tree, equal("__profile_type__", cpu)), []string{`{` + isCPU + `}`, `{` + noType + `}`}},
		{"no service: what is excluded", query(tree, match(labels.MatchNotEqual, "service_name", "a")), []string{`{service_name!="a"}`}},
		{"no service: both", query(tree, match(labels.MatchNotEqual, "service_name", "a"), equal("__profile_type__", cpu)),
			[]string{`{service_name!="a",` + isCPU + `}`, `{service_name!="a",` + noType + `}`}},
		{"label names of everything: the indexes", query(labelNames), []string{`{__tenant_dataset__="dataset_tsdb_index"}`}},
		{"label names of a type: blocks without it need not be read", query(labelNames, equal("__profile_type__", cpu)),
			[]string{`{` + isCPU + `}`, `{` + noType + `}`}},
		{"a contradiction: nothing", query(tree, equal("pod", "p"), equal("pod", "q")), []string{}},
		{"no value in both", query(tree, match(labels.MatchRegexp, "pod", "p|q"), match(labels.MatchNotRegexp, "pod", "p|q")), []string{}},
		{"missing and there", query(tree, equal("pod", ""), match(labels.MatchNotEqual, "pod", "")), []string{}},
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
			require.Equal(t, test.want, selectors)
		})
	}
}

// A dataset whose labels are incomplete may hold anything: it is read by every
// query of its tenant and time that Pyroscope's query-frontend would find it with. That
// one asks for a named service by its name alone.
func TestUnlabelledDatasetsAreNeverLost(t *testing.T) {
	noService := testSet{service: "old"}.with("__profile_type__", cpu)
	noType := testSet{service: "old"}.with("service_name", "a")
	neither := testSet{service: "old"}.with("something", "else")
	selectors := map[string][]*labels.Matcher{
		"alternatives":    {match(labels.MatchRegexp, "service_name", "a|b"), equal("__profile_type__", cpu)},
		"open expression": {match(labels.MatchRegexp, "service_name", "a.*"), equal("__profile_type__", cpu)},
		"not a service":   {match(labels.MatchNotEqual, "service_name", "z"), equal("__profile_type__", cpu)},
		"type":            {equal("__profile_type__", cpu)},
		"types":           {match(labels.MatchRegexp, "__profile_type__", "process_cpu:.*")},
		"other label":     {equal("pod", "p")},
		"nothing":         nil,
	}
	for name, matchers := range selectors {
		for setName, unlabelled := range map[string]testSet{"no service": noService, "no type": noType, "neither": neither} {
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

// With a named service, its datasets are read whether or not they are labelled
// with their types.
func TestServiceWithoutTypes(t *testing.T) {
	untyped := testSet{service: "a"}.with("service_name", "a")
	unsymbolized := testSet{service: "a"}.with("service_name", "a", "__unsymbolized__", "true")
	for name, one := range map[string]testSet{"no type": untyped, "only __unsymbolized__": unsymbolized} {
		t.Run(name, func(t *testing.T) {
			store := blocksOf(testBlock{id: "1", sets: []testSet{one, set("z", memory)}})
			reads := readsOf(build(t, store, query(tree, equal("service_name", "a"), equal("__profile_type__", cpu)), queryplan.Options{}))
			require.Equal(t, 1, reads[place(store.Blocks[0], 0)])
		})
	}
}

// Over the whole store, a dataset of which only __unsymbolized__ is known may hold the type
// if its block does. If the block was not listed with the type, it may have come
// out of a compaction since, whose sources were: reading both would count twice.
func TestUnsymbolizedRule(t *testing.T) {
	unsymbolized := testSet{service: "a"}.with("service_name", "a", "__profile_type__", memory).with("service_name", "a", "__unsymbolized__", "true")
	for name, test := range map[string]struct {
		beside string // the type of the other dataset in the block
		reads  int
	}{
		"the block holds the type":   {cpu, 1},
		"the block does not hold it": {memory, 0},
	} {
		t.Run(name, func(t *testing.T) {
			store := blocksOf(testBlock{id: "1", sets: []testSet{unsymbolized, set("z", test.beside)}, noIndex: true})
			reads := readsOf(build(t, store, query(tree, equal("__profile_type__", cpu)), queryplan.Options{}))
			require.Equal(t, test.reads, reads[place(store.Blocks[0], 0)])
		})
	}
}

// __unsymbolized__ stands in a label set of its own, without a profile type, and must
// reach the query-backend with the dataset.
func TestUnsymbolizedIsKept(t *testing.T) {
	native := set("a", cpu).with("service_name", "a", "__unsymbolized__", "true")
	for name, matchers := range map[string][]*labels.Matcher{
		"service": {equal("service_name", "a"), equal("__profile_type__", cpu)},
		"open":    {match(labels.MatchRegexp, "service_name", "a.*"), equal("__profile_type__", cpu)},
		"store":   {equal("__profile_type__", cpu)},
	} {
		t.Run(name, func(t *testing.T) {
			store := blocksOf(testBlock{id: "1", sets: []testSet{native, set("ab", cpu)}})
			plan := build(t, store, query(tree, matchers...), queryplan.Options{})
			block := requestOf(plan).QueryPlan.Root.Blocks[0]
			first := block.Datasets[0]
			require.Equal(t, []string{"__unsymbolized__", "true"},
				[]string{block.StringTable[first.Labels[1]], block.StringTable[first.Labels[2]]})
			require.Equal(t, int32(1), first.Labels[0])
			for _, d := range block.Datasets[1:] {
				require.Empty(t, d.Labels)
			}
		})
	}
}
