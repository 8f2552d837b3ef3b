package profile_test

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A pathTree is a call tree as people draw it, to check the columns against. It
// shares nothing with the code under test.
type pathTree struct {
	self     int64
	children map[string]*pathTree
}

func (t *pathTree) child(name string) *pathTree {
	if t.children == nil {
		t.children = map[string]*pathTree{}
	}
	if t.children[name] == nil {
		t.children[name] = &pathTree{}
	}
	return t.children[name]
}

// read adds the nodes of sound bytes to the tree, and returns the bytes behind.
func (t *pathTree) read(b []byte) []byte {
	number := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return v
	}
	self, children := number(), number()
	t.self += int64(self)
	for range children {
		length := number()
		name := string(b[:length])
		b = t.child(name).read(b[length:])
	}
	return b
}

// wire writes the tree's values and children, as read reads them.
func (t *pathTree) wire(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(t.self))
	b = binary.AppendUvarint(b, uint64(len(t.children)))
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(t.children))) {
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = t.children[name].wire(append(b, name...))
	}
	return b
}

// merged is what a query-backend makes of trees where it is not asked to cut.
func merged(encoded ...[]byte) []byte {
	var whole pathTree
	any := false
	for _, b := range encoded {
		if len(b) > 0 {
			any = true
			whole.read(b[1:]) // behind the root's name, which is empty
		}
	}
	if !any {
		return nil
	}
	return whole.wire([]byte{0})
}

func (t *pathTree) total() int64 {
	total := t.self
	for _, child := range t.children {
		total += child.total()
	}
	return total
}

// truncated is Pyroscope's rule in plain words: the maxNodes-th largest total is
// the least that is kept; what is smaller goes to the parent's "other".
func truncated(encoded []byte, maxNodes int64) []byte {
	var whole pathTree
	if len(encoded) == 0 {
		return nil
	}
	whole.read(encoded[1:])
	var totals []int64
	var collect func(t *pathTree)
	collect = func(t *pathTree) {
		for _, child := range t.children {
			totals = append(totals, child.total())
			collect(child)
		}
	}
	collect(&whole)
	if maxNodes < 1 || int64(len(totals)) <= maxNodes {
		return whole.wire([]byte{0})
	}
	slices.Sort(totals)
	least := totals[int64(len(totals))-maxNodes]
	var cut func(t *pathTree)
	cut = func(t *pathTree) {
		removed := int64(0)
		for name, child := range t.children {
			if total := child.total(); total < least && name != "other" {
				removed += total
				delete(t.children, name)
			}
		}
		for _, child := range t.children {
			cut(child)
		}
		if removed > 0 {
			t.child("other").self += removed
		}
	}
	cut(&whole)
	return whole.wire([]byte{0})
}

// sumFits says that the values of all trees add up to what an int64 holds.
func sumFits(trees ...*profile.Tree) bool {
	var sum uint64
	for _, t := range trees {
		if sum += uint64(t.Total()); sum > math.MaxInt64 {
			return false
		}
	}
	return true
}
