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
	c := refCutter{
		from: w.Refs, table: new(queryv1.SymbolRefTable),
		names: make([]uint32, len(w.Refs.GetNames())), places: make([]uint32, len(w.Refs.GetUnresolvedAddress())), binaries: make([]uint32, len(w.Refs.GetBuildIds())),
	}
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

// A refCutter makes the table of what is left of a tree. By row of the table before, the
// slices have that of the new one, counted from 1; 0 is not there.
type refCutter struct {
	from, table             *queryv1.SymbolRefTable
	names, places, binaries []uint32
}

// ref is a reference into the new table, once that is known to have all names.
func (c *refCutter) ref(ref uint64) uint64 {
	names := uint64(len(c.names))
	switch {
	case ref == otherRef:
		return otherRef
	case ref < names:
		if c.names[ref] == 0 {
			c.table.Names = append(c.table.Names, c.from.Names[ref])
			c.names[ref] = uint32(len(c.table.Names))
		}
		return uint64(c.names[ref] - 1)
	}
	place := ref - names
	if c.places[place] == 0 {
		c.table.UnresolvedAddress = append(c.table.UnresolvedAddress, c.from.UnresolvedAddress[place])
		c.table.UnresolvedBuildId = append(c.table.UnresolvedBuildId, c.binary(c.from.UnresolvedBuildId[place]))
		c.places[place] = uint32(len(c.table.UnresolvedAddress))
	}
	return uint64(c.places[place]-1) | placeBit
}

func (c *refCutter) binary(row uint32) uint32 {
	if c.binaries[row] == 0 {
		c.table.BuildIds = append(c.table.BuildIds, c.from.BuildIds[row])
		c.table.BinaryNames = append(c.table.BinaryNames, c.from.BinaryNames[row])
		c.binaries[row] = uint32(len(c.table.BuildIds))
	}
	return c.binaries[row] - 1
}

// What cutting trees with references takes for what is left: a node as it is cut and
// encoded, and what it refers to in the table, which grows.
const (
	keptRefNodeBytes = 72
	keptNameBytes    = 96
	keptPlaceBytes   = 80
	keptBinaryBytes  = 192
)

// CutBytes is what CutRefs takes. It fails as CutRefs does, but for references that lead
// nowhere.
func (w WireTree) CutBytes(maxNodes int64) (int64, error) {
	if w.Refs == nil || maxNodes < 1 {
		return 0, nil
	}
	if err := checkSymbolRefs(w.Refs); err != nil {
		return 0, fmt.Errorf("symbol references: %w", err)
	}
	n, _, err := scanNodes(w.Tree, byReference)
	if err != nil || int64(n-1) <= maxNodes {
		return 0, err
	}
	nodes := int64(n)
	kept := min(nodes, maxNodes)
	names, places, binaries := int64(len(w.Refs.GetNames())), int64(len(w.Refs.GetUnresolvedAddress())), int64(len(w.Refs.GetBuildIds()))
	return 1<<16 + nodes*CutNodeBytes + 4*(names+places+binaries) + min(nodes, 2*kept)*keptRefNodeBytes + // with an "other" for each
		min(kept, names)*keptNameBytes + min(kept, places)*keptPlaceBytes + min(kept, binaries)*keptBinaryBytes, nil
}

// beyondTable is the error of a reference that leads nowhere.
func beyondTable(ref uint64, table *queryv1.SymbolRefTable) error {
	return fmt.Errorf("reference %d into a table of %d names and %d unresolved locations",
		ref, len(table.GetNames()), len(table.GetUnresolvedAddress()))
}
