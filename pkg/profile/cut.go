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
	outline := outlineOf(b, n)
	least := leastTotal(n, maxNodes, func(i int) (int64, int32) { return outline[i].total, outline[i].size })
	if maxNodes < 1 || int64(n-1) <= maxNodes {
		return UnmarshalTree(b)
	}
	ties := maxNodes
	for _, node := range outline[1:] {
		if node.total > least {
			ties--
		}
	}
	return keepFrom(b, outline, least, ties), nil
}

// CutNodeBytes is what UnmarshalTreeCut takes for each node.
const CutNodeBytes = 16

// An outlineNode is a node without its name: where it is, and what Node says of it.
type outlineNode struct {
	total  int64
	offset uint32
	size   int32
}

// outlineOf reads the nodes of a tree that scanTree found sound.
func outlineOf(b []byte, n int) []outlineNode {
	outline := make([]outlineNode, n)
	open := make([]openNode, 0, 64)
	offset := 0
	for i := range outline {
		next, self, children, _ := scanNode(b, offset)
		outline[i] = outlineNode{total: int64(self), offset: uint32(offset), size: 1}
		offset = next
		if children > 0 {
			open = append(open, openNode{index: int32(i), remaining: children})
			continue
		}
		for at := int32(i); len(open) > 0; {
			parent := &open[len(open)-1]
			parent.remaining--
			outline[parent.index].size += outline[at].size
			outline[parent.index].total += outline[at].total
			if parent.remaining > 0 {
				break
			}
			at = parent.index
			open = open[:len(open)-1]
		}
	}
	return outline
}

// keepFrom makes a tree of the nodes with more than the least total, and of some that have just that.
func keepFrom(b []byte, outline []outlineNode, least, ties int64) *Tree {
	type level struct {
		end  int   // where the subtree ends
		node int32 // the builder's
	}
	builder := NewTreeBuilder()
	other := builder.table.string(otherName)
	var path []level
	for i := 0; i < len(outline); {
		n := outline[i]
		for len(path) > 0 && path[len(path)-1].end <= i {
			path = path[:len(path)-1]
		}
		length, start, _ := uvarint(b, int(n.offset))
		name := b[start : start+int(length)]
		self, _, _ := uvarint(b, start+int(length))
		drop := n.total < least
		if n.total == least && i > 0 {
			drop = ties == 0
			ties = max(0, ties-1)
		}
		if drop {
			builder.add(builder.descend(path[len(path)-1].node, other), n.total)
			i += int(n.size)
			continue
		}
		node := int32(0)
		if i > 0 {
			node = builder.descend(path[len(path)-1].node, builder.table.bytes(name))
		}
		builder.add(node, int64(self))
		path = append(path, level{end: i + int(n.size), node: node})
		i++
	}
	return builder.Tree(0)
}
