package frame_test

import (
	"testing"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A diffRow is a call path as both sides have it.
type diffRow struct {
	level                              int
	label                              string
	value, self, valueRight, selfRight int64
}

// Of every level, the answer of the query-frontend and the frame have the same
// nodes in the same order.
func TestDiffIsTheRecordedAnswer(t *testing.T) {
	trees := recordedTrees(t, "diff_halves")
	tree, err := profile.NewDiffTree(unmarshalTree(t, trees[0]), unmarshalTree(t, trees[1]), 128)
	require.NoError(t, err)
	f := frame.Diff(tree, cpu)
	var got [][]diffRow
	for i, r := range flameRows(t, f) {
		for len(got) <= r.level {
			got = append(got, nil)
		}
		got[r.level] = append(got[r.level], diffRow{
			level: r.level, label: r.label, value: r.value, self: r.self,
			valueRight: cell[int64](t, f, "valueRight", i), selfRight: cell[int64](t, f, "selfRight", i),
		})
	}
	graph := answer(t, "diff_halves", &querierv1.DiffResponse{}).GetFlamegraph()
	var want [][]diffRow
	for level, l := range graph.GetLevels() {
		var rows []diffRow
		for v := l.GetValues(); len(v) > 0; v = v[7:] {
			rows = append(rows, diffRow{
				level: level, label: graph.GetNames()[v[6]],
				value: v[1], self: v[2], valueRight: v[4], selfRight: v[5],
			})
		}
		want = append(want, rows)
	}
	require.Equal(t, want, got)
	for _, name := range []string{"value", "self", "valueRight", "selfRight"} {
		require.Equal(t, "ns", field(t, f, name).Config.Unit)
	}
}

func TestDiffOfSmallTrees(t *testing.T) {
	b, c := profile.NewTreeBuilder(), profile.NewTreeBuilder()
	b.AddStack(5, []string{"main", "work"})
	b.AddStack(1, []string{"main", "gone"})
	c.AddStack(7, []string{"main", "work"})
	c.AddStack(2, []string{"start"})
	left, right := b.Tree(0), c.Tree(0)
	tree, err := profile.NewDiffTree(left, right, 0)
	require.NoError(t, err)
	f := frame.Diff(tree, cpu)
	require.Equal(t, []flameRow{
		{0, 6, 0, "total"}, {1, 6, 0, "main"}, {2, 1, 1, "gone"}, {2, 5, 5, "work"}, {1, 0, 0, "start"},
	}, flameRows(t, f))
	require.Equal(t, []int64{9, 7, 0, 7, 2}, column[int64](t, f, "valueRight"))
	require.Equal(t, []int64{0, 0, 0, 7, 2}, column[int64](t, f, "selfRight"))

	changes := frame.ChangedFunctions(profile.DiffFunctions(left, right), left.Total(), right.Total(), cpu, 0)
	require.Equal(t, []string{"start", "work", "gone", "main"}, column[string](t, changes, "function"))
	require.Equal(t, []int64{2, 2, -1, 0}, column[int64](t, changes, "selfChange"))
	require.Equal(t, []int64{2, 2, -1, 1}, column[int64](t, changes, "totalChange"))
	require.Equal(t, []int64{0, 5, 1, 6}, column[int64](t, changes, "totalBaseline"))
	require.InDeltaSlice(t, []float64{2. / 9, 7./9 - 5./6, -1. / 6, 7./9 - 1}, column[float64](t, changes, "shareChange"), 1e-12)
	require.Equal(t, 2, frame.ChangedFunctions(profile.DiffFunctions(left, right), 6, 9, cpu, 2).Rows())
	require.Zero(t, frame.ChangedFunctions(profile.DiffFunctions(left, left), 6, 6, cpu, 0).Rows())
}

// With nothing on both sides there is the root, as in a flame graph of nothing.
func TestDiffOfNothing(t *testing.T) {
	tree, err := profile.NewDiffTree(&profile.Tree{}, &profile.Tree{}, 0)
	require.NoError(t, err)
	require.Equal(t, []flameRow{{0, 0, 0, "total"}}, flameRows(t, frame.Diff(tree, cpu)))
}
