package queryplan_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/planbench"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// storeOf makes a block of each size, of one service.
func storeOf(sizes ...uint64) *planbench.Store {
	blocks := make([]testBlock, len(sizes))
	for i, size := range sizes {
		blocks[i] = testBlock{id: fmt.Sprintf("block-%06d", i), noIndex: true, sets: []testSet{set("a", cpu).sized(size)}}
	}
	return blocksOf(blocks...)
}

func repeat(n int, size uint64) []uint64 { return slices.Repeat([]uint64{size}, n) }

func TestShape(t *testing.T) {
	const mib = 1 << 20
	tests := []struct {
		name                  string
		sizes                 []uint64
		options               queryplan.Options
		leaves, merges, depth int
	}{
		{"little is one request", repeat(30, 10<<10), queryplan.Options{}, 1, 0, 1},
		{"one large dataset cannot be split", repeat(1, 100*mib), queryplan.Options{}, 1, 0, 1},
		{"more is shared", repeat(64, mib), queryplan.Options{}, 16, 1, 2},
		{"blocks of a leaf are bounded", repeat(300, 1), queryplan.Options{LeafBlocks: 50}, 6, 1, 2},
		{"bytes of a leaf are bounded", repeat(10, mib), queryplan.Options{LeafBytes: 2*mib + 100<<10}, 5, 1, 2},
		{"fan-in is bounded", repeat(9, 6*mib), queryplan.Options{LeafBytes: 7 * mib, FanIn: 3}, 9, 4, 3},
		{"and no level is too many", repeat(10, 6*mib), queryplan.Options{LeafBytes: 7 * mib, FanIn: 3}, 10, 7, 4},
		{"the default fan-in", repeat(128, 17*mib), queryplan.Options{}, 128, 1, 2},
		{"exceeded by one", repeat(129, 17*mib), queryplan.Options{}, 129, 3, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			plan := build(t, storeOf(test.sizes...), query(tree, equal("service_name", "a")), test.options)
			s := plan.Summary()
			require.Equal(t, []int{test.leaves, test.merges, test.depth}, []int{s.Leaves, s.Merges, s.Depth})
			require.Equal(t, len(test.sizes), s.Blocks)
			requireBounds(t, plan, test.options)
		})
	}
}

// Merges of large reports have fewer children, but not too few.
func TestFanInBySize(t *testing.T) {
	for nodes, want := range map[int64]int{1 << 13: 0, 1 << 17: 64, 1 << 20: 16, 0: 16, -1: 16} {
		q := query(&queryv1.Query{QueryType: queryv1.QueryType_QUERY_TREE, Tree: &queryv1.TreeQuery{MaxNodes: nodes}}, equal("service_name", "a"))
		plan := build(t, storeOf(repeat(128, 17<<20)...), q, queryplan.Options{})
		merges := 0
		if want > 0 {
			merges = 128 / want
		}
		require.Equal(t, 1+merges, plan.Summary().Merges, "%d nodes", nodes)
	}
}

// Leaves of blocks of very different sizes cost about the same; what is larger by
// itself is alone.
func TestLeavesAreBalanced(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	sizes := make([]uint64, 2000)
	for i := range sizes {
		sizes[i] = 1000 << random.IntN(11)
	}
	plan := build(t, storeOf(sizes...), query(tree, equal("service_name", "a")), queryplan.Options{LeafBlocks: 2000})
	var shared []uint64
	for _, n := range plan.Explain(nil).Nodes {
		if n.Type == "READ" && n.Blocks > 1 {
			shared = append(shared, n.EstimatedBytes)
		}
	}
	slices.Sort(shared)
	require.Greater(t, len(shared), 20)
	require.Less(t, float64(shared[len(shared)-1]), 1.3*float64(shared[len(shared)/2]))
	require.Greater(t, float64(shared[1]), 0.6*float64(shared[len(shared)/2]), "all but the last")
}

// A large block is shared among leaves by datasets.
func TestLargeBlockIsSplit(t *testing.T) {
	var sets []testSet
	for i := range 8 {
		sets = append(sets, set(fmt.Sprintf("service-%d", i), cpu).sized(5<<20))
	}
	plan := build(t, blocksOf(testBlock{id: "1", sets: sets}), query(tree), queryplan.Options{})
	s := plan.Summary()
	require.Equal(t, 1, s.Blocks)
	require.Equal(t, 4, s.Reads)
	require.Equal(t, 8, s.Datasets)
	require.LessOrEqual(t, s.LargestLeaf, uint64(queryplan.DefaultLeafBytes))
}

// Datasets of a service meet before those of different services do.
func TestServicesLieTogether(t *testing.T) {
	var blocks []testBlock
	for i := range 400 {
		service := string(rune('a' + i%4))
		blocks = append(blocks, testBlock{id: fmt.Sprintf("block-%03d", i), noIndex: true, sets: []testSet{set(service, cpu).sized(900 << 10)}})
	}
	plan := build(t, blocksOf(blocks...), query(tree), queryplan.Options{FanIn: 4})
	services := 0
	for _, n := range plan.Explain(nil).Nodes {
		services += len(n.Services)
	}
	leaves := plan.Summary().Leaves
	require.Greater(t, leaves, 20)
	require.LessOrEqual(t, services, leaves+3, "a leaf has another service's only where one ends")
}

// Seeds vary which request comes first, not what is read or how it is shared.
func TestSeed(t *testing.T) {
	store := storeOf(repeat(40, 6<<20)...)
	q := query(tree, equal("service_name", "a"))
	first := make(map[string]bool)
	var reads map[read]int
	for seed := range uint64(20) {
		q.Seed = seed
		plan := build(t, store, q, queryplan.Options{})
		first[planbench.Leaves(requestOf(plan).QueryPlan.Root)[0].Blocks[0].Id] = true
		if reads == nil {
			reads = readsOf(plan)
		}
		require.Equal(t, reads, readsOf(plan))
	}
	require.Greater(t, len(first), 5)
}

// The request asks for what the query asks for, and says no more of blocks than
// query-backends need.
func TestRequest(t *testing.T) {
	store := blocksOf(testBlock{id: "1", sets: []testSet{set("a", cpu, memory), set("b", cpu)}})
	q := query(tree, equal("service_name", "a"), equal("my.label", `"x"`))
	q.Diagnostics = true
	request := requestOf(build(t, store, q, queryplan.Options{}))
	require.Equal(t, []string{tenant}, request.Tenant)
	require.Equal(t, [2]int64{0, 1000}, [2]int64{request.StartTime, request.EndTime})
	require.Equal(t, `{service_name="a","my.label"="\"x\""}`, request.LabelSelector)
	require.Len(t, request.Query, 1)
	require.True(t, proto.Equal(q.Queries[0], request.Query[0]))
	require.True(t, request.Options.CollectDiagnostics)
	require.True(t, request.Options.SanitizeOnMerge)

	root := request.QueryPlan.Root
	require.Equal(t, queryv1.QueryNode_READ, root.Type)
	require.Len(t, root.Blocks, 1)
	b, listed := root.Blocks[0], store.Blocks[0]
	require.Equal(t, []string{"", tenant, "a"}, b.StringTable)
	require.Equal(t, []any{listed.Id, listed.Shard, listed.CompactionLevel, listed.Size}, []any{b.Id, b.Shard, b.CompactionLevel, b.Size})
	require.Zero(t, b.MetadataOffset)
	require.Len(t, b.Datasets, 1)
	require.Equal(t, listed.Datasets[0].TableOfContents, b.Datasets[0].TableOfContents)
	require.Equal(t, listed.Datasets[0].Size, b.Datasets[0].Size)
	require.Equal(t, tenant, b.StringTable[b.Datasets[0].Tenant])
	require.Empty(t, b.Datasets[0].Labels)
}

// Names of datasets are for people, and people read small plans.
func TestNamesOfDatasets(t *testing.T) {
	for name, test := range map[string]struct {
		blocks      int
		diagnostics bool
		named       bool
	}{
		"a plan that can be read": {100, false, true},
		"a large plan":            {5000, false, false},
		"one that is looked at":   {5000, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			blocks := make([]testBlock, test.blocks)
			for i := range blocks {
				blocks[i] = testBlock{id: fmt.Sprintf("block-%05d", i), sets: []testSet{set("a", cpu)}}
			}
			q := query(tree, equal("service_name", "a"))
			q.Diagnostics = test.diagnostics
			plan := build(t, blocksOf(blocks...), q, queryplan.Options{})
			leaves := planbench.Leaves(requestOf(plan).GetQueryPlan().GetRoot())
			block := leaves[0].GetBlocks()[0]
			require.Equal(t, test.named, block.GetStringTable()[block.GetDatasets()[0].GetName()] == "a")
			require.Equal(t, test.blocks, plan.Summary().Blocks)
		})
	}
}

// Datasets of a service and shard lie together, one tenant's before another's,
// and then by time, whatever order the metastore lists them in. Of more groups
// than there is room to tell apart, nothing is lost.
func TestOrderOfReads(t *testing.T) {
	for _, shards := range []uint32{1, 1 << 20} {
		var blocks []testBlock
		for i := range 60 {
			s := set(fmt.Sprintf("service-%d", i%5), cpu)
			blocks = append(blocks, testBlock{id: fmt.Sprintf("block-%02d", i*7%60), from: int64(i-90) * 10_000, shard: uint32(i/5%3) * shards, noIndex: true, sets: []testSet{s}})
		}
		store := blocksOf(blocks...)
		rand.New(rand.NewPCG(3, 3)).Shuffle(len(store.Blocks), func(i, j int) {
			store.Blocks[i], store.Blocks[j] = store.Blocks[j], store.Blocks[i]
		})
		from := make(map[string]int64)
		for _, b := range store.Blocks {
			from[b.Id] = b.MinTime
		}
		plan := build(t, store, query(tree, match(labels.MatchRegexp, "service_name", "service-.*")), queryplan.Options{})
		read := planbench.Leaves(requestOf(plan).GetQueryPlan().GetRoot())
		require.Equal(t, 1, len(read))
		require.True(t, slices.IsSortedFunc(read[0].Blocks, func(a, b *metastorev1.BlockMeta) int {
			return cmp.Or(
				strings.Compare(a.StringTable[a.Datasets[0].Name], b.StringTable[b.Datasets[0].Name]),
				cmp.Compare(a.Shard, b.Shard),
				cmp.Compare(from[a.Id], from[b.Id]),
			)
		}), "shards up to %d", 2*shards)
		require.Equal(t, 60, len(read[0].Blocks))
	}
}

// In a plan too large for names, and in one that has them, blocks of one tenant
// and of several, and marked ones, refer to the right strings.
func TestTenantsAndMarksOfALargePlan(t *testing.T) {
	other := set("b", cpu)
	other.tenant = "tenant-b"
	kinds := []testBlock{
		{sets: []testSet{set("a", cpu)}},
		{tenant: tenant, sets: []testSet{set("a", cpu)}},
		{sets: []testSet{set("a", cpu), other}},
		{tenant: "tenant-b", sets: []testSet{other}},
		{tenant: "tenant-b", sets: []testSet{set("a", cpu)}},
		{sets: []testSet{set("a", cpu).with("__unsymbolized__", "true"), set("b", cpu)}},
	}
	for _, n := range []int{len(kinds), 5000} {
		store := new(planbench.Store)
		want := make(map[anyRead]int)
		marked := 0
		for i := range n {
			b := kinds[i%len(kinds)]
			b.id, b.noIndex = fmt.Sprintf("block-%05d", i), true
			meta := b.metadata()
			store.Blocks = append(store.Blocks, meta)
			for j := range meta.Datasets {
				want[anyReadOf(meta, j)] = 1
			}
			if i%len(kinds) == len(kinds)-1 {
				marked++
			}
		}
		q := query(tree, match(labels.MatchRegexp, "service_name", "a|b"))
		q.Tenants = []string{tenant, "tenant-b"}
		plan := build(t, store, q, queryplan.Options{})
		require.Equal(t, want, readsOfAny(plan))
		for _, leaf := range planbench.Leaves(requestOf(plan).GetQueryPlan().GetRoot()) {
			for _, b := range leaf.Blocks {
				for _, d := range b.Datasets {
					if len(d.Labels) > 0 {
						require.Equal(t, []string{"__unsymbolized__", "true"}, []string{b.StringTable[d.Labels[1]], b.StringTable[d.Labels[2]]})
						marked--
					}
				}
			}
		}
		require.Zero(t, marked)
	}
}
