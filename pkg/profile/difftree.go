package profile

import (
	"fmt"
	"math"
)

// A DiffTree is two call trees laid over each other, as flat arrays in wire
// order. A call path that one side lacks has zeros there.
type DiffTree struct {
	// Names are the function names. Nodes refer to them.
	Names []string
	// Nodes[0] is the nameless root, always there.
	Nodes []DiffNode
}

// A DiffNode is one call path of a DiffTree. Name, Level and Size are as in
// Node. Of a comparison, left is the baseline.
type DiffNode struct {
	Name, Level, Size     int32
	SelfLeft, TotalLeft   int64
	SelfRight, TotalRight int64
}

// larger is the larger total of the two sides.
func (n *DiffNode) larger() int64 { return max(n.TotalLeft, n.TotalRight) }

// NewDiffTree lays two trees over each other. Of all call paths, the root among
// them, the maxNodes-th largest total (of the larger side) is the least that is
// shown; a maxNodes below 1 is no limit. A node's smaller children are gathered
// in one child "other", which comes first in wire order, even beside a function
// of that name. It is an error when a value is negative, or the totals
// of both sides add up to more than an int64 holds.
func NewDiffTree(left, right *Tree, maxNodes int64) (*DiffTree, error) {
	for _, side := range []struct {
		name string
		tree *Tree
	}{{"left", left}, {"right", right}} {
		for _, n := range side.tree.Nodes {
			if n.Self < 0 {
				return nil, fmt.Errorf("%s call tree: %q has the value %d: values must not be negative", side.name, side.tree.Names[n.Name], n.Self)
			}
		}
	}
	if left.Total() > math.MaxInt64-right.Total() {
		return nil, fmt.Errorf("call trees of %d (left) and %d (right): the sum must not exceed %d", left.Total(), right.Total(), int64(math.MaxInt64))
	}
	d := overlay(left, right)
	return d.collapse(d.minTotal(maxNodes)), nil
}

// overlay walks both trees at once. In wire order, of two nodes that come next
// the deeper one is inside a subtree that the other side lacks or has left; on
// the same level both have the same parent.
func overlay(left, right *Tree) *DiffTree {
	l, r := left.Nodes, right.Nodes
	d := &DiffTree{Nodes: make([]DiffNode, 0, max(len(l), len(r))+min(len(l), len(r))/4+1)}
	names := newNameTable(&d.Names)
	leftName, rightName := renumber(names, left), renumber(names, right)
	d.Nodes = append(d.Nodes, DiffNode{Name: names.string(""), Size: 1})
	if len(l) > 0 {
		d.Nodes[0].SelfLeft, d.Nodes[0].TotalLeft = l[0].Self, l[0].Total
		l = l[1:]
	}
	if len(r) > 0 {
		d.Nodes[0].SelfRight, d.Nodes[0].TotalRight = r[0].Self, r[0].Total
		r = r[1:]
	}
	open := make([]int32, 1, 64) // by level: the node that is being filled
	for len(l) > 0 || len(r) > 0 {
		n := DiffNode{Size: 1}
		order := 0 // below 0: left comes first; above: right; 0: both
		switch {
		case len(r) == 0:
			order = -1
		case len(l) == 0:
			order = 1
		case l[0].Level != r[0].Level:
			order = int(r[0].Level - l[0].Level)
		case leftName[l[0].Name] != rightName[r[0].Name]:
			order = 1
			if left.Names[l[0].Name] > right.Names[r[0].Name] {
				order = -1
			}
		}
		if order <= 0 {
			n.Name, n.Level, n.SelfLeft, n.TotalLeft = leftName[l[0].Name], l[0].Level, l[0].Self, l[0].Total
			l = l[1:]
		}
		if order >= 0 {
			n.Name, n.Level, n.SelfRight, n.TotalRight = rightName[r[0].Name], r[0].Level, r[0].Self, r[0].Total
			r = r[1:]
		}
		open = d.closeTo(open, n.Level)
		open = append(open, int32(len(d.Nodes)))
		d.Nodes = append(d.Nodes, n)
	}
	d.closeTo(open, 0)
	return d
}

// closeTo sets the sizes of the open nodes from a level down: no more nodes
// follow in them.
func (d *DiffTree) closeTo(open []int32, level int32) []int32 {
	for _, i := range open[level:] {
		d.Nodes[i].Size = int32(len(d.Nodes)) - i
	}
	return open[:level]
}

func renumber(names nameTable, t *Tree) []int32 {
	numbers := make([]int32, len(t.Names))
	for i, name := range t.Names {
		numbers[i] = names.string(name)
	}
	return numbers
}

// minTotal is as Tree's, but of the larger side, and it counts the root.
func (d *DiffTree) minTotal(maxNodes int64) int64 {
	if maxNodes < 1 || int64(len(d.Nodes)) <= maxNodes {
		return 0
	}
	largest := make(minHeap, 0, maxNodes)
	for i := 0; i < len(d.Nodes); {
		n := &d.Nodes[i]
		if int64(len(largest)) == maxNodes && n.larger() <= largest[0] {
			i += int(n.Size)
			continue
		}
		largest.offer(n.larger(), maxNodes)
		i++
	}
	return largest[0]
}

// collapse gathers every node's children below the given total in one leaf.
func (d *DiffTree) collapse(least int64) *DiffTree {
	if least == 0 {
		return d
	}
	c := &DiffTree{Names: d.Names}
	names := newNameTable(&c.Names)
	for i, name := range d.Names {
		names.index[name] = int32(i)
	}
	other := names.string(otherName)
	open := make([]int32, 0, 64)
	for i := 0; i < len(d.Nodes); {
		n := d.Nodes[i]
		if n.larger() < least {
			i += int(n.Size)
			continue
		}
		rest := DiffNode{Name: other, Level: n.Level + 1, Size: 1}
		for child, last := i+1, i+int(n.Size); child < last; child += int(d.Nodes[child].Size) {
			if x := &d.Nodes[child]; x.larger() < least {
				rest.SelfLeft += x.TotalLeft
				rest.SelfRight += x.TotalRight
			}
		}
		rest.TotalLeft, rest.TotalRight = rest.SelfLeft, rest.SelfRight
		open = c.closeTo(open, n.Level)
		open = append(open, int32(len(c.Nodes)))
		c.Nodes = append(c.Nodes, n)
		if rest.larger() > 0 {
			c.Nodes = append(c.Nodes, rest)
		}
		i++
	}
	c.closeTo(open, 0)
	return c
}
