package profile

// UnmarshalTreeCut decodes a call tree as UnmarshalTree does, and truncates it nearly as Truncate does, for trees that
// have far more nodes than are wanted: names are looked at only where they are kept, so it needs no more than CutNodeBytes
// for each node that is there.
//
// Of nodes that have just the least total that is kept, Truncate keeps all, of which there may be millions. Here no more
// than maxNodes are kept, the first in the order of the wire, and an "other" for each parent of those that are not.
func UnmarshalTreeCut(b []byte, maxNodes int64) (*Tree, error) {
	n, err := CountNodes(b)
	if err != nil {
		return nil, err
	}
	if maxNodes < 1 || int64(n-1) <= maxNodes {
		return UnmarshalTree(b)
	}
	t := newTree(n)
	readNodes(b, byName, t, nil)
	cut := t.cutOffsets(maxNodes)
	names := newNameTable(0, "", otherName)
	for i, offset := range cut.Name {
		switch {
		case offset == otherOffset:
			cut.Name[i] = names.string(otherName)
		case i > 0:
			cut.Name[i] = names.bytes(nameAt(b, int(offset)))
		}
	}
	cut.Names = names.list
	return cut.gather(cut.Len()), nil
}

// otherOffset is in the place of a name's offset, where what is cut goes.
const otherOffset = -1

// cutOffsets cuts a tree that has offsets in the place of names, and needs its self values
// for that. Of nodes with just the least total that is kept, it keeps the first.
func (t *Tree) cutOffsets(maxNodes int64) *Tree {
	totals := t.Self // in their place: there may be many
	t.addUp(totals)
	least := t.leastTotal(totals, maxNodes)
	ties := maxNodes
	for _, total := range totals[1:] {
		if total > least {
			ties--
		}
	}
	room := min(t.Len(), 2*int(maxNodes)+1) // each that is kept may have an "other" beside it
	cut := &Tree{Name: make([]int32, 0, room), Level: make([]int32, 0, room), Self: make([]int64, 0, room)}
	t.cutInto(cut, totals, otherOffset, func(i int) bool {
		if totals[i] == least {
			ties--
			return ties >= 0
		}
		return totals[i] > least
	})
	return cut
}

// CutNodeBytes is what UnmarshalTreeCut takes for each node.
const CutNodeBytes = 16
