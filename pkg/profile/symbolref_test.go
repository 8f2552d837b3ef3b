package profile_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// refNode is one node of a tree of references on the wire.
func refNode(ref, self, children uint64) []byte {
	b := binary.AppendUvarint(nil, ref)
	b = binary.AppendUvarint(b, self)
	return binary.AppendUvarint(b, children)
}

const otherOnTheWire = math.MaxUint64

// refTable has main at 1 and zeta at 2, and at 3, 4 and 5 what is unresolved.
func refTable() *queryv1.SymbolRefTable {
	return &queryv1.SymbolRefTable{
		Names:             []string{"", "main", "zeta"},
		BuildIds:          []string{"id-a", "id-a", "id-b"},
		BinaryNames:       []string{"app", "app.old", ""},
		UnresolvedBuildId: []uint32{0, 1, 2},
		UnresolvedAddress: []uint64{0x1a2b, 0x1a2b, 0xff},
	}
}

// unmarshalRefs decodes one tree with references, and names it after its binaries.
func unmarshalRefs(wire []byte, table *queryv1.SymbolRefTable, maxNodes int64) (*profile.Tree, error) {
	if table == nil {
		table = new(queryv1.SymbolRefTable)
	}
	tree, err := profile.UnmarshalRefTree(profile.WireTree{Tree: wire, Refs: table})
	if err != nil {
		return nil, err
	}
	return tree.Named(nil, maxNodes), nil
}

func TestUnmarshalRefTree(t *testing.T) {
	for name, test := range map[string]struct {
		wire     []byte
		table    *queryv1.SymbolRefTable
		maxNodes int64
		want     map[string]int64
	}{
		"no bytes": {want: map[string]int64{}},
		"only a root": {
			wire: refNode(0, 0, 0), table: refTable(), want: map[string]int64{},
		},
		"resolved and not": {
			wire: slicesConcat(refNode(0, 0, 2),
				refNode(3, 5, 0),
				refNode(1, 0, 4), refNode(2, 1, 0), refNode(3, 2, 0), refNode(4, 3, 1), refNode(5, 4, 0), refNode(5, 5, 0)),
			table: refTable(),
			want: map[string]int64{
				"app!0x1a2b": 5, "main;zeta": 1, "main;app!0x1a2b": 2, "main;app.old!0x1a2b": 3,
				"main;app.old!0x1a2b;unknown!0xff": 4, "main;unknown!0xff": 5,
			},
		},
		"the root refers to anything": {
			wire: slicesConcat(refNode(99, 0, 1), refNode(1, 7, 0)), table: refTable(), want: map[string]int64{"main": 7},
		},
		"equal names merge with all below": {
			wire: slicesConcat(refNode(0, 0, 2),
				refNode(0, 1, 1), refNode(2, 10, 0),
				refNode(1, 2, 2), refNode(2, 20, 0), refNode(otherOnTheWire, 40, 0)),
			table: &queryv1.SymbolRefTable{Names: []string{"main", "main", "zeta"}},
			want:  map[string]int64{"main": 3, "main;zeta": 30, "main;other": 40},
		},
		"a name like that of what is unresolved": {
			wire: slicesConcat(refNode(0, 0, 2), refNode(0, 1, 0), refNode(1, 2, 0)),
			table: &queryv1.SymbolRefTable{
				Names: []string{"app!0x1"}, BuildIds: []string{"x"}, BinaryNames: []string{"app"},
				UnresolvedBuildId: []uint32{0}, UnresolvedAddress: []uint64{1},
			},
			want: map[string]int64{"app!0x1": 3},
		},
		"cut after names are merged": {
			// By reference, the largest are 8 and 7; by name, main has 9.
			wire: slicesConcat(refNode(0, 0, 4), refNode(0, 4, 0), refNode(1, 5, 0), refNode(2, 8, 0), refNode(otherOnTheWire, 1, 0)),
			table: &queryv1.SymbolRefTable{
				Names: []string{"main", "main", "zeta"},
			},
			maxNodes: 1,
			want:     map[string]int64{"main": 9, "other": 9},
		},
		"not cut without need": {
			wire: slicesConcat(refNode(0, 0, 2), refNode(1, 1, 0), refNode(2, 2, 0)), table: refTable(), maxNodes: 2,
			want: map[string]int64{"main": 1, "zeta": 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tree, err := unmarshalRefs(test.wire, test.table, test.maxNodes)
			require.NoError(t, err)
			requireSound(t, tree)
			require.Equal(t, test.want, stacks(tree))
			again, err := profile.UnmarshalTree(tree.Marshal())
			require.NoError(t, err)
			require.Equal(t, test.want, stacks(again))
		})
	}
}

func TestUnmarshalRefTreeRefuses(t *testing.T) {
	spoilt := func(spoil func(*queryv1.SymbolRefTable)) *queryv1.SymbolRefTable {
		table := refTable()
		spoil(table)
		return table
	}
	huge := binary.AppendUvarint(nil, math.MaxUint64)
	for name, test := range map[string]struct {
		wire  []byte
		table *queryv1.SymbolRefTable
		error string
	}{
		"one byte":              {[]byte{0}, refTable(), "ends in the middle"},
		"child missing":         {refNode(0, 0, 1), refTable(), "more children"},
		"huge child count":      {append([]byte{0, 0}, huge...), refTable(), "more children"},
		"children wrap around":  {slicesConcat(refNode(0, 0, 2), refNode(1, 0, math.MaxUint64), refNode(2, 0, 0)), refTable(), "more children"},
		"negative value":        {slicesConcat(refNode(0, 0, 1), refNode(1, math.MaxUint64, 0)), refTable(), "63 bits"},
		"sum overflows":         {slicesConcat(refNode(0, 1, 1), refNode(1, math.MaxInt64, 0)), refTable(), "63 bits"},
		"varint too long":       {slicesConcat([]byte(strings.Repeat("\xff", 11))), refTable(), "64 bits"},
		"trailing bytes":        {append(refNode(0, 0, 0), 0), refTable(), "bytes follow"},
		"reference beyond":      {slicesConcat(refNode(0, 0, 1), refNode(6, 1, 0)), refTable(), "node 1 at byte 3: reference 6 into a table of 3 names and 3 unresolved locations"},
		"reference -2":          {slicesConcat(refNode(0, 0, 1), refNode(math.MaxUint64-1, 1, 0)), refTable(), "into a table of 3 names"},
		"no table":              {slicesConcat(refNode(0, 0, 1), refNode(0, 1, 0)), nil, "into a table of 0 names"},
		"binary names":          {nil, spoilt(func(s *queryv1.SymbolRefTable) { s.BinaryNames = s.BinaryNames[:2] }), "2 binary_names for 3 build_ids"},
		"addresses":             {nil, spoilt(func(s *queryv1.SymbolRefTable) { s.UnresolvedAddress = s.UnresolvedAddress[:2] }), "3 unresolved_build_id for 2 unresolved_address"},
		"build id":              {nil, spoilt(func(s *queryv1.SymbolRefTable) { s.UnresolvedBuildId[1] = math.MaxUint32 }), "unresolved_build_id[1] is 4294967295: there are 3 build_ids"},
		"too much is not known": {nil, tooManyLocations(), "1000001 unresolved locations: at most 1000000 are allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unmarshalRefs(test.wire, test.table, 0)
			require.ErrorContains(t, err, test.error)
		})
	}
}

func tooManyLocations() *queryv1.SymbolRefTable {
	return &queryv1.SymbolRefTable{
		BuildIds: []string{"x"}, BinaryNames: []string{"app"},
		UnresolvedBuildId: make([]uint32, profile.MaxUnresolvedLocations+1),
		UnresolvedAddress: make([]uint64, profile.MaxUnresolvedLocations+1),
	}
}

// A name is repeated for each address, so a long one is cut, within no character.
func TestLongBinaryNamesAreCut(t *testing.T) {
	table := refTable()
	table.BinaryNames[0] = "x" + strings.Repeat("é", 1<<20)
	tree, err := unmarshalRefs(slicesConcat(refNode(0, 0, 1), refNode(3, 1, 0)), table, 0)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"x" + strings.Repeat("é", 127) + "!0x1a2b": 1}, stacks(tree))
}

func TestDeepSymbolRefTree(t *testing.T) {
	const depth = 10_000
	wire := refNode(0, 0, 1)
	for i := range uint64(depth) {
		wire = append(wire, refNode(1+i%5, 1, min(1, depth-1-i))...)
	}
	tree, err := unmarshalRefs(wire, refTable(), 0)
	require.NoError(t, err)
	requireSound(t, tree)
	require.Equal(t, tree.Len(), depth+1)
	require.EqualValues(t, depth, tree.Total())
}

func FuzzUnmarshalRefTree(f *testing.F) {
	add := func(wire []byte, table *queryv1.SymbolRefTable) {
		b, err := table.MarshalVT()
		require.NoError(f, err)
		f.Add(wire, b, int64(2))
	}
	add(nil, nil)
	add(slicesConcat(refNode(0, 0, 2), refNode(3, 5, 0), refNode(1, 0, 2), refNode(2, 1, 0), refNode(5, 4, 0)), refTable())
	add(slicesConcat(refNode(0, 0, 2), refNode(1, 1, 1), refNode(otherOnTheWire, 2, 0), refNode(1, 3, 0)), refTable())
	add(append([]byte{0, 0}, binary.AppendUvarint(nil, math.MaxUint64)...), refTable())
	f.Fuzz(func(t *testing.T, wire, encoded []byte, maxNodes int64) {
		table := new(queryv1.SymbolRefTable)
		if table.UnmarshalVT(encoded) != nil {
			return
		}
		whole, err := unmarshalRefs(wire, table, 0)
		cut, cutErr := unmarshalRefs(wire, table, maxNodes)
		require.Equal(t, err, cutErr)
		if err != nil {
			return
		}
		requireSound(t, whole)
		requireSound(t, cut)
		require.Equal(t, whole.Total(), cut.Total())
		again, err := profile.UnmarshalTree(whole.Marshal())
		require.NoError(t, err)
		require.Equal(t, stacks(whole), stacks(again))
	})
}
