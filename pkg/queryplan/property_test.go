package queryplan_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/planbench"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// drawStore makes stores with incomplete labels, several tenants, datasets out
// of range, blocks without an index, and sizes on both sides of every limit.
func drawStore(t *rapid.T) *planbench.Store {
	var blocks []testBlock
	for i := range rapid.IntRange(0, 12).Draw(t, "blocks") {
		b := testBlock{
			id:       fmt.Sprintf(rapid.SampledFrom([]string{"block-%d", "01KA7Z%020d", "01KB7Z%019dA"}).Draw(t, "id"), i),
			from:     rapid.SampledFrom([]int64{0, -5000, -1 << 20, math.MinInt64}).Draw(t, "from"),
			shard:    rapid.SampledFrom([]uint32{0, 1, 7, 1 << 31}).Draw(t, "shard"),
			noIndex:  rapid.Bool().Draw(t, "no index"),
			noOffset: rapid.Float64().Draw(t, "no offset") < 0.2,
		}
		for range rapid.IntRange(1, 6).Draw(t, "sets") {
			s := testSet{
				tenant:  rapid.SampledFrom([]string{tenant, tenant, tenant, "tenant-b"}).Draw(t, "tenant"),
				service: rapid.SampledFrom([]string{"a", "ab", "b"}).Draw(t, "service"),
				min:     rapid.Int64Range(0, 1500).Draw(t, "from"),
				size:    rapid.SampledFrom([]uint64{0, 10, 5000, 600 << 10, 3 << 20}).Draw(t, "size"),
			}
			s.max = s.min + rapid.Int64Range(0, 500).Draw(t, "for")
			for range rapid.IntRange(1, 4).Draw(t, "label sets") {
				s.labels = append(s.labels, drawLabels(t, s.service))
			}
			b.sets = append(b.sets, s)
		}
		// As writers have it: by tenant.
		slices.SortStableFunc(b.sets, func(x, y testSet) int { return len(x.tenant) - len(y.tenant) })
		blocks = append(blocks, b)
	}
	return blocksOf(blocks...)
}

func drawLabels(t *rapid.T, service string) []string {
	var pairs []string
	if rapid.Float64().Draw(t, "service") < 0.8 {
		pairs = append(pairs, "service_name", service)
	}
	switch rapid.IntRange(0, 5).Draw(t, "type") {
	case 0:
	case 1:
		pairs = append(pairs, "__unsymbolized__", "true")
	case 2, 3:
		pairs = append(pairs, "__profile_type__", cpu)
	default:
		pairs = append(pairs, "__profile_type__", memory)
	}
	return pairs
}

func drawQuery(t *rapid.T) queryplan.Query {
	pool := []*labels.Matcher{
		equal("service_name", "a"),
		match(labels.MatchRegexp, "service_name", "a|b"),
		match(labels.MatchRegexp, "service_name", "a.*"),
		match(labels.MatchRegexp, "service_name", ".*"),
		match(labels.MatchNotEqual, "service_name", "b"),
		match(labels.MatchNotRegexp, "service_name", "a.+"),
		equal("__profile_type__", cpu),
		match(labels.MatchRegexp, "__profile_type__", "memory.*"),
		match(labels.MatchNotEqual, "__profile_type__", cpu),
		equal("pod", "p"),
		match(labels.MatchNotEqual, "region", "r"),
	}
	q := query(rapid.SampledFrom([]*queryv1.Query{tree, series, labelNames}).Draw(t, "query"))
	q.Matchers = rapid.SliceOfNDistinct(rapid.SampledFrom(pool), 0, 3, func(m *labels.Matcher) string { return m.String() }).Draw(t, "matchers")
	q.Start = rapid.Int64Range(0, 900).Draw(t, "start")
	q.End = q.Start + rapid.Int64Range(0, 1000).Draw(t, "length")
	q.Seed = rapid.Uint64().Draw(t, "seed")
	if rapid.Bool().Draw(t, "both tenants") {
		q.Tenants = append(q.Tenants, "tenant-b")
	}
	return q
}

func drawOptions(t *rapid.T) queryplan.Options {
	return queryplan.Options{
		LeafBytes:  rapid.Uint64Range(0, 8<<20).Draw(t, "leaf bytes"),
		LeafBlocks: rapid.IntRange(0, 4).Draw(t, "leaf blocks"),
		FanIn:      rapid.IntRange(0, 4).Draw(t, "fan-in"),
	}
}

// Whatever the labels say, no dataset is read twice, directly or by its index and
// directly, none of other tenants or times is read, and query-backends can read what
// is planned. That nothing is left out is told by data: see
// TestPlansReadWhatWasIngested.
func TestNothingIsReadTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, q := drawStore(t), drawQuery(t)
		plan := build(t, store, q, drawOptions(t))
		reads := readsOf(plan)
		for _, b := range store.Blocks {
			indexed := make(map[string]bool)
			for i, d := range b.Datasets {
				if d.Format == 1 && reads[place(b, i)] > 0 {
					indexed[b.StringTable[d.Tenant]] = true
				}
			}
			for i, d := range b.Datasets {
				owner, n := b.StringTable[d.Tenant], reads[place(b, i)]
				require.LessOrEqual(t, n, 1)
				if !slices.Contains(q.Tenants, owner) || d.MinTime > q.End || d.MaxTime < q.Start {
					require.Zero(t, n, "block %s, dataset %d", b.Id, i)
				}
				if d.Format == 0 && indexed[owner] {
					require.Zero(t, n, "block %s, dataset %d is behind the index", b.Id, i)
				}
			}
		}
		for _, leaf := range planbench.Leaves(requestOf(plan).GetQueryPlan().GetRoot()) {
			_, err := store.Fetched(q, leaf) // would fail where a query-backend cannot read it
			require.NoError(t, err)
		}
	})
}

// No plan exceeds its bounds, whatever the input, and its blocks are messages.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawOptions(t)
		plan := build(t, drawStore(t), drawQuery(t), o)
		requireBounds(t, plan, o)
		requireWire(t, plan)
	})
}

func requireBounds(t require.TestingT, plan *queryplan.Plan, o queryplan.Options) {
	if o.LeafBytes == 0 {
		o.LeafBytes = queryplan.DefaultLeafBytes
	}
	if o.LeafBlocks == 0 {
		o.LeafBlocks = queryplan.DefaultLeafBlocks
	}
	if o.FanIn < 2 {
		o.FanIn = queryplan.DefaultFanIn
	}
	explained := plan.Explain(nil)
	for _, n := range explained.Nodes {
		if n.Type == "READ" {
			require.LessOrEqual(t, n.Blocks, o.LeafBlocks)
			require.NotZero(t, n.Blocks)
			if n.Datasets > 1 && n.Indexed == 0 {
				require.LessOrEqual(t, n.EstimatedBytes, o.LeafBytes, n)
			}
		}
	}
	children := make(map[string]int)
	for _, edge := range explained.Edges {
		children[edge.Target]++
	}
	for id, n := range children {
		require.LessOrEqual(t, n, o.FanIn, id)
	}
	reach := 1
	for range explained.Summary.Depth - 1 {
		require.Less(t, reach, explained.Summary.Leaves, "a level too many")
		reach *= o.FanIn
	}
}

// The same input makes the same plan, to the byte; another order of the input
// reads the same.
func TestDeterminism(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, q, o := drawStore(t), drawQuery(t), drawOptions(t)
		first, second := build(t, store, q, o), build(t, store, q, o)
		encode := proto.MarshalOptions{Deterministic: true}
		a, err := encode.Marshal(first.Request())
		require.NoError(t, err)
		b, err := encode.Marshal(second.Request())
		require.NoError(t, err)
		require.Equal(t, a, b)
		require.Equal(t, first.Explain(nil).Text(), second.Explain(nil).Text())

		shuffled := &planbench.Store{Blocks: rapid.Permutation(store.Blocks).Draw(t, "order")}
		third, err := encode.Marshal(build(t, shuffled, q, o).Request())
		require.NoError(t, err)
		require.Equal(t, a, third)
	})
}

// The answers are not changed, and may be given twice: nothing is read twice.
func TestAnswersGivenTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, q := drawStore(t), drawQuery(t)
		answers, err := store.Answer(queryplan.Discovery(q))
		require.NoError(t, err)
		var before []string
		for _, answer := range answers {
			before = append(before, string(answer.Response))
		}
		once, err := queryplan.Build(q, answers, queryplan.Options{})
		require.NoError(t, err)
		twice, err := queryplan.Build(q, append(answers, answers...), queryplan.Options{})
		require.NoError(t, err)
		require.Equal(t, readsOf(once), readsOf(twice))
		for i := range answers {
			require.Equal(t, before[i], string(answers[i].Response))
		}
	})
}
