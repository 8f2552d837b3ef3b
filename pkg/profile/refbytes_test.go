package profile_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// requireTakes fails where work on a tree allocates more bytes than are said.
func requireTakes(t *testing.T, said, nodes int64, work func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	took := int64(after.TotalAlloc - before.TotalAlloc)
	t.Logf("%d of %d bytes a node", took/nodes, said/nodes)
	require.LessOrEqual(t, took, said)
}

// What trees with references become takes no more than is said, at its worst: when each node
// is a place of its own, in a binary of its own with a long name, and when each is a name.
func TestRefTreesTakeWhatTheySay(t *testing.T) {
	const nodes = 100_000
	flat := func(first uint64) []byte {
		b := refNode(0, 0, nodes)
		for i := range uint64(nodes) {
			b = append(b, refNode(first+i, 1, 0)...)
		}
		return b
	}
	places := &queryv1.SymbolRefTable{Names: []string{""}}
	names := &queryv1.SymbolRefTable{}
	few := &queryv1.SymbolRefTable{Names: []string{""}, BuildIds: []string{"id"}, BinaryNames: []string{"libc.so.6"}, UnresolvedBuildId: make([]uint32, nodes)}
	for i := range nodes {
		few.UnresolvedAddress = append(few.UnresolvedAddress, uint64(i))
		places.BuildIds, places.BinaryNames = append(places.BuildIds, fmt.Sprint("id", i)), append(places.BinaryNames, fmt.Sprintf("%0255d", i))
		places.UnresolvedBuildId, places.UnresolvedAddress = append(places.UnresolvedBuildId, uint32(i)), append(places.UnresolvedAddress, math.MaxUint64)
		names.Names = append(names.Names, fmt.Sprint("function", i))
	}
	for name, trees := range map[string][]profile.WireTree{
		"places":         {{Tree: flat(1), Refs: places}},
		"places twice":   {{Tree: flat(1), Refs: places}, {Tree: flat(1), Refs: places}},
		"one binary":     {{Tree: flat(1), Refs: few}},
		"names":          {{Tree: flat(0), Refs: names}},
		"names by table": {{Tree: flat(0), Refs: names}, {Tree: treeOf(map[string]int64{"main": 1}).Marshal()}},
	} {
		t.Run(name, func(t *testing.T) {
			var said int64
			for _, tree := range trees {
				bytes, err := tree.DecodedBytes()
				require.NoError(t, err)
				said += bytes
			}
			requireTakes(t, said, nodes, func() {
				tree, err := profile.UnmarshalRefTree(trees...)
				require.NoError(t, err)
				tree.Named(nil, 0)
			})
		})
	}
}

// So does cutting them, be it to nearly all there is or to next to nothing.
func TestCutRefsTakesWhatItSays(t *testing.T) {
	const nodes = 100_000
	flat := refNode(0, 0, nodes)
	for i := range uint64(nodes) {
		flat = append(flat, refNode(1+i, 1, 0)...)
	}
	places, names := &queryv1.SymbolRefTable{Names: []string{""}}, &queryv1.SymbolRefTable{Names: make([]string, nodes+1)}
	for i := range nodes {
		places.BuildIds, places.BinaryNames = append(places.BuildIds, fmt.Sprint("id", i)), append(places.BinaryNames, "libc.so.6")
		places.UnresolvedBuildId, places.UnresolvedAddress = append(places.UnresolvedBuildId, uint32(i)), append(places.UnresolvedAddress, math.MaxUint64)
	}
	// Of long chains, each node has a leaf beside the next, so that each that is kept has an
	// "other".
	const depth = 500
	chain := refNode(0, 0, nodes/depth/2)
	for range nodes / depth / 2 {
		for i := range uint64(depth) {
			chain = append(chain, refNode(1+i, 3, 2)...)
			chain = append(chain, refNode(1+i, 1, 0)...)
		}
		chain = append(chain, refNode(0, 1, 0)...)
	}
	for name, tree := range map[string]profile.WireTree{"places": {Tree: flat, Refs: places}, "names": {Tree: flat, Refs: names}, "chain": {Tree: chain, Refs: names}} {
		for _, kept := range []int64{1, nodes / 4, nodes - 2} {
			t.Run(fmt.Sprint(name, kept), func(t *testing.T) {
				said, err := tree.CutBytes(kept)
				require.NoError(t, err)
				requireTakes(t, said, nodes, func() {
					_, err := tree.CutRefs(kept)
					require.NoError(t, err)
				})
			})
		}
	}
}
