package queryplan_test

import (
	"context"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// buildAll plans over metadata as it is, with no metastore that filters it.
func buildAll(t *testing.T, q queryplan.Query, blocks ...*metastorev1.BlockMeta) *queryplan.Plan {
	t.Helper()
	plan, err := queryplan.Build(q, encode(t, &metastorev1.QueryMetadataResponse{Blocks: blocks}), queryplan.Options{})
	require.NoError(t, err)
	return plan
}

func TestDropOtherTenants(t *testing.T) {
	other := set("a", cpu)
	other.tenant = "tenant-b"
	store := blocksOf(
		testBlock{id: "1", sets: []testSet{set("a", cpu), other}},
		testBlock{id: "2", sets: []testSet{other}})
	plan := buildAll(t, query(tree, equal("service_name", "a")), store.Blocks...)
	requireReads(t, store, plan, map[string][]int{"1": {0}})
	require.Equal(t, 4, droppedBy(plan, "tenants"))
}

// A block of another tenant is not read whatever its datasets say.
func TestDropBlocksOfOtherTenants(t *testing.T) {
	store := blocksOf(
		testBlock{id: "1", tenant: "tenant-b", sets: []testSet{set("a", cpu)}},
		testBlock{id: "2", tenant: tenant, sets: []testSet{set("a", cpu)}},
		testBlock{id: "3", sets: []testSet{set("a", cpu)}})
	plan := buildAll(t, query(tree, equal("service_name", "a")), store.Blocks...)
	requireReads(t, store, plan, map[string][]int{"2": {0}, "3": {0}})
	require.Equal(t, 2, droppedBy(plan, "tenants"))
}

// Explain names the rules in their order, and says what each has dropped.
func TestRulesAreNamed(t *testing.T) {
	other := set("a", cpu)
	other.tenant = "tenant-b"
	late := set("late", cpu)
	late.min, late.max = 2000, 3000
	unknown := testSet{service: "u"}.with("service_name", "u", "__unsymbolized__", "true")
	one := testBlock{id: "1", sets: []testSet{set("a", cpu), set("b", memory), other, late}}.metadata()
	one.Datasets = append(one.Datasets, one.Datasets[0])
	two := testBlock{id: "2", noIndex: true, sets: []testSet{unknown}}.metadata()
	plan := buildAll(t, query(tree, equal("__profile_type__", cpu)), one, two)
	text := plan.Explain(nil).Text()
	var lines []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  dropped") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	require.Equal(t, []string{
		"dropped by duplicates: 1 dataset listed twice",
		"dropped by tenants: 2 datasets of other tenants",
		"dropped by time range: 1 dataset outside the time range",
		"dropped by labels: 1 dataset of other services or profile types",
		"dropped by unsymbolized: 1 dataset of blocks without the profile type",
		"dropped by access path: 1 dataset read by another path",
	}, lines, text)
}

// Whoever does not wait any more ends planning, with an error of its own.
func TestInterrupted(t *testing.T) {
	answers := encode(t, &metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{testBlock{id: "1", sets: []testSet{set("a", cpu)}}.metadata()}})
	for _, after := range []int{0, 1} { // of blocks, and of values
		asked := 0
		_, err := queryplan.Build(query(tree, equal("service_name", "a")), answers, queryplan.Options{Interrupted: func() error {
			if asked++; asked > after {
				return context.Canceled
			}
			return nil
		}})
		require.Equal(t, context.Canceled, err, "asked %d times", asked)
	}
}

// The range is inclusive on both sides.
func TestDropOutsideRange(t *testing.T) {
	at := func(min, max int64) testSet { s := set("a", cpu); s.min, s.max = min, max; return s }
	store := blocksOf(testBlock{id: "1", noIndex: true, sets: []testSet{
		at(50, 99), at(50, 100), at(120, 150), at(200, 300), at(201, 300), at(50, 300)}})
	q := query(tree, equal("service_name", "a"))
	q.Start, q.End = 100, 200
	plan := buildAll(t, q, store.Blocks...)
	requireReads(t, store, plan, map[string][]int{"1": {1, 2, 3, 5}})
	require.Equal(t, 2, droppedBy(plan, "time range"))
}

func TestPruneByLabels(t *testing.T) {
	store := blocksOf(testBlock{id: "1", noIndex: true, sets: []testSet{
		set("a", cpu, memory), set("a", memory), set("b", cpu), set("ab", cpu)}})
	tests := []struct {
		name     string
		matchers []*labels.Matcher
		want     []int
	}{
		{"none", nil, []int{0, 1, 2, 3}},
		{"service", []*labels.Matcher{equal("service_name", "a")}, []int{0, 1}},
		{"type", []*labels.Matcher{equal("__profile_type__", cpu)}, []int{0, 2, 3}},
		{"both, in one label set", []*labels.Matcher{equal("service_name", "a"), equal("__profile_type__", cpu)}, []int{0}},
		{"expression", []*labels.Matcher{match(labels.MatchRegexp, "service_name", "a.*")}, []int{0, 1, 3}},
		{"not a service", []*labels.Matcher{match(labels.MatchNotEqual, "service_name", "a")}, []int{2, 3}},
		{"not an expression", []*labels.Matcher{match(labels.MatchNotRegexp, "__profile_type__", "process.*")}, []int{0, 1}},
		{"a label of the data", []*labels.Matcher{equal("pod", "a")}, []int{0, 1, 2, 3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := map[string][]int{"1": test.want}
			requireReads(t, store, buildAll(t, query(tree, test.matchers...), store.Blocks...), want)
			requireReads(t, store, build(t, store, query(tree, test.matchers...), queryplan.Options{}), want)
		})
	}
}

// Blocks whose labels are written alike, with as many strings, are told apart by
// what the strings say: what is known of one block says nothing of the next.
func TestPruneBlocksThatLookAlike(t *testing.T) {
	block := func(id, service, profileType string) testBlock {
		return testBlock{id: id, noIndex: true, sets: []testSet{set(service, profileType)}}
	}
	plan := build(t, blocksOf(
		block("1", "a", cpu), block("2", "a", memory), block("3", "b", cpu), block("4", "a", cpu), block("5", "c", cpu),
	), query(tree, match(labels.MatchRegexp, "service_name", "a|b"), equal("__profile_type__", cpu)), queryplan.Options{})
	var ids []string
	for _, b := range requestOf(plan).QueryPlan.Root.Blocks {
		ids = append(ids, b.Id)
	}
	require.ElementsMatch(t, []string{"1", "3", "4"}, ids)
}

// A block in two answers, with some of its datasets in each, is one block; a
// dataset in both is read once, and what either says of it counts.
func TestDropDuplicates(t *testing.T) {
	full := testBlock{id: "1", shard: 7, noIndex: true, sets: []testSet{set("a", cpu), set("b", cpu), set("c", memory)}}.metadata()
	first := testBlock{id: "1", shard: 7, noIndex: true, sets: []testSet{set("a", cpu), set("b", memory), set("c", memory)}}.metadata()
	second := testBlock{id: "1", shard: 7, noIndex: true, sets: []testSet{set("a", cpu), set("b", cpu), set("c", memory)}}.metadata()
	second.Datasets = second.Datasets[1:]
	elsewhere := testBlock{id: "1", noIndex: true, sets: []testSet{set("a", cpu)}}.metadata()
	elsewhere.Shard = 8
	plan := buildAll(t, query(tree, equal("__profile_type__", cpu)), first, elsewhere, second)
	require.Equal(t, 2, droppedBy(plan, "duplicates"))
	blocks := requestOf(plan).QueryPlan.Root.Blocks
	require.Len(t, blocks, 2)
	require.Equal(t, uint32(7), blocks[0].Shard)
	require.Equal(t, full.Datasets[0].TableOfContents, blocks[0].Datasets[0].TableOfContents)
	require.Equal(t, full.Datasets[1].TableOfContents, blocks[0].Datasets[1].TableOfContents)
	require.Len(t, blocks[0].Datasets, 2)
	require.Equal(t, uint32(8), blocks[1].Shard)
}

func TestChooseAccess(t *testing.T) {
	many := func(n int, size uint64) []testSet {
		sets := make([]testSet, n)
		for i := range sets {
			sets[i] = set(string(rune('a'+i)), cpu).sized(size)
		}
		return sets
	}
	const index = -1
	tests := []struct {
		name  string
		block testBlock
		query queryplan.Query
		want  []int // index: the last dataset
	}{
		{"all is wanted: an index only adds to it", testBlock{sets: many(8, 4<<20)}, query(tree), []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"names need the index alone", testBlock{sets: many(8, 4<<20)}, query(labelNames), []int{index}},
		{"names of a type: the same", testBlock{sets: many(8, 4<<20)}, query(labelNames, equal("__profile_type__", cpu)), []int{index}},
		{"a type that is not there: nothing", testBlock{sets: many(8, 4<<20)}, query(labelNames, equal("__profile_type__", memory)), nil},
		{"names of some services: the index stands for them", testBlock{sets: many(8, 4<<20)}, query(labelNames, match(labels.MatchRegexp, "service_name", "a|b")), []int{index}},
		{"names of services by expression: the same", testBlock{sets: many(8, 4<<20)}, query(labelNames, match(labels.MatchRegexp, "service_name", "[a-c]+")), []int{index}},
		{"names of one service: its dataset", testBlock{sets: many(8, 4<<20)}, query(labelNames, equal("service_name", "a")), []int{0}},
		{"names of services that are not there: nothing", testBlock{sets: many(8, 4<<20)}, query(labelNames, match(labels.MatchRegexp, "service_name", "x|y")), nil},
		{"names without an index", testBlock{sets: many(2, 4<<20), noIndex: true}, query(labelNames, equal("__profile_type__", cpu)), []int{0, 1}},
		{"a pod among many services: the index finds it", testBlock{sets: many(8, 4<<20)}, query(tree, equal("pod", "p")), []int{index}},
		{"a pod of one service", testBlock{sets: many(1, 4<<20)}, query(tree, equal("pod", "p")), []int{0}},
		{"all but a pod", testBlock{sets: many(8, 4<<20)}, query(tree, match(labels.MatchNotEqual, "pod", "p")), []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"a pod or none", testBlock{sets: many(8, 4<<20)}, query(tree, match(labels.MatchRegexp, "pod", "p|")), []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"an index that leads nowhere", testBlock{sets: many(8, 4<<20), noOffset: true}, query(tree, equal("pod", "p")), []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"two small ones: the block is fetched once for either", testBlock{sets: many(2, 1000)}, query(tree, equal("pod", "p")), []int{0, 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.block.id = "1"
			store := blocksOf(test.block)
			want := test.want
			if len(want) == 1 && want[0] == index {
				want = []int{len(test.block.sets)}
			}
			plan := build(t, store, test.query, queryplan.Options{})
			requireReads(t, store, plan, map[string][]int{"1": want})
			if len(want) > 0 && want[0] == len(test.block.sets) {
				block := requestOf(plan).QueryPlan.Root.Blocks[0]
				require.Equal(t, store.Blocks[0].MetadataOffset, block.MetadataOffset, "the query-backend looks there")
				require.Equal(t, 1, plan.Summary().Indexed)
			}
		})
	}
}

// The bytes of a plan are by the sections that any of its queries reads.
func TestBytesBySections(t *testing.T) {
	large := testBlock{id: "1", noIndex: true, sets: []testSet{set("a", cpu).sized(4 << 20)}}
	for name, test := range map[string]struct {
		queries []*queryv1.Query
		bytes   uint64
	}{
		"series index":                      {[]*queryv1.Query{labelNames}, 1 << 20},
		"and profiles":                      {[]*queryv1.Query{series}, 3 << 20},
		"and symbols":                       {[]*queryv1.Query{tree}, 4 << 20},
		"of all queries":                    {[]*queryv1.Query{labelNames, series}, 3 << 20},
		"unknown queries might read it all": {[]*queryv1.Query{{QueryType: 99}}, 4 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			q := query(nil)
			q.Queries = test.queries
			require.Equal(t, test.bytes, buildAll(t, q, large.metadata()).Summary().Bytes)
		})
	}
}

// A block that is read by its index costs the index, the block's metadata to find
// datasets by, and the quarter of them that a matcher is taken to leave.
func TestBytesByIndex(t *testing.T) {
	block := testBlock{id: "1", sets: []testSet{set("a", cpu).sized(4 << 20), set("b", cpu).sized(4 << 20), set("c", cpu).sized(4 << 20), set("d", cpu).sized(4 << 20)}}
	const index, metadata = 100, 50
	for name, test := range map[string]struct {
		query queryplan.Query
		bytes uint64
	}{
		"the index alone":   {query(labelNames), index},
		"what it leads to":  {query(tree, equal("pod", "p")), index + metadata + 4<<20},
		"datasets directly": {query(tree), 16 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.bytes, buildAll(t, test.query, block.metadata()).Summary().Bytes)
		})
	}
}

// A dataset that one listing of a block has twice is read once.
func TestDatasetListedTwice(t *testing.T) {
	b := testBlock{id: "1", noIndex: true, sets: []testSet{set("a", memory), set("b", cpu)}}.metadata()
	b.Datasets = append(b.Datasets, b.Datasets[0], b.Datasets[1])
	plan := buildAll(t, query(tree, equal("__profile_type__", cpu)), b)
	require.Equal(t, 2, droppedBy(plan, "duplicates"))
	require.Equal(t, map[read]int{place(b, 1): 1}, readsOf(plan))
}

func TestSectionsOf(t *testing.T) {
	for name, test := range map[string]struct {
		set  *metastorev1.Dataset
		want queryplan.Sections
	}{
		"dataset":      {&metastorev1.Dataset{TableOfContents: []uint64{10, 40, 60}, Size: 90}, queryplan.Sections{Profiles: 30, TSDB: 20, Symbols: 40}},
		"index":        {&metastorev1.Dataset{Format: 1, TableOfContents: []uint64{10}, Size: 90}, queryplan.Sections{TSDB: 90}},
		"no contents":  {&metastorev1.Dataset{Size: 90}, queryplan.Sections{Profiles: 90}},
		"out of order": {&metastorev1.Dataset{TableOfContents: []uint64{40, 10, 60}, Size: 90}, queryplan.Sections{Profiles: 90}},
		"too long":     {&metastorev1.Dataset{TableOfContents: []uint64{10, 40, 101}, Size: 90}, queryplan.Sections{Profiles: 90}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, queryplan.SectionsOf(test.set))
			require.Equal(t, uint64(90), test.want.Total())
		})
	}
}
