package profile

import (
	"cmp"
	"slices"
)

// A sibling is a node among nodes of one parent: the place of its name in the
// order of the wire, and the node.
type sibling uint64

func (s sibling) order() uint32 { return uint32(s >> 32) }
func (s sibling) node() int32   { return int32(uint32(s)) }

// gather makes a tree of rows in which siblings are in any order, and may have
// the same name, and in which there may be several roots: such are one node of
// the tree. The room is how many nodes are expected.
func (t *Tree) gather(room int) *Tree {
	g := &Tree{Names: t.Names, Name: make([]int32, 0, room), Level: make([]int32, 0, room), Self: make([]int64, 0, room)}
	t.visitSame(func(level int32, same []sibling) {
		var self int64
		for _, s := range same {
			self += t.Self[s.node()]
		}
		g.append(t.Name[same[0].node()], level, self)
	})
	return g
}

// visitSame visits, in the order of the wire, the call paths of rows as gather
// takes them, each with all the nodes that it has there.
func (t *Tree) visitSame(visit func(level int32, same []sibling)) {
	order, ends := t.nameOrder(), t.ends()
	var siblings []sibling                   // that are not visited, and those visited that they go behind
	type list struct{ start, next, end int } // in siblings
	var open []list                          // by level
	children := func(from, to int32) {
		for i := from; i < to; i = ends[i] {
			siblings = append(siblings, sibling(order[t.Name[i]])<<32|sibling(i))
		}
	}
	children(0, int32(len(ends)))
	open = append(open, list{end: len(siblings)})
	for len(open) > 0 {
		here := &open[len(open)-1]
		if here.next == here.end {
			siblings = siblings[:here.start]
			open = open[:len(open)-1]
			continue
		}
		first := here.next
		for here.next < here.end && siblings[here.next].order() == siblings[first].order() {
			here.next++
		}
		same := siblings[first:here.next]
		visit(int32(len(open)-1), same)
		start := len(siblings)
		for _, s := range same {
			children(s.node()+1, ends[s.node()])
		}
		if len(siblings) > start {
			slices.Sort(siblings[start:])
			open = append(open, list{start: start, next: start, end: len(siblings)})
		}
	}
}

// nameOrder is, by name, its place among those that nodes have, where the last
// name comes first.
func (t *Tree) nameOrder() []uint32 {
	const unused = 0
	order := make([]uint32, len(t.Names))
	var used []int32
	for _, name := range t.Name {
		if order[name] == unused {
			order[name] = 1
			used = append(used, name)
		}
	}
	slices.SortFunc(used, func(a, b int32) int { return cmp.Compare(t.Names[b], t.Names[a]) })
	for i, name := range used {
		order[name] = uint32(i)
	}
	return order
}
