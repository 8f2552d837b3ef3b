package profile_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Cut while it is decoded, a tree of different totals is what it is decoded and then cut.
func TestUnmarshalTreeCutIsTruncate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := profile.NewTreeBuilder()
		name := rapid.SampledFrom([]string{"", "a", "b", "main", "zoo"})
		for i := range rapid.IntRange(0, 30).Draw(t, "stacks") {
			// A power of two each: no two sums are equal, but those of a chain.
			b.AddStack(1<<i, append(rapid.SliceOfN(name, 0, 6).Draw(t, "stack"), "leaf"))
		}
		wire := b.Tree(0).Marshal()
		maxNodes := rapid.Int64Range(0, 40).Draw(t, "max nodes")
		whole, err := profile.UnmarshalTree(wire)
		require.NoError(t, err)
		cut, err := profile.UnmarshalTreeCut(wire, maxNodes)
		require.NoError(t, err)
		want := profile.Truncate(whole, maxNodes)
		if maxNodes < 1 || kept(want) <= maxNodes {
			require.Equal(t, want.Marshal(), cut.Marshal())
		} else { // a chain of equal totals
			require.LessOrEqual(t, kept(cut), maxNodes)
			require.Equal(t, want.Total(), cut.Total())
		}
		require.GreaterOrEqual(t, cut.MarshalSize(), int64(len(cut.Marshal())))
		nodes, err := profile.CountNodes(wire)
		require.NoError(t, err)
		require.Equal(t, whole.Len(), nodes)
	})
}

// kept is how many nodes are neither the root nor stand for others.
func kept(t *profile.Tree) (n int64) {
	for i, level := range t.Level {
		if level > 0 && t.Names[t.Name[i]] != "other" {
			n++
		}
	}
	return n
}

// Nodes of the same total are no reason to keep more than were asked for.
func TestUnmarshalTreeCutOfEquals(t *testing.T) {
	b := profile.NewTreeBuilder()
	for i := range 1000 {
		b.AddStack(1, []string{"main", string(rune('a' + i))})
	}
	cut, err := profile.UnmarshalTreeCut(b.Tree(0).Marshal(), 10)
	require.NoError(t, err)
	require.EqualValues(t, 10, kept(cut))
	require.EqualValues(t, 1000, cut.Total())
	require.EqualValues(t, 991, profile.TopFunctions(cut)[0].Self, "the others")
}

func TestUnmarshalTreeCutFailsAsUnmarshalTree(t *testing.T) {
	for _, b := range [][]byte{{0}, {0, 0, 200}, {1, 'x', 0, 0}, {0, 0, 0, 0}} {
		_, want := profile.UnmarshalTree(b)
		_, err := profile.UnmarshalTreeCut(b, 1)
		require.Equal(t, want, err)
	}
}
