package profile_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestTreeBuilderMergesStacksAndTrees(t *testing.T) {
	b := profile.NewTreeBuilder()
	b.AddStack(5, []string{"main", "serve"})
	b.AddStack(2, []string{"main"})
	b.AddTree(treeOf(map[string]int64{"main;serve": 10, "main;serve;read": 1, "gc": 3}))
	b.AddTree(&profile.Tree{})
	tree := b.Tree(0)
	requireSound(t, tree)
	require.Equal(t, map[string]int64{"main": 2, "main;serve": 15, "main;serve;read": 1, "gc": 3}, stacks(tree))
	require.EqualValues(t, 21, tree.Total())

	b.AddStack(1, []string{"late"})
	require.EqualValues(t, 22, b.Tree(0).Total(), "the builder stays usable")
	require.EqualValues(t, 21, tree.Total(), "and what it built is its own")
}

func TestTreeBuilderIgnoresWhatHasNoValueOrNoFrames(t *testing.T) {
	b := profile.NewTreeBuilder()
	b.AddStack(0, []string{"a"})
	b.AddStack(-1, []string{"a"})
	b.AddStack(1, nil)
	require.Zero(t, b.Tree(0).Len())
}

func TestTreeBuilderStopsAtTheLargestValue(t *testing.T) {
	b := profile.NewTreeBuilder()
	b.AddStack(math.MaxInt64, []string{"a"})
	b.AddStack(math.MaxInt64, []string{"a"})
	require.EqualValues(t, int64(math.MaxInt64), b.Tree(0).Total())
}
