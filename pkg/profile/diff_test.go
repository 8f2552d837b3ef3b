package profile_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestRecordedDiffs(t *testing.T) {
	for _, c := range corpusCases(t, "Diff") {
		t.Run(c.Name, func(t *testing.T) {
			request := into(t, c.Request, &querierv1.DiffRequest{})
			left, right := diffSides(t, c, request)
			got, err := profile.Diff(left, right, request.Right.GetMaxNodes())
			require.NoError(t, err)
			requireProto(t, into(t, c.Response, &querierv1.DiffResponse{}).Flamegraph, got)
		})
	}
}

// diffSides finds which of the recorded trees is which side.
func diffSides(t *testing.T, c corpusCase, request *querierv1.DiffRequest) (left, right *profile.Tree) {
	left, right = &profile.Tree{}, &profile.Tree{}
	for _, x := range c.Exchanges {
		if x.Method != "Invoke" {
			continue
		}
		invoke := into(t, x.Request, &queryv1.InvokeRequest{})
		answer := into(t, x.Response, &queryv1.InvokeResponse{})
		tree, err := profile.UnmarshalTree(answer.Reports[0].Tree.Tree)
		require.NoError(t, err)
		selectors, err := profile.ParseSelector(request.Left.LabelSelector)
		require.NoError(t, err)
		sent, err := profile.ParseSelector(invoke.LabelSelector)
		require.NoError(t, err)
		if invoke.EndTime == request.Left.End && sent[0].String() == selectors[0].String() {
			left = tree
		} else {
			right = tree
		}
	}
	return left, right
}

func TestDiffOfNothing(t *testing.T) {
	got, err := profile.Diff(&profile.Tree{}, &profile.Tree{}, 10)
	require.NoError(t, err)
	requireProto(t, &querierv1.FlameGraphDiff{
		Names:  []string{"total"},
		Levels: []*querierv1.Level{{Values: []int64{0, 0, 0, 0, 0, 0, 0}}},
	}, got)
}

func TestDiffTreeLaysBothSidesOver(t *testing.T) {
	left := treeOf(map[string]int64{"a;x": 1, "a;y;deep;er": 2, "b": 3, "d;q": 1})
	right := treeOf(map[string]int64{"a;y": 5, "a;z": 6, "c;x;y": 7, "d;r": 1})
	d, err := profile.NewDiffTree(left, right, 0)
	require.NoError(t, err)
	requireSoundDiff(t, d, left, right)
}

// requireSoundDiff checks that each side of a tree that was not limited is the
// side's own tree.
func requireSoundDiff(t testing.TB, d *profile.DiffTree, left, right *profile.Tree) {
	t.Helper()
	requireSound(t, d.Left)
	requireSound(t, d.Right)
	require.Equal(t, d.Left.Names, d.Right.Names)
	require.Equal(t, d.Left.Name, d.Right.Name)
	require.Equal(t, d.Left.Level, d.Right.Level)
	require.Equal(t, stacks(left), stacks(d.Left))
	require.Equal(t, stacks(right), stacks(d.Right))
}

func TestDiffLimitsNodes(t *testing.T) {
	left := treeOf(map[string]int64{"a": 10, "b": 1, "other": 9, "c": 2})
	right := treeOf(map[string]int64{"a": 1, "b": 8, "d": 3})
	got, err := profile.Diff(left, right, 4)
	require.NoError(t, err)
	// The fourth largest is 8: the root (22), a (10), other (9), b (8).
	require.Equal(t, []string{"total", "other", "b", "a"}, got.Names)
	require.Equal(t, [][]int64{
		{0, 22, 0, 0, 12, 0, 0},
		{0, 10, 10, 0, 1, 1, 3 /**/, 0, 1, 1, 0, 8, 8, 2 /**/, 0, 9, 9, 0, 0, 0, 1 /**/, 0, 2, 2, 0, 3, 3, 1},
	}, values(got.Levels))
	require.EqualValues(t, 22, got.LeftTicks)
	require.EqualValues(t, 12, got.RightTicks)
	require.EqualValues(t, 34, got.Total)
	require.EqualValues(t, 10, got.MaxSelf)
}

func TestDiffNamesTotalAndEmpty(t *testing.T) {
	got, err := profile.Diff(treeOf(map[string]int64{"total": 1, "a;": 2}), &profile.Tree{}, 0)
	require.NoError(t, err)
	require.Equal(t, []string{"total", "total", "a"}, got.Names)
}

func TestDiffErrors(t *testing.T) {
	sound := treeOf(map[string]int64{"a": math.MaxInt64})
	negative := &profile.Tree{Names: []string{"", "f"}, Name: []int32{0, 1}, Level: []int32{0, 1}, Self: []int64{0, -1}}

	_, err := profile.Diff(negative, sound, 0)
	require.ErrorContains(t, err, `left call tree: "f" has the value -1`)
	_, err = profile.Diff(&profile.Tree{}, negative, 0)
	require.ErrorContains(t, err, "right call tree")
	_, err = profile.Diff(sound, sound, 0)
	require.ErrorContains(t, err, "the sum must not exceed")
}

func FuzzDiff(f *testing.F) {
	left := treeOf(map[string]int64{"a;x": 1, "a;y;deep": 2, "b": 3, "other": 3})
	right := treeOf(map[string]int64{"a;y": 5, "c;x;y": 7})
	f.Add(left.Marshal(), right.Marshal(), int64(3))
	f.Add([]byte(nil), right.Marshal(), int64(0))
	f.Fuzz(func(t *testing.T, a, b []byte, maxNodes int64) {
		left, err := profile.UnmarshalTree(a)
		if err != nil {
			return
		}
		right, err := profile.UnmarshalTree(b)
		if err != nil {
			return
		}
		whole, err := profile.NewDiffTree(left, right, 0)
		if err != nil {
			return
		}
		requireSoundDiff(t, whole, left, right)
		got, err := profile.Diff(left, right, maxNodes)
		require.NoError(t, err)
		requireLevels(t, got.Levels, 7, 0, int64(len(got.Names)))
		requireLevels(t, got.Levels, 7, 3, int64(len(got.Names)))
	})
}
