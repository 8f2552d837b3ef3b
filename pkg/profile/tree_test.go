package profile_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// stacks is what a tree holds, as "a;b" to value.
func stacks(t *profile.Tree) map[string]int64 {
	all := map[string]int64{}
	var path []string
	for i, level := range t.Level {
		if level == 0 {
			path = path[:0]
		} else {
			path = append(path[:level-1], t.Names[t.Name[i]])
		}
		if t.Self[i] != 0 {
			all[strings.Join(path, ";")] += t.Self[i]
		}
	}
	return all
}

// treeOf builds a tree of "a;b" stacks.
func treeOf(values map[string]int64) *profile.Tree {
	b := profile.NewTreeBuilder()
	for stack, v := range values {
		b.AddStack(v, strings.Split(stack, ";"))
	}
	return b.Tree(0)
}

// wireNode is one node on the wire.
func wireNode(name string, self, children uint64) []byte {
	b := binary.AppendUvarint(nil, uint64(len(name)))
	b = append(b, name...)
	b = binary.AppendUvarint(b, self)
	return binary.AppendUvarint(b, children)
}

// requireSound checks what every tree promises.
func requireSound(t require.TestingT, tree *profile.Tree) {
	require.Len(t, tree.Level, tree.Len())
	require.Len(t, tree.Self, tree.Len())
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(tree.Names))), len(tree.Names), "each name is there once")
	last := map[int32]string{} // by level: the sibling before
	for i, level := range tree.Level {
		require.Equal(t, i == 0, level == 0)
		name := tree.Names[tree.Name[i]]
		if i > 0 {
			require.LessOrEqual(t, level, tree.Level[i-1]+1)
			if before, ok := last[level]; ok {
				require.Less(t, name, before, "siblings go from the last name to the first")
			}
		}
		last[level] = name
		delete(last, level+1)
	}
	if tree.Len() > 0 {
		require.Empty(t, tree.Names[tree.Name[0]])
	}
	requireRows(t, tree)
}

// requireRows checks that the rows are the nodes in the order of a flame graph.
func requireRows(t require.TestingT, tree *profile.Tree) {
	rows := make([]*profile.Node, tree.Len())
	for row, node := range tree.Rows() {
		require.Nil(t, rows[row])
		rows[row] = &node
	}
	for i, n := range rows {
		total, before := n.Self, ""
		for child := i + 1; child < len(rows) && rows[child].Level > n.Level; child++ {
			if rows[child].Level == n.Level+1 {
				total += rows[child].Total
				require.True(t, child == i+1 || tree.Names[rows[child].Name] > before, "siblings go from the first name to the last")
				before = tree.Names[rows[child].Name]
			}
		}
		require.Equal(t, total, n.Total)
	}
	if len(rows) > 0 {
		require.Equal(t, rows[0].Total, tree.Total())
	}
}

func TestRecordedTreesRoundTrip(t *testing.T) {
	for name, recorded := range recordedTrees(t) {
		t.Run(name, func(t *testing.T) {
			tree, err := profile.UnmarshalTree(recorded)
			require.NoError(t, err)
			requireSound(t, tree)
			require.True(t, bytes.Equal(recorded, tree.Marshal()), "Marshal gives the recorded bytes")

			b := profile.NewTreeBuilder()
			b.AddTree(tree)
			built := b.Tree(0)
			requireSound(t, built)
			require.True(t, bytes.Equal(recorded, built.Marshal()), "a builder gives the recorded bytes")
		})
	}
}

func TestUnmarshalEmptyTree(t *testing.T) {
	tree, err := profile.UnmarshalTree(nil)
	require.NoError(t, err)
	require.Zero(t, tree.Len())
	require.Zero(t, tree.Total())
	require.Empty(t, tree.Marshal())
}

func TestUnmarshalTreeSortsAndMergesSiblings(t *testing.T) {
	wire := slicesConcat(
		wireNode("", 0, 3),
		wireNode("a", 1, 1), wireNode("x", 2, 0),
		wireNode("b", 4, 0),
		wireNode("a", 8, 1), wireNode("x", 16, 0),
	)
	tree, err := profile.UnmarshalTree(wire)
	require.NoError(t, err)
	requireSound(t, tree)
	require.Equal(t, map[string]int64{"a": 9, "a;x": 18, "b": 4}, stacks(tree))
}

func TestUnmarshalTreeRefusesUnsoundBytes(t *testing.T) {
	huge := binary.AppendUvarint(nil, math.MaxUint64)
	for name, tc := range map[string]struct {
		wire  []byte
		error string
	}{
		"one byte":             {[]byte{0}, "ends in the middle"},
		"child missing":        {wireNode("", 0, 1), "more children"},
		"name cut":             {append(wireNode("", 0, 1), 9, 'a', 0), "name is longer"},
		"huge name":            {append(huge, wireNode("", 0, 0)...), "name is longer"},
		"huge child count":     {append([]byte{0, 0}, huge...), "more children"},
		"children wrap around": {slicesConcat(wireNode("", 0, 2), wireNode("a", 0, math.MaxUint64), wireNode("b", 0, 0)), "more children"},
		"negative value":       {slicesConcat(wireNode("", 0, 1), wireNode("a", math.MaxUint64, 0)), "63 bits"},
		"sum overflows":        {slicesConcat(wireNode("", 1, 1), wireNode("a", math.MaxInt64, 0)), "63 bits"},
		"varint too long":      {bytes.Repeat([]byte{0xff}, 11), "64 bits"},
		"varint cut":           {[]byte{0, 0xff}, "ends in the middle"},
		"named root":           {wireNode("a", 0, 0), "nameless root"},
		"trailing bytes":       {append(wireNode("", 0, 0), 0), "bytes follow"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := profile.UnmarshalTree(tc.wire)
			require.ErrorContains(t, err, tc.error)
		})
	}
}

func TestDeepTree(t *testing.T) {
	const depth = 10_000
	stack := make([]string, depth)
	for i := range stack {
		stack[i] = fmt.Sprint("frame", i%100)
	}
	b := profile.NewTreeBuilder()
	b.AddStack(7, stack)
	b.AddStack(3, stack[:depth/2])
	tree := b.Tree(0)
	require.Equal(t, tree.Len(), depth+1)
	require.EqualValues(t, 10, tree.Total())

	again, err := profile.UnmarshalTree(tree.Marshal())
	require.NoError(t, err)
	require.Equal(t, tree, again)

	require.Len(t, profile.FlameGraph(tree, 0).Levels, depth+1)
	diff, err := profile.Diff(tree, tree, 0)
	require.NoError(t, err)
	require.Len(t, diff.Levels, depth+1)

	functions := profile.TopFunctions(tree)
	require.Len(t, functions, 100)
	for _, f := range functions {
		require.EqualValues(t, 10, f.Total, f.Name)
	}
	require.LessOrEqual(t, profile.Truncate(tree, 5000).Len(), 5000+2)
}

func slicesConcat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func FuzzUnmarshalTree(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(treeOf(map[string]int64{"a;b": 1, "a;c": 2, "other": 3}).Marshal())
	f.Add(slicesConcat(wireNode("", 0, 2), wireNode("a", 1, 0), wireNode("a", 2, 0)))
	f.Add(append([]byte{0, 0}, binary.AppendUvarint(nil, math.MaxUint64)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		tree, err := profile.UnmarshalTree(b)
		if err != nil {
			return
		}
		requireSound(t, tree)
		again, err := profile.UnmarshalTree(tree.Marshal())
		require.NoError(t, err)
		require.Equal(t, tree.Marshal(), again.Marshal())
		require.Equal(t, stacks(tree), stacks(again))
	})
}
