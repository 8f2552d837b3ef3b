package profile_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// drawWire are the bytes of a tree whose siblings are in any order, and may have
// the same name.
func drawWire(t *rapid.T, names *rapid.Generator[string]) []byte {
	var node func(name string, depth int) []byte
	node = func(name string, depth int) []byte {
		children := 0
		if depth < 6 {
			children = rapid.IntRange(0, 4-depth/2).Draw(t, "children")
		}
		b := wireNode(name, uint64(rapid.IntRange(0, 300).Draw(t, "self")), uint64(children))
		for range children {
			b = append(b, node(names.Draw(t, "name"), depth+1)...)
		}
		return b
	}
	return node("", 0)
}

// Merged, trees are what they are added up path by path, in whatever order they
// come.
func TestMergeTreesIsTheirSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SampledFrom([]string{"", "a", "b", "main", "other", "total", "a/long/name/of/a/function", "a/long/name/of/a.function"})
		encoded := make([][]byte, rapid.IntRange(0, 5).Draw(t, "trees"))
		for i := range encoded {
			if rapid.IntRange(0, 9).Draw(t, "empty") > 0 {
				encoded[i] = drawWire(t, names)
			}
		}
		got, err := profile.MergeTrees(encoded...)
		require.NoError(t, err)
		require.Equal(t, merged(encoded...), got.Marshal())
		if len(encoded) > 0 {
			shuffled, err := profile.MergeTrees(rapid.Permutation(encoded).Draw(t, "order")...)
			require.NoError(t, err)
			require.Equal(t, got.Marshal(), shuffled.Marshal())
			half := len(encoded) / 2
			first, err := profile.MergeTrees(encoded[:half]...)
			require.NoError(t, err)
			grouped, err := profile.MergeTrees(append([][]byte{first.Marshal()}, encoded[half:]...)...)
			require.NoError(t, err)
			require.Equal(t, got.Marshal(), grouped.Marshal(), "some were merged before")
		}
		maxNodes := rapid.Int64Range(0, 30).Draw(t, "max nodes")
		require.Equal(t, truncated(got.Marshal(), maxNodes), profile.Truncate(got, maxNodes).Marshal())
	})
}

func TestMergeRecordedTrees(t *testing.T) {
	var all [][]byte
	for _, tree := range recordedTrees(t) {
		all = append(all, tree)
	}
	got, err := profile.MergeTrees(all...)
	require.NoError(t, err)
	requireSound(t, got)
	require.True(t, bytes.Equal(merged(all...), got.Marshal()))
	for _, maxNodes := range []int64{1, 7, 64, 512} {
		require.True(t, bytes.Equal(truncated(got.Marshal(), maxNodes), profile.Truncate(got, maxNodes).Marshal()), "%d nodes", maxNodes)
	}
}

func TestMergeTreesFails(t *testing.T) {
	large := slicesConcat(wireNode("", 0, 1), wireNode("a", math.MaxInt64, 0))
	_, err := profile.MergeTrees(large, wireNode("", 1, 0))
	require.ErrorContains(t, err, "2 call trees: the values add up to more than 63 bits hold")
	_, err = profile.MergeTrees(large, wireNode("", 0, 0), nil)
	require.NoError(t, err)
	_, err = profile.MergeTrees(large, []byte{0, 0, 200})
	require.ErrorContains(t, err, "call tree of 3 bytes, node 0")
}

func TestMergeOfDeepTrees(t *testing.T) {
	const depth = 100_000
	chain := append([]byte{0, 0, 1}, bytes.Repeat([]byte{1, 'm', 1, 1}, depth)...)
	chain[len(chain)-1] = 0
	tree, err := profile.MergeTrees(chain, chain, chain[:0:0], wireNode("", 5, 0))
	require.NoError(t, err)
	require.Equal(t, depth+1, tree.Len())
	require.EqualValues(t, 2*depth+5, tree.Total())
}

func FuzzMergeTrees(f *testing.F) {
	f.Add([]byte(nil), wireNode("", 1, 0))
	f.Add(treeOf(map[string]int64{"a;b": 1, "a;c": 2}).Marshal(), slicesConcat(wireNode("", 0, 2), wireNode("a", 1, 0), wireNode("a", 2, 0)))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		left, err := profile.UnmarshalTree(a)
		if err != nil {
			return
		}
		right, err := profile.UnmarshalTree(b)
		if err != nil {
			return
		}
		both, err := profile.MergeTrees(a, b)
		if !sumFits(left, right) {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		requireSound(t, both)
		if both.Len() < 1000 { // the other recurses
			require.Equal(t, merged(left.Marshal(), right.Marshal()), both.Marshal())
		}
	})
}

// BenchmarkMergeTrees merges 1, 4, 16 and 64 trees that have most paths in common:
// the time for a node of all trees grows little.
func BenchmarkMergeTrees(b *testing.B) {
	const nodes = 20_000
	random := rand.New(rand.NewPCG(1, 1))
	base := syntheticTree(nodes, 1)
	for _, trees := range []int{1, 4, 16, 64} {
		encoded := make([][]byte, trees)
		all := 0
		for i := range encoded {
			part := profile.NewTreeBuilder()
			part.AddTree(base)
			part.AddTree(syntheticTree(nodes/10, random.Uint64()))
			tree := part.Tree(0)
			encoded[i] = tree.Marshal()
			all += tree.Len()
		}
		b.Run(fmt.Sprintf("trees=%d", trees), func(b *testing.B) {
			perNode(b, all, func() {
				_, err := profile.MergeTrees(encoded...)
				require.NoError(b, err)
			})
		})
	}
}
