package profile

import (
	"encoding/binary"
	"fmt"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// CutRefs limits a tree with references to about maxNodes, as UnmarshalTreeCut does: by what
// nodes refer to, of which several may come to have one name. The table has what is left.
// A tree that has no more nodes is returned as it is; one of names is, too. With maxNodes
// below 1 there is no limit.
//
// It fails as UnmarshalRefTree does.
func (w WireTree) CutRefs(maxNodes int64) (WireTree, error) {
	if w.Refs == nil || maxNodes < 1 {
		return w, nil
	}
	if err := checkSymbolRefs(w.Refs); err != nil {
		return WireTree{}, fmt.Errorf("symbol references: %w", err)
	}
	n, _, err := scanNodes(w.Tree, byReference)
	if err != nil || int64(n-1) <= maxNodes {
		return w, err
	}
	t := newTree(n)
	readNodes(w.Tree, byReference, t, nil)
	all := uint64(len(w.Refs.GetNames()) + len(w.Refs.GetUnresolvedAddress()))
	for i, offset := range t.Name[1:] {
		if ref, _ := readNumber(w.Tree, int(offset)); ref >= all && ref != otherRef {
			return WireTree{}, nodeError(w.Tree, i+1, int(offset), beyondTable(ref, w.Refs))
		}
	}
	cut := t.cutOffsets(maxNodes)
	c := refCutter{from: w.Refs, table: new(queryv1.SymbolRefTable), names: make(map[uint64]uint64), places: make(map[uint64]uint64), binaries: make(map[uint32]uint32)}
	refs := make([]uint64, cut.Len())
	for i, offset := range cut.Name {
		switch {
		case i == 0: // has no name, whatever it refers to
		case offset == otherOffset:
			refs[i] = otherRef
		default:
			ref, _ := readNumber(w.Tree, int(offset))
			refs[i] = c.ref(ref)
		}
	}
	children := cut.children()
	b := make([]byte, 0, 2*minNodeBytes*cut.Len())
	for i, ref := range refs {
		if ref&placeBit != 0 && ref != otherRef { // behind the names, of which all are known now
			ref = ref&^placeBit + uint64(len(c.table.Names))
		}
		b = binary.AppendUvarint(b, ref)
		b = binary.AppendUvarint(b, uint64(cut.Self[i]))
		b = binary.AppendUvarint(b, uint64(children[i]))
	}
	return WireTree{Tree: b, Refs: c.table}, nil
}

// placeBit is set in references to places, while it is not known how many names there are.
const placeBit = 1 << 62

// A refCutter makes the table of what is left of a tree. The maps are by reference into the
// table before, or by row of that.
type refCutter struct {
	from, table   *queryv1.SymbolRefTable
	names, places map[uint64]uint64
	binaries      map[uint32]uint32
}

// ref is a reference into the new table, once that is known to have all names.
func (c *refCutter) ref(ref uint64) uint64 {
	names := uint64(len(c.from.GetNames()))
	switch {
	case ref == otherRef:
		return otherRef
	case ref < names:
		kept, known := c.names[ref]
		if !known {
			kept = uint64(len(c.table.Names))
			c.names[ref] = kept
			c.table.Names = append(c.table.Names, c.from.Names[ref])
		}
		return kept
	}
	kept, known := c.places[ref]
	if !known {
		kept = uint64(len(c.table.UnresolvedAddress)) | placeBit
		c.places[ref] = kept
		c.table.UnresolvedAddress = append(c.table.UnresolvedAddress, c.from.UnresolvedAddress[ref-names])
		c.table.UnresolvedBuildId = append(c.table.UnresolvedBuildId, c.binary(c.from.UnresolvedBuildId[ref-names]))
	}
	return kept
}

func (c *refCutter) binary(row uint32) uint32 {
	kept, known := c.binaries[row]
	if !known {
		kept = uint32(len(c.table.BuildIds))
		c.binaries[row] = kept
		c.table.BuildIds = append(c.table.BuildIds, c.from.BuildIds[row])
		c.table.BinaryNames = append(c.table.BinaryNames, c.from.BinaryNames[row])
	}
	return kept
}

// beyondTable is the error of a reference that leads nowhere.
func beyondTable(ref uint64, table *queryv1.SymbolRefTable) error {
	return fmt.Errorf("reference %d into a table of %d names and %d unresolved locations",
		ref, len(table.GetNames()), len(table.GetUnresolvedAddress()))
}
