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

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/queryplan/planbench"
)

// drawStore makes stores with incomplete labels, several tenants, data sets out
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

// possible says, from all labels that there are, whether a data set may hold
// matching series, and is to be found: a named service is asked for by its name,
// and a data set of which only a mark is known is passed over where the whole
// store is asked for a type.
func possible(q queryplan.Query, table []string, d *metastorev1.Dataset) bool {
	votes, named := 0, false
	for encoded := d.Labels; len(encoded) > 0; encoded = encoded[1+2*encoded[0]:] {
		set := make(map[string]string)
		for i := range encoded[0] {
			set[table[encoded[1+2*i]]] = table[encoded[2+2*i]]
		}
		_, mark := set["__unsymbolized__"]
		_, typed := set["__profile_type__"]
		_, ofService := set["service_name"]
		against := slices.ContainsFunc(q.Matchers, func(m *labels.Matcher) bool {
			value, there := set[m.Name]
			return there && !m.Matches(value)
		})
		named = named || ofService && !against
		if against || !mark || typed {
			votes++
		}
		if !against && (!mark || typed) && (ofService || !asksByName(q)) {
			return true
		}
	}
	switch {
	case asksByName(q):
		return votes == 0 && named
	case asksForTypeOnly(q):
		return false
	}
	return votes == 0
}

func asksByName(q queryplan.Query) bool {
	return slices.ContainsFunc(q.Matchers, func(m *labels.Matcher) bool {
		return m.Name == "service_name" && m.Type == labels.MatchEqual
	})
}

func asksForTypeOnly(q queryplan.Query) bool {
	return slices.ContainsFunc(q.Matchers, func(m *labels.Matcher) bool {
		return m.Name == "__profile_type__" && (m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp)
	}) && !slices.ContainsFunc(q.Matchers, func(m *labels.Matcher) bool {
		return m.Name == "service_name" && m.Type == labels.MatchRegexp && !m.Matches("")
	})
}

// unsatisfiable says that the matchers of drawQuery leave no value.
func unsatisfiable(q queryplan.Query) bool { return len(queryplan.Discovery(q)) == 0 }

// Every data set that may match is read exactly once, directly or by its index;
// and nothing of other tenants or times is read.
func TestEveryMatchIsReadOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, q := drawStore(t), drawQuery(t)
		if unsatisfiable(q) {
			return
		}
		plan := build(t, store, q, drawOptions(t))
		reads := readsOf(plan)
		for _, b := range store.Blocks {
			for i, d := range b.Datasets {
				owner := b.StringTable[d.Tenant]
				n := reads[place(b, i)]
				require.LessOrEqual(t, n, 1)
				if !slices.Contains(q.Tenants, owner) || d.MinTime > q.End || d.MaxTime < q.Start {
					require.Zero(t, n, "block %s, data set %d", b.Id, i)
					continue
				}
				if d.Format == 1 {
					continue
				}
				for j, index := range b.Datasets {
					if index.Format == 1 && b.StringTable[index.Tenant] == owner {
						n += reads[place(b, j)]
					}
				}
				if possible(q, b.StringTable, d) {
					if q.Queries[0] == labelNames && len(queryplan.Discovery(q)) == 1 && queryplan.Discovery(q)[0].Query == `{__tenant_dataset__="dataset_tsdb_index"}` && !hasIndex(b, owner, q) {
						continue // known from indexes alone: see the package's documentation
					}
					require.Equal(t, 1, n, "block %s, data set %d, %v: %v", b.Id, i, q.Matchers, b)
				}
			}
		}
		for _, leaf := range planbench.Leaves(requestOf(plan).GetQueryPlan().GetRoot()) {
			_, err := store.Fetched(q, leaf) // would fail where a query-backend cannot read it
			require.NoError(t, err)
		}
	})
}

func hasIndex(b *metastorev1.BlockMeta, owner string, q queryplan.Query) bool {
	return slices.ContainsFunc(b.Datasets, func(d *metastorev1.Dataset) bool {
		return d.Format == 1 && b.StringTable[d.Tenant] == owner && d.MinTime <= q.End && d.MaxTime >= q.Start
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
			if n.DataSets > 1 && n.Indexed == 0 {
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
