package profile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// otherName is the name of the node that stands for truncated siblings.
const otherName = "other"

// A Tree is a call tree as flat arrays, in wire order: depth first, and of a
// node's children the last in name order comes first. Siblings have different
// names.
type Tree struct {
	// Names are the function names, each once. Nodes refer to them.
	Names []string
	// Nodes[0] is the nameless root. An empty tree has no nodes.
	Nodes []Node
}

// A Node is one call path of a Tree.
type Node struct {
	// Name is an index of Tree.Names.
	Name int32
	// Level is the depth: 0 for the root.
	Level int32
	// Size is how many nodes the subtree has, this one included: the nodes of
	// index i's subtree are Nodes[i : i+Size].
	Size int32
	// Self is the value of the stacks that end here.
	Self int64
	// Total is Self and the totals of the children.
	Total int64
}

// Errors of UnmarshalTree, each wrapped with the offset of the node.
var (
	errTreeTruncated = errors.New("it ends in the middle of a node")
	errTreeVarint    = errors.New("a number does not fit 64 bits")
	errTreeValue     = errors.New("the values add up to more than 63 bits hold")
	errTreeName      = errors.New("a name is longer than what is left")
	errTreeChildren  = errors.New("more children are announced than can follow")
	errTreeRoot      = errors.New("the first node has a name: it must be a nameless root")
	errTreeTrailing  = errors.New("bytes follow the last node")
	errTreeLength    = errors.New("it is longer than 2 GiB")
)

// minNodeBytes is the least that one node takes on the wire: the length of an
// empty name, the self value and the number of children.
const minNodeBytes = 3

// UnmarshalTree decodes a call tree as query.v1.TreeReport.tree and
// querier.v1.SelectMergeStacktracesResponse.tree carry it: a run of nodes, each
// a uvarint length of the name, the name, a uvarint self value and a uvarint
// number of children. No bytes are an empty tree.
//
// Siblings that are not in order, or not unique, are sorted and merged.
func UnmarshalTree(b []byte) (*Tree, error) {
	if len(b) == 0 {
		return &Tree{}, nil
	}
	n, err := scanTree(b)
	if err != nil {
		return nil, err
	}
	t, ordered := readTree(b, n)
	if !ordered {
		builder := NewTreeBuilder()
		builder.AddTree(t)
		t = builder.Tree(0)
	}
	return t, nil
}

// CountNodes is how many nodes a call tree's bytes have, as UnmarshalTree reads them, and fails as it does. It needs no
// memory.
func CountNodes(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	return scanTree(b)
}

// Total is the value of all stacks.
func (t *Tree) Total() int64 {
	if len(t.Nodes) == 0 {
		return 0
	}
	return t.Nodes[0].Total
}

// scanTree checks a tree's bytes and counts its nodes. After it, readTree
// needs no checks.
func scanTree(b []byte) (int, error) {
	if len(b) > math.MaxInt32 {
		return 0, fmt.Errorf("call tree of %d bytes: %w", len(b), errTreeLength)
	}
	var sum uint64
	nodes, offset := 0, 0
	for pending := uint64(1); pending > 0; pending-- {
		next, self, children, err := scanNode(b, offset)
		if err == nil && nodes == 0 && b[0] != 0 {
			err = errTreeRoot
		}
		if err == nil {
			sum += self // both are below 2^63: no wrap
			if self > math.MaxInt64 || sum > math.MaxInt64 {
				err = errTreeValue
			}
		}
		if err == nil {
			// Every node announced must still fit into what is left.
			room := uint64(len(b)-next) / minNodeBytes
			if children > room || pending-1+children > room {
				err = errTreeChildren
			}
		}
		if err != nil {
			return 0, fmt.Errorf("call tree of %d bytes, node %d at byte %d: %w", len(b), nodes, offset, err)
		}
		nodes++
		offset = next
		pending += children
	}
	if offset != len(b) {
		return 0, fmt.Errorf("call tree of %d bytes, node %d at byte %d: %w", len(b), nodes, offset, errTreeTrailing)
	}
	return nodes, nil
}

// scanNode reads the numbers of the node at offset and finds where it ends.
func scanNode(b []byte, offset int) (next int, self, children uint64, err error) {
	length, offset, err := uvarint(b, offset)
	if err != nil {
		return 0, 0, 0, err
	}
	if length > uint64(len(b)-offset) {
		return 0, 0, 0, errTreeName
	}
	self, offset, err = uvarint(b, offset+int(length))
	if err != nil {
		return 0, 0, 0, err
	}
	children, offset, err = uvarint(b, offset)
	return offset, self, children, err
}

func uvarint(b []byte, offset int) (uint64, int, error) {
	if offset < len(b) && b[offset] < 0x80 {
		return uint64(b[offset]), offset + 1, nil
	}
	v, n := binary.Uvarint(b[offset:])
	switch {
	case n > 0:
		return v, offset + n, nil
	case n == 0:
		return 0, 0, errTreeTruncated
	default:
		return 0, 0, errTreeVarint
	}
}

// An openNode is a node of which children are still to come.
type openNode struct {
	index     int32
	remaining uint64
	lastName  int32 // of the child read last; -1: none yet
}

// readTree decodes a tree of n nodes that scanTree found sound. It also says
// whether all siblings are in wire order.
func readTree(b []byte, n int) (t *Tree, ordered bool) {
	t = &Tree{Nodes: make([]Node, n)}
	names := newNameTable(&t.Names)
	open := make([]openNode, 0, 64)
	ordered = true
	offset := 0
	for i := range t.Nodes {
		length, at, _ := uvarint(b, offset)
		end := at + int(length)
		name := names.bytes(b[at:end])
		self, at, _ := uvarint(b, end)
		children, at, _ := uvarint(b, at)
		offset = at

		t.Nodes[i] = Node{Name: name, Level: int32(len(open)), Size: 1, Self: int64(self), Total: int64(self)}
		if len(open) > 0 {
			parent := &open[len(open)-1]
			if parent.lastName >= 0 && t.Names[name] >= t.Names[parent.lastName] {
				ordered = false
			}
			parent.lastName = name
			parent.remaining--
		}
		if children > 0 {
			open = append(open, openNode{index: int32(i), remaining: children, lastName: -1})
			continue
		}
		open = t.close(int32(i), open)
	}
	return t, ordered
}

// close adds the finished node i to its parent, and so on upwards as long as
// that was a parent's last child. It returns the nodes still open.
func (t *Tree) close(i int32, open []openNode) []openNode {
	for len(open) > 0 {
		parent := open[len(open)-1]
		t.Nodes[parent.index].Size += t.Nodes[i].Size
		t.Nodes[parent.index].Total += t.Nodes[i].Total
		if parent.remaining > 0 {
			break
		}
		i = parent.index
		open = open[:len(open)-1]
	}
	return open
}

// MarshalSize is at least the number of bytes that Marshal makes: each node has its name there.
func (t *Tree) MarshalSize() int64 {
	size := int64(0)
	for _, n := range t.Nodes {
		size += int64(len(t.Names[n.Name])) + 3*binary.MaxVarintLen64
	}
	return size
}

// Marshal encodes the tree as UnmarshalTree reads it. An empty tree is no bytes.
func (t *Tree) Marshal() []byte {
	if len(t.Nodes) == 0 {
		return nil
	}
	children := make([]uint32, len(t.Nodes))
	open := make([]int32, 0, 64)
	size := 0
	for i, n := range t.Nodes {
		open = append(open[:n.Level], int32(i))
		if n.Level > 0 {
			children[open[n.Level-1]]++
		}
		size += len(t.Names[n.Name]) + 2*minNodeBytes
	}
	b := make([]byte, 0, size)
	for i, n := range t.Nodes {
		name := t.Names[n.Name]
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(b, name...)
		b = binary.AppendUvarint(b, uint64(n.Self))
		b = binary.AppendUvarint(b, uint64(children[i]))
	}
	return b
}
