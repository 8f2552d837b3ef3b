package profile_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A frame is a name, or a place in a binary.
type frame struct {
	name            string
	buildID, binary string
	address         uint64
}

// functions are what a frame is shown as.
func (f frame) functions() []string {
	switch {
	case f.name != "":
		return []string{f.name}
	case f.address%4 == 1:
		return []string{f.buildID + " outer", "inlined", "main"}
	case f.address%4 == 2:
		return []string{"main"}
	case f.binary == "":
		return []string{fmt.Sprintf("unknown!%#x", f.address)}
	}
	return []string{fmt.Sprintf("%s!%#x", f.binary, f.address)}
}

// chains are what is known of places.
func chains(table *queryv1.SymbolRefTable) [][]string {
	chains := make([][]string, len(table.GetUnresolvedAddress()))
	for i, of := range table.GetUnresolvedBuildId() {
		f := frame{buildID: table.BuildIds[of], binary: table.BinaryNames[of], address: table.UnresolvedAddress[i]}
		if functions := f.functions(); !strings.Contains(functions[0], "!") {
			chains[i] = functions
		}
	}
	return chains
}

type refStack struct {
	frames []frame
	value  int64
}

func drawFrame(t *rapid.T) frame {
	if rapid.Bool().Draw(t, "named") {
		return frame{name: rapid.SampledFrom([]string{"a", "main", "inlined", "lib!0x4", "other"}).Draw(t, "name")}
	}
	of := rapid.SampledFrom([]frame{{buildID: "1", binary: "lib"}, {buildID: "1", binary: "lib.old"}, {buildID: "2", binary: "lib"}, {binary: ""}}).Draw(t, "binary")
	of.address = rapid.Uint64Range(1, 8).Draw(t, "address")
	return of
}

// A refTableWriter numbers frames in a table of its own.
type refTableWriter struct {
	table  *queryv1.SymbolRefTable
	names  map[string]uint64
	places map[frame]uint64
}

// newRefTableWriter has all frames of stacks, in any order, and some that no stack has.
func newRefTableWriter(t *rapid.T, stacks []refStack) refTableWriter {
	w := refTableWriter{table: new(queryv1.SymbolRefTable), names: map[string]uint64{}, places: map[frame]uint64{}}
	all := []frame{drawFrame(t)}
	for _, s := range stacks {
		all = append(all, s.frames...)
	}
	binaries := map[[2]string]uint32{}
	for _, f := range rapid.Permutation(all).Draw(t, "order") {
		if f.name != "" {
			if _, known := w.names[f.name]; !known {
				w.names[f.name] = uint64(len(w.table.Names))
				w.table.Names = append(w.table.Names, f.name)
			}
			continue
		}
		if _, known := w.places[f]; known {
			continue
		}
		key := [2]string{f.buildID, f.binary}
		row, known := binaries[key]
		if !known || rapid.IntRange(0, 9).Draw(t, "twice") == 0 {
			row = uint32(len(w.table.BuildIds))
			binaries[key] = row
			w.table.BuildIds, w.table.BinaryNames = append(w.table.BuildIds, f.buildID), append(w.table.BinaryNames, f.binary)
		}
		w.places[f] = uint64(len(w.table.UnresolvedAddress))
		w.table.UnresolvedBuildId, w.table.UnresolvedAddress = append(w.table.UnresolvedBuildId, row), append(w.table.UnresolvedAddress, f.address)
	}
	return w
}

func (w refTableWriter) ref(f frame) uint64 {
	switch {
	case f.name == "other":
		return otherOnTheWire
	case f.name != "":
		return w.names[f.name]
	}
	return uint64(len(w.table.Names)) + w.places[f]
}

// wire writes stacks as a tree, with a table if there is one.
func wireOf(stacks []refStack, w *refTableWriter) profile.WireTree {
	type node struct {
		frame    frame
		self     int64
		children []*node
	}
	root := new(node)
	for _, s := range stacks {
		at := root
	next:
		for _, f := range s.frames {
			for _, child := range at.children {
				if child.frame == f {
					at = child
					continue next
				}
			}
			child := &node{frame: f}
			at.children = append(at.children, child)
			at = child
		}
		at.self += s.value
	}
	var b []byte
	var write func(n *node)
	write = func(n *node) {
		switch {
		case w == nil:
			b = append(binary.AppendUvarint(b, uint64(len(n.frame.name))), n.frame.name...)
		case n == root:
			b = append(b, 0)
		default:
			b = binary.AppendUvarint(b, w.ref(n.frame))
		}
		b = binary.AppendUvarint(b, uint64(n.self))
		b = binary.AppendUvarint(b, uint64(len(n.children)))
		for _, child := range n.children {
			write(child)
		}
	}
	write(root)
	if w == nil {
		return profile.WireTree{Tree: b}
	}
	return profile.WireTree{Tree: b, Refs: w.table}
}

// Whatever numbers the tables of trees have, and whether they have any: trees come to the
// sum of their stacks, and each place is there once.
func TestRefTreesAreAddedUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]int64{}
		places := map[frame]bool{}
		var trees []profile.WireTree
		for range rapid.IntRange(1, 5).Draw(t, "trees") {
			var of []refStack
			named := true
			for range rapid.IntRange(0, 8).Draw(t, "stacks") {
				s := refStack{value: rapid.Int64Range(1, 300).Draw(t, "value")}
				var path []string
				for range rapid.IntRange(1, 5).Draw(t, "depth") {
					f := drawFrame(t)
					s.frames, path = append(s.frames, f), append(path, f.functions()...)
					if f.name == "" {
						places[f], named = true, false
					}
				}
				want[strings.Join(path, ";")] += s.value
				of = append(of, s)
			}
			var w *refTableWriter
			if !named || rapid.Bool().Draw(t, "with a table") {
				table := newRefTableWriter(t, of)
				w = &table
			}
			trees = append(trees, wireOf(of, w))
		}
		merged, err := profile.UnmarshalRefTree(trees...)
		require.NoError(t, err)
		table := merged.Unresolved()
		require.Len(t, table.GetUnresolvedAddress(), len(places))
		require.Empty(t, table.GetNames())
		tree := merged.Named(chains(table), 0)
		requireSound(t, tree)
		require.Equal(t, want, stacks(tree))
		maxNodes := rapid.Int64Range(1, 20).Draw(t, "max nodes")
		require.Equal(t, profile.Truncate(tree, maxNodes).Marshal(), merged.Named(chains(table), maxNodes).Marshal(), "names can be given again")

		bytes := int64(0)
		for i, tree := range trees {
			of, err := tree.DecodedBytes()
			require.NoError(t, err)
			bytes += of
			trees[i], err = tree.CutRefs(maxNodes)
			require.NoError(t, err)
		}
		require.GreaterOrEqual(t, bytes, int64(tree.Len())*16)
		fewer, err := profile.UnmarshalRefTree(trees...)
		require.NoError(t, err)
		cut := fewer.Named(chains(fewer.Unresolved()), 0)
		require.Equal(t, tree.Total(), cut.Total(), "nothing is lost")
		totals := pathTotals(tree)
		for path, total := range pathTotals(cut) {
			if !strings.Contains(path, "other") {
				require.LessOrEqual(t, total, totals[path], path)
			}
		}
	})
}

// pathTotals are the totals by path.
func pathTotals(tree *profile.Tree) map[string]int64 {
	totals := map[string]int64{}
	for path, value := range stacks(tree) {
		names := strings.Split(path, ";")
		for n := range names {
			totals[strings.Join(names[:n+1], ";")] += value
		}
	}
	return totals
}

// What is small is cut, with its part of the table. Of the nodes that are just large enough,
// the first are kept.
func TestCutRefs(t *testing.T) {
	var all []refStack
	for i := range uint64(100) {
		all = append(all, refStack{frames: []frame{{name: "main"}, {buildID: "1", binary: "lib", address: i}}, value: 1})
	}
	all = append(all, refStack{frames: []frame{{name: "main"}, {buildID: "2", binary: "large", address: 7}, {name: "leaf"}}, value: 50})
	w := refTableWriter{table: &queryv1.SymbolRefTable{Names: []string{"", "main", "leaf"}, BuildIds: []string{"1", "2"}, BinaryNames: []string{"lib", "large"}},
		names: map[string]uint64{"main": 1, "leaf": 2}, places: map[frame]uint64{}}
	for i := range uint64(100) {
		w.places[frame{buildID: "1", binary: "lib", address: i}] = i
		w.table.UnresolvedAddress, w.table.UnresolvedBuildId = append(w.table.UnresolvedAddress, i), append(w.table.UnresolvedBuildId, 0)
	}
	w.places[frame{buildID: "2", binary: "large", address: 7}] = 100
	w.table.UnresolvedAddress, w.table.UnresolvedBuildId = append(w.table.UnresolvedAddress, 7), append(w.table.UnresolvedBuildId, 1)
	whole := wireOf(all, &w)

	cut, err := whole.CutRefs(5)
	require.NoError(t, err)
	tree, err := profile.UnmarshalRefTree(cut)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"main;large!0x7;leaf": 50, "main;lib!0x0": 1, "main;lib!0x1": 1, "main;other": 98}, stacks(tree.Named(nil, 0)))
	require.Equal(t, []string{"main", "leaf"}, cut.Refs.Names)
	require.Len(t, cut.Refs.UnresolvedAddress, 3)
	require.Len(t, cut.Refs.BuildIds, 2)

	same, err := whole.CutRefs(103)
	require.NoError(t, err)
	require.Same(t, whole.Refs, same.Refs)
	same, err = whole.CutRefs(0)
	require.NoError(t, err)
	require.Same(t, whole.Refs, same.Refs)
}

func TestCutRefsRefuses(t *testing.T) {
	wire := slicesConcat(refNode(0, 0, 3), refNode(1, 9, 0), refNode(3, 8, 0), refNode(6, 1, 0))
	_, err := profile.WireTree{Tree: wire, Refs: refTable()}.CutRefs(1)
	require.ErrorContains(t, err, "node 3 at byte 9: reference 6 into a table of 3 names and 3 unresolved locations", "though it is cut")
	table := refTable()
	table.UnresolvedBuildId[1] = 99
	_, err = profile.WireTree{Tree: wire[:3], Refs: table}.CutRefs(1)
	require.ErrorContains(t, err, "unresolved_build_id[1] is 99")
	_, err = profile.WireTree{Tree: wire[:5], Refs: refTable()}.CutRefs(1)
	require.ErrorContains(t, err, "call tree of 5 bytes")
}

func TestRefTreesThatDoNotFit(t *testing.T) {
	large := profile.WireTree{Tree: slicesConcat(refNode(0, 0, 1), refNode(1, math.MaxInt64, 0)), Refs: refTable()}
	_, err := profile.UnmarshalRefTree(large, profile.WireTree{Tree: wireNode("", 1, 0)})
	require.ErrorContains(t, err, "2 call trees: the values add up to more than 63 bits hold")
	_, err = profile.UnmarshalRefTree(large, profile.WireTree{Tree: []byte{1, 2}})
	require.ErrorContains(t, err, "call tree of 2 bytes, node 0")
	_, err = profile.UnmarshalRefTree(large, profile.WireTree{Tree: slicesConcat(refNode(0, 0, 1), refNode(6, 0, 0)), Refs: refTable()})
	require.ErrorContains(t, err, "node 1 at byte 3: reference 6 into a table")
}

// Each tree has no more places than one may have, and all of them are shown: with a query that
// is executed at once, none would be.
func TestRefTreesHaveMorePlacesTogether(t *testing.T) {
	const places = profile.MaxUnresolvedLocations/2 + 1
	part := func(buildID string) profile.WireTree {
		table := &queryv1.SymbolRefTable{Names: []string{""}, BuildIds: []string{buildID}, BinaryNames: []string{"app"}}
		b := refNode(0, 0, places)
		for i := range uint64(places) {
			table.UnresolvedBuildId, table.UnresolvedAddress = append(table.UnresolvedBuildId, 0), append(table.UnresolvedAddress, i)
			b = append(b, refNode(1+i, 1, 0)...)
		}
		return profile.WireTree{Tree: b, Refs: table}
	}
	one := []string{"one"}
	tree, err := profile.UnmarshalRefTree(part("a"), part("b"))
	require.NoError(t, err)
	require.Len(t, tree.Unresolved().GetUnresolvedAddress(), 2*places)
	names := make([][]string, 2*places) // else most of the time would go into making some up
	for i := range names {
		names[i] = one
	}
	require.EqualValues(t, 2*places, tree.Named(names, 10).Total())
}

// Trees and tables are of others: whatever they say, the sum is that of both, in either
// order, or the error of the one that is wrong.
func FuzzUnmarshalRefTrees(f *testing.F) {
	encoded, err := refTable().MarshalVT()
	require.NoError(f, err)
	tree := slicesConcat(refNode(0, 0, 2), refNode(3, 5, 0), refNode(1, 0, 2), refNode(2, 1, 0), refNode(5, 4, 0))
	f.Add(tree, encoded, tree, encoded, int64(2))
	f.Add(tree, encoded, treeOf(map[string]int64{"main;zeta": 1}).Marshal(), []byte(nil), int64(1))
	f.Add(tree, encoded, slicesConcat(refNode(0, 0, 1), refNode(otherOnTheWire, 2, 0)), encoded, int64(1))
	f.Fuzz(func(t *testing.T, a, tableOfA, b, tableOfB []byte, maxNodes int64) {
		wire := func(tree, table []byte) (w profile.WireTree, ok bool) {
			w.Tree = tree
			if len(table) > 0 {
				w.Refs = new(queryv1.SymbolRefTable)
				return w, w.Refs.UnmarshalVT(table) == nil
			}
			return w, true
		}
		left, ok := wire(a, tableOfA)
		right, rightOK := wire(b, tableOfB)
		if !ok || !rightOK {
			return
		}
		one, err := profile.UnmarshalRefTree(left)
		other, otherErr := profile.UnmarshalRefTree(right)
		both, bothErr := profile.UnmarshalRefTree(left, right)
		cut, cutErr := left.CutRefs(maxNodes)
		said, saidErr := left.CutBytes(maxNodes)
		require.True(t, saidErr == nil || cutErr != nil)
		if cutErr == nil {
			require.Equal(t, cut.Refs != left.Refs, said > 0, "what is cut takes memory")
		}
		if err != nil {
			require.Error(t, bothErr)
			require.True(t, cutErr != nil || left.Refs == nil || maxNodes < 1 || cut.Refs == left.Refs, "a tree that is cut was looked at")
			return
		}
		require.NoError(t, cutErr)
		whole := one.Named(nil, 0)
		requireSound(t, whole)
		fewer, err := profile.UnmarshalRefTree(cut)
		require.NoError(t, err)
		require.Equal(t, whole.Total(), fewer.Named(nil, 0).Total())
		if cut.Refs != left.Refs {
			require.LessOrEqual(t, int64(fewer.Len()), 2*maxNodes+1)
		}
		if otherErr != nil {
			require.Error(t, bothErr)
			return
		}
		if !sumFits(whole, other.Named(nil, 0)) {
			require.Error(t, bothErr)
			return
		}
		require.NoError(t, bothErr)
		reversed, err := profile.UnmarshalRefTree(right, left)
		require.NoError(t, err)
		sum := both.Named(nil, 0)
		requireSound(t, sum)
		require.Equal(t, sum.Marshal(), reversed.Named(nil, 0).Marshal())
		want := stacks(whole)
		for path, value := range stacks(other.Named(nil, 0)) {
			want[path] += value
		}
		require.Equal(t, want, stacks(sum))
	})
}

// BenchmarkRefTrees merges 1, 4 and 16 trees that have most paths in common, and names them.
func BenchmarkRefTrees(b *testing.B) {
	const nodes = 20_000
	base := syntheticTree(nodes, 1)
	for _, trees := range []int{1, 4, 16} {
		encoded := make([]profile.WireTree, trees)
		all := 0
		for i := range encoded {
			part := profile.NewTreeBuilder()
			part.AddTree(base)
			part.AddTree(syntheticTree(nodes/10, uint64(i)))
			tree := part.Tree(0)
			all += tree.Len()
			// Every other name is a place.
			table := &queryv1.SymbolRefTable{BuildIds: []string{"id"}, BinaryNames: []string{"lib"}}
			refs := make([]uint64, len(tree.Names))
			for j, name := range tree.Names {
				if j%2 == 0 {
					refs[j] = uint64(len(table.Names))
					table.Names = append(table.Names, name)
				}
			}
			for j := range tree.Names {
				if j%2 == 1 {
					refs[j] = uint64(len(table.Names) + len(table.UnresolvedAddress))
					table.UnresolvedBuildId, table.UnresolvedAddress = append(table.UnresolvedBuildId, 0), append(table.UnresolvedAddress, uint64(j))
				}
			}
			children := make([]uint64, tree.Len())
			var path []int
			for j, level := range tree.Level {
				path = append(path[:level], j)
				if level > 0 {
					children[path[level-1]]++
				}
			}
			var wire []byte
			for j, name := range tree.Name {
				wire = append(wire, refNode(refs[name], uint64(tree.Self[j]), children[j])...)
			}
			encoded[i] = profile.WireTree{Tree: wire, Refs: table}
		}
		b.Run(fmt.Sprintf("trees=%d", trees), func(b *testing.B) {
			b.ReportAllocs()
			perNode(b, all, func() {
				tree, err := profile.UnmarshalRefTree(encoded...)
				require.NoError(b, err)
				tree.Named(nil, 8192)
			})
		})
	}
}
