package queryplan_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

func explained(t *testing.T) *queryplan.Plan {
	t.Helper()
	store := blocksOf(
		testBlock{id: "1", sets: []testSet{set("a", cpu).sized(5 << 20), set("b", memory).sized(5 << 20)}},
		testBlock{id: "2", sets: []testSet{set("a", cpu).sized(6 << 20)}},
		testBlock{id: "3", sets: []testSet{set("c", cpu).sized(7 << 20)}})
	store.Blocks[2].CompactionLevel = 3
	q := query(tree, equal("__profile_type__", cpu))
	q.Seed = 4
	return build(t, store, q, queryplan.Options{LeafBytes: 8 << 20})
}

func TestExplainText(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(explained(t).Explain(nil).Text()), "\n")
	require.Equal(t, `QUERY_TREE for {__profile_type__="`+cpu+`"} of tenant-a, 1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z`, lines[0])
	require.Contains(t, lines[1], `metadata: {__profile_type__="`)
	require.Equal(t, []string{
		`metadata: {__profile_type__!~".+"}`,
		"listed: 6 datasets",
		"  dropped by access path: 3 datasets read by another path",
		"plan: 18 MiB, 3 blocks, 3 leaves in 2 levels, 1 merge",
		"Merge 3 nodes: 3 blocks, 3 datasets, 18 MiB",
	}, lines[2:7])
	require.ElementsMatch(t, []string{
		"  Read a: 1 block, 1 dataset, 5.0 MiB, levels 1×L0",
		"  Read a: 1 block, 1 dataset, 6.0 MiB, levels 1×L0",
		"  Read c: 1 block, 1 dataset, 7.0 MiB, levels 1×L3",
	}, lines[7:])
}

func TestExplainGraph(t *testing.T) {
	e := explained(t).Explain(nil)
	require.Len(t, e.Nodes, 4)
	require.Equal(t, "0", e.Nodes[0].ID)
	require.Equal(t, uint64(18<<20), e.Nodes[0].EstimatedBytes)
	for i, edge := range e.Edges {
		require.Equal(t, queryplan.ExplainedEdge{ID: e.Nodes[i+1].ID + "-0", Source: e.Nodes[i+1].ID, Target: "0"}, edge)
	}
	encoded, err := json.Marshal(e)
	require.NoError(t, err)
	var decoded queryplan.Explanation
	require.NoError(t, json.Unmarshal(encoded, &decoded))
	decoded.Summary.LeastBytes = e.Summary.LeastBytes // is not for people
	require.Equal(t, *e, decoded)
}

// What came of a node stands beside its estimate.
func TestExplainExecution(t *testing.T) {
	plan := explained(t)
	request := requestOf(plan)
	leaf := func(block string) *queryv1.ExecutionNode {
		return &queryv1.ExecutionNode{
			Type: queryv1.QueryNode_READ, Executor: "backend-" + block, StartTimeNs: 1000, EndTimeNs: 2_001_000,
			Stats: &queryv1.ExecutionStats{
				BytesFetched: 1 << 20, BlocksRead: 1, DatasetsProcessed: 1,
				BlockExecutions: []*queryv1.BlockExecution{{BlockId: block}},
			},
		}
	}
	root := &queryv1.ExecutionNode{
		Type: queryv1.QueryNode_MERGE, Executor: "backend-0", EndTimeNs: 5_000_000,
		Stats: &queryv1.ExecutionStats{BytesFetched: 3 << 20},
	}
	for _, child := range request.QueryPlan.Root.Children {
		root.Children = append(root.Children, leaf(child.Blocks[0].Id))
	}
	check := func(t *testing.T, reported int) {
		e := plan.Explain(&queryv1.Diagnostics{ExecutionNode: root})
		require.Equal(t, &queryplan.NodeExecution{Executor: "backend-0", Duration: 5 * time.Millisecond, FetchedBytes: 3 << 20}, e.Nodes[0].Execution)
		for i, child := range request.QueryPlan.Root.Children {
			x := e.Nodes[i+1].Execution
			if i >= len(request.QueryPlan.Root.Children)-reported {
				require.NotNil(t, x)
				require.Equal(t, "backend-"+child.Blocks[0].Id, x.Executor)
				require.Equal(t, 2*time.Millisecond, x.Duration)
				continue
			}
			require.Nil(t, x)
		}
		require.Contains(t, e.Text(), "fetched 1.0 MiB in 2ms on backend-")
	}
	t.Run("all", func(t *testing.T) { check(t, 3) })
	t.Run("the first child reported nothing", func(t *testing.T) {
		root.Children = root.Children[1:]
		check(t, 2)
	})
}
