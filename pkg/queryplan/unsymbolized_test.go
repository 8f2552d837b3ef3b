package queryplan_test

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

func TestUnsymbolized(t *testing.T) {
	native := func(service string, types ...string) testSet {
		return set(service, types...).with("service_name", service, "__unsymbolized__", "true")
	}
	eight := func(more ...testSet) []testSet { // large enough for an index to pay
		for _, service := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			more = append(more, set(service, cpu).sized(4<<20))
		}
		return more
	}
	pod, cpuType := equal("pod", "p"), equal("__profile_type__", cpu)
	for name, test := range map[string]struct {
		sets     []testSet
		matchers []*labels.Matcher
		indexed  int
		want     bool
	}{
		"nothing is marked":               {sets: []testSet{set("a", cpu)}, matchers: []*labels.Matcher{equal("service_name", "a")}},
		"the service":                     {sets: []testSet{native("a", cpu), set("b", cpu)}, matchers: []*labels.Matcher{equal("service_name", "a"), cpuType}, want: true},
		"another service":                 {sets: []testSet{native("a", cpu), set("b", cpu)}, matchers: []*labels.Matcher{equal("service_name", "b"), cpuType}},
		"services by expression":          {sets: []testSet{native("a", cpu), set("b", cpu)}, matchers: []*labels.Matcher{match(labels.MatchRegexp, "service_name", "a.*|b"), cpuType}, want: true},
		"other services by expression":    {sets: []testSet{native("a", cpu), set("b", cpu)}, matchers: []*labels.Matcher{match(labels.MatchRegexp, "service_name", "b|c"), cpuType}},
		"all but the service":             {sets: []testSet{native("a", cpu), set("b", cpu)}, matchers: []*labels.Matcher{match(labels.MatchNotEqual, "service_name", "a"), cpuType}},
		"the whole store":                 {sets: []testSet{native("a", cpu), set("b", cpu)}, matchers: []*labels.Matcher{cpuType}, want: true},
		"a dataset of another type":       {sets: []testSet{native("a", memory), set("b", cpu)}, matchers: []*labels.Matcher{equal("service_name", "a"), cpuType}},
		"another value":                   {sets: []testSet{set("a", cpu).with("service_name", "a", "__unsymbolized__", "false")}, matchers: []*labels.Matcher{cpuType}},
		"another tenant's":                {sets: []testSet{{tenant: "other", service: "a", labels: native("a", cpu).labels}, set("b", cpu)}, matchers: []*labels.Matcher{cpuType}},
		"nothing to read":                 {sets: []testSet{native("a", cpu)}, matchers: []*labels.Matcher{equal("service_name", "z")}},
		"behind an index":                 {sets: eight(native("n", cpu).sized(4 << 20)), matchers: []*labels.Matcher{pod, cpuType}, indexed: 1, want: true},
		"behind an index, of any type":    {sets: eight(native("n", cpu).sized(4 << 20)), matchers: []*labels.Matcher{pod}, indexed: 1, want: true},
		"behind an index, none is marked": {sets: eight(), matchers: []*labels.Matcher{pod, cpuType}, indexed: 1},
		"not where the index leads": {
			sets:     eight(native("n", cpu).sized(4 << 20)),
			matchers: []*labels.Matcher{pod, cpuType, match(labels.MatchNotEqual, "service_name", "n")}, indexed: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := blocksOf(testBlock{id: "1", sets: test.sets})
			plan := build(t, store, query(tree, test.matchers...), queryplan.Options{})
			require.Equal(t, test.indexed, plan.Summary().Indexed)
			require.Equal(t, test.want, plan.Unsymbolized())
		})
	}
}
