package profile

import (
	"fmt"
	"math"
)

// A DiffTree is two call trees laid over each other: two trees of the same
// nodes, with the same columns Names, Name and Level. A call path that one side
// lacks has zeros there. Of a comparison, left is the baseline. The root is
// always there.
type DiffTree struct {
	Left, Right *Tree
}

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
		for i, self := range side.tree.Self {
			if self < 0 {
				return nil, fmt.Errorf("%s call tree: %q has the value %d: values must not be negative", side.name, side.tree.Names[side.tree.Name[i]], self)
			}
		}
	}
	if left.Total() > math.MaxInt64-right.Total() {
		return nil, fmt.Errorf("call trees of %d (left) and %d (right): the sum must not exceed %d", left.Total(), right.Total(), int64(math.MaxInt64))
	}
	d := overlay(left, right)
	if maxNodes < 1 || int64(d.Left.Len()) <= maxNodes {
		return d, nil
	}
	totals := [][]int64{d.Left.totals(), d.Right.totals()}
	larger := make([]int64, d.Left.Len())
	for i := range larger {
		larger[i] = max(totals[0][i], totals[1][i])
	}
	least := d.Left.largestTotal(larger, 0, maxNodes)
	sides := collapse([]*Tree{d.Left, d.Right}, totals, func(i int) bool { return larger[i] < least })
	return &DiffTree{Left: sides[0], Right: sides[1]}, nil
}

// overlay gathers the nodes of both trees, and keeps apart whose values they have.
func overlay(left, right *Tree) *DiffTree {
	names := newNameTable(len(left.Names)+len(right.Names)/4, left.Names...)
	number := names.numbers(right.Names)
	both := &Tree{
		Name:  make([]int32, 0, left.Len()+right.Len()),
		Level: make([]int32, 0, left.Len()+right.Len()),
	}
	both.Name, both.Level = append(both.Name, left.Name...), append(both.Level, left.Level...)
	for _, name := range right.Name {
		both.Name = append(both.Name, number[name])
	}
	both.Level = append(both.Level, right.Level...)
	root := names.string("")
	both.Names = names.list

	d := &DiffTree{Left: &Tree{Names: names.list}, Right: &Tree{Names: names.list}}
	both.visitSame(func(level int32, same []sibling) {
		var l, r int64
		for _, s := range same {
			if i := int(s.node()); i < left.Len() {
				l += left.Self[i]
			} else {
				r += right.Self[i-left.Len()]
			}
		}
		d.Left.append(both.Name[same[0].node()], level, l)
		d.Right.Self = append(d.Right.Self, r)
	})
	if d.Left.Len() == 0 {
		d.Left.append(root, 0, 0)
		d.Right.Self = append(d.Right.Self, 0)
	}
	d.Right.Name, d.Right.Level = d.Left.Name, d.Left.Level
	return d
}

// collapse gathers every node's children that are small, with their subtrees, in
// one leaf "other" that comes first in wire order. The sides are trees of the
// same nodes. The root is not small.
func collapse(sides []*Tree, totals [][]int64, small func(i int) bool) []*Tree {
	t := sides[0]
	collapsed := make([]*Tree, len(sides))
	for s := range sides {
		collapsed[s] = &Tree{Names: t.Names}
	}
	c := collapsed[0]
	other := c.numberOf(otherName)
	ends := t.ends()
	rest := make([]int64, len(sides))
	for i := int32(0); int(i) < t.Len(); {
		if i > 0 && small(int(i)) {
			i = ends[i]
			continue
		}
		clear(rest)
		isRest := false
		for child := i + 1; child < ends[i]; child = ends[child] {
			if small(int(child)) {
				for s := range rest {
					rest[s] += totals[s][child]
					isRest = isRest || totals[s][child] > 0
				}
			}
		}
		c.Name, c.Level = append(c.Name, t.Name[i]), append(c.Level, t.Level[i])
		if isRest {
			c.Name, c.Level = append(c.Name, other), append(c.Level, t.Level[i]+1)
		}
		for s := range sides {
			collapsed[s].Self = append(collapsed[s].Self, sides[s].Self[i])
			if isRest {
				collapsed[s].Self = append(collapsed[s].Self, rest[s])
			}
		}
		i++
	}
	for _, side := range collapsed[1:] {
		side.Names, side.Name, side.Level = c.Names, c.Name, c.Level
	}
	return collapsed
}
