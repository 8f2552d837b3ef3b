package profile_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestTopFunctions(t *testing.T) {
	tree := treeOf(map[string]int64{
		"main;walk;walk;walk": 4, // recursion: counted once
		"main;walk;read":      3,
		"main;read;walk":      2,
		"gc":                  4,
		"b":                   4,
	})
	require.Equal(t, []profile.Function{
		{Name: "walk", Self: 6, Total: 9},
		{Name: "b", Self: 4, Total: 4},
		{Name: "gc", Self: 4, Total: 4},
		{Name: "read", Self: 3, Total: 5},
		{Name: "main", Self: 0, Total: 9},
	}, profile.TopFunctions(tree))
	require.Empty(t, profile.TopFunctions(&profile.Tree{}))
}

func TestTopFunctionsOfRecordedTreesAddUp(t *testing.T) {
	for name, wire := range recordedTrees(t) {
		tree, err := profile.UnmarshalTree(wire)
		require.NoError(t, err)
		var self int64
		for _, f := range profile.TopFunctions(tree) {
			self += f.Self
			require.LessOrEqual(t, f.Self, f.Total)
			require.LessOrEqual(t, f.Total, tree.Total(), "%s: %s", name, f.Name)
		}
		require.Equal(t, tree.Total(), self, name)
	}
}

func TestDiffFunctions(t *testing.T) {
	left := treeOf(map[string]int64{"main;a": 10, "main;gone": 4, "same": 1})
	right := treeOf(map[string]int64{"main;a": 3, "main;new": 5, "same": 1})
	got := profile.DiffFunctions(left, right)
	require.Equal(t, []profile.FunctionDiff{
		{Name: "a", SelfLeft: 10, TotalLeft: 10, SelfRight: 3, TotalRight: 3},
		{Name: "new", SelfRight: 5, TotalRight: 5},
		{Name: "gone", SelfLeft: 4, TotalLeft: 4},
		{Name: "main", TotalLeft: 14, TotalRight: 8},
		{Name: "same", SelfLeft: 1, TotalLeft: 1, SelfRight: 1, TotalRight: 1},
	}, got)
	require.EqualValues(t, -7, got[0].SelfChange())
	require.EqualValues(t, -6, got[3].TotalChange())
}

func TestDiffFunctionsOfOneSide(t *testing.T) {
	tree := treeOf(map[string]int64{"a": 1})
	for _, got := range [][]profile.FunctionDiff{profile.DiffFunctions(tree, &profile.Tree{}), profile.DiffFunctions(&profile.Tree{}, tree)} {
		require.Len(t, got, 1, fmt.Sprint(got))
	}
}
