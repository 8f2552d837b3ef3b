package planbench

import (
	"testing"

	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

func leavesUnder(n int) *queryv1.QueryNode {
	root := &queryv1.QueryNode{Type: queryv1.QueryNode_MERGE}
	for range n {
		root.Children = append(root.Children, &queryv1.QueryNode{Type: queryv1.QueryNode_READ})
	}
	return root
}

func TestSimulate(t *testing.T) {
	const second = 100_000_000 // bytes
	for _, roundRobin := range []bool{false, true} {
		c := Cluster{Backends: 2, RoundRobin: roundRobin}
		// Two leaves each, one after the other.
		even := c.Simulate(leavesUnder(4), []uint64{second, second, second, second})
		require.InDelta(t, 2.0+3*requestSeconds+2*reportSeconds, even.Seconds, 1e-6)
		require.InDelta(t, 2.0+2*requestSeconds, even.Bound, 1e-6)
		// The largest leaf decides.
		one := c.Simulate(leavesUnder(3), []uint64{8 * second, 0, 0})
		require.InDelta(t, 8.0+requestSeconds, one.Bound, 1e-6)
	}
	// A leaf alone is no merge.
	alone := Cluster{Backends: 3}.Simulate(&queryv1.QueryNode{Type: queryv1.QueryNode_READ}, []uint64{second})
	require.InDelta(t, 1.0+requestSeconds, alone.Seconds, 1e-6)
	require.InDelta(t, alone.Bound, alone.Seconds, 1e-6)
}

// No policy beats the bound, which is that of the leaves alone.
func TestPolicies(t *testing.T) {
	bytes := make([]uint64, 40)
	for i := range bytes {
		bytes[i] = uint64(1+i%7) * 1_000_000
	}
	for seed := range uint64(20) {
		free := Cluster{Backends: 5, Seed: seed}.Simulate(leavesUnder(40), bytes)
		turns := Cluster{Backends: 5, RoundRobin: true, Seed: seed}.Simulate(leavesUnder(40), bytes)
		require.Equal(t, free.Bound, turns.Bound)
		require.GreaterOrEqual(t, free.Seconds, free.Bound)
		require.GreaterOrEqual(t, turns.Seconds, turns.Bound)
	}
}

func TestSyntheticStore(t *testing.T) {
	s := Synthetic{Blocks: 300, Seed: 1, Services: 20, Median: 1 << 20}
	store := s.Generate()
	require.Equal(t, store, s.Generate())
	levels := make(map[uint32]int)
	for _, b := range store.Blocks {
		levels[b.CompactionLevel]++
		require.GreaterOrEqual(t, b.Size, uint64(1<<20/100))
		end := uint64(0)
		for _, d := range b.Datasets {
			require.Equal(t, end, d.TableOfContents[0])
			end += d.Size
		}
		require.Equal(t, end, b.MetadataOffset)
	}
	require.Len(t, levels, 4)
	// Either planner can execute its plans over it.
	for _, q := range []string{"", "service-003"} {
		ours, err := store.Ours(TreeQuery(q))
		require.NoError(t, err)
		baseline, err := store.Baseline(TreeQuery(q))
		require.NoError(t, err)
		require.NotZero(t, ours.Bytes)
		require.LessOrEqual(t, ours.Bytes, baseline.Bytes)
		require.LessOrEqual(t, ours.Blocks, baseline.Blocks)
	}
}
