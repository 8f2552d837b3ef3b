package planbench

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// The baseline stands for Pyroscope's query-frontend: it plans the same blocks,
// and costs what query-backends reported, to the byte.
func TestBaselineIsPyroscopesFrontend(t *testing.T) {
	store, cases, err := LoadCorpus()
	require.NoError(t, err)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			answer, err := store.QueryMetadata(BaselineDiscovery(c.Query))
			require.NoError(t, err)
			request := BaselinePlan(c.Query, answer)
			require.Equal(t, blockIDs(t, Leaves(c.Recorded.QueryPlan.Root)), blockIDs(t, Leaves(request.QueryPlan.Root)))
			require.Len(t, Leaves(request.QueryPlan.Root), len(Leaves(c.Recorded.QueryPlan.Root)))
			if c.BytesFetched == 0 {
				return // it failed
			}
			cost, err := store.CostOf(c.Query, request)
			require.NoError(t, err)
			if slices.Contains([]string{"stacktraces_4_0", "timeseries_4"}, c.Name) {
				// Metadata does not know what pod!="search-0" leaves out.
				require.Greater(t, cost.Bytes, c.BytesFetched)
				return
			}
			require.Equal(t, c.BytesFetched, cost.Bytes)
		})
	}
}

// Over the corpus the planner keeps the goals that docs/performance.md states.
func TestCorpusGoals(t *testing.T) {
	store, cases, err := LoadCorpus()
	require.NoError(t, err)
	compared, err := CompareCorpus(store, cases)
	require.NoError(t, err)
	var ours, baseline Cost
	for _, c := range compared {
		require.LessOrEqual(t, c.Ours.Bytes, c.Baseline.Bytes, c.Name)
		require.LessOrEqual(t, c.Ours.Blocks, c.Baseline.Blocks, c.Name)
		ours, baseline = ours.plus(c.Ours), baseline.plus(c.Baseline)
	}
	t.Logf("bytes %.3f blocks %.3f", ratio(ours.Bytes, baseline.Bytes), ratio(ours.Blocks, baseline.Blocks))
	require.LessOrEqual(t, ratio(ours.Bytes, baseline.Bytes), 0.65)
	require.LessOrEqual(t, ratio(ours.Blocks, baseline.Blocks), 0.75)
}

func blockIDs(t *testing.T, leaves []*queryv1.QueryNode) []string {
	t.Helper()
	var ids []string
	for _, leaf := range leaves {
		for _, b := range leaf.Blocks {
			ids = append(ids, b.Id)
		}
	}
	slices.Sort(ids)
	return ids
}
