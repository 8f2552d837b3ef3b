package profile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Errors of a call tree's bytes, each wrapped with the place.
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

// minNodeBytes is the least that one node takes on the wire: three numbers.
const minNodeBytes = 3

// A nodeForm is what a node on the wire begins with. A self value and a number
// of children follow, both uvarints.
type nodeForm bool

const (
	// byName is a uvarint length and a name.
	byName nodeForm = false
	// byReference is a uvarint: a reference into a table.
	byReference nodeForm = true
)

// CountNodes is how many nodes a call tree's bytes have, as UnmarshalTree reads
// them, and fails as it does. It needs no memory.
func CountNodes(b []byte) (int, error) {
	n, _, err := scanNodes(b, byName)
	return n, err
}

// scanNodes checks a tree's bytes, counts its nodes and adds up their values.
func scanNodes(b []byte, form nodeForm) (nodes int, sum uint64, err error) {
	if len(b) == 0 {
		return 0, 0, nil
	}
	if len(b) > math.MaxInt32 {
		return 0, 0, fmt.Errorf("call tree of %d bytes: %w", len(b), errTreeLength)
	}
	offset := 0
	for pending := uint64(1); pending > 0; pending-- {
		n, end := scanNode(b, offset, form)
		if end == nowhere {
			return 0, 0, nodeError(b, nodes, offset, explainNode(b, offset, form))
		}
		sum += n.self // both were below 2^63: no wrap
		// Every node announced must still fit into what is left.
		room := uint64(len(b)-end) / minNodeBytes
		switch {
		case nodes == 0 && form == byName && n.key > 0:
			err = errTreeRoot
		case n.self > math.MaxInt64 || sum > math.MaxInt64:
			err = errTreeValue
		case n.children > room || pending-1+n.children > room:
			err = errTreeChildren
		}
		if err != nil {
			return 0, 0, nodeError(b, nodes, offset, err)
		}
		nodes++
		offset = end
		pending += n.children
	}
	if offset != len(b) {
		return 0, 0, nodeError(b, nodes, offset, errTreeTrailing)
	}
	return nodes, sum, nil
}

// A wireNode is the numbers of a node: key is the length of its name, or its
// reference.
type wireNode struct{ key, self, children uint64 }

// scanNode reads the numbers of the node at an offset, and finds where it ends:
// nowhere, if it is none. Numbers of one byte are read in place: most are.
func scanNode(b []byte, offset int, form nodeForm) (n wireNode, end int) {
	if offset == len(b) {
		return n, nowhere
	}
	key, at := uint64(b[offset]), offset+1
	if key >= moreBytes {
		key, at = readLongNumber(b, offset)
	}
	if form == byName && at != nowhere {
		if key > uint64(len(b)-at) {
			return n, nowhere
		}
		at += int(key)
	}
	if uint(at) >= uint(len(b)) {
		return n, nowhere
	}
	self, next := uint64(b[at]), at+1
	if self >= moreBytes {
		self, next = readLongNumber(b, at)
	}
	if uint(next) >= uint(len(b)) {
		return n, nowhere
	}
	children, end := uint64(b[next]), next+1
	if children >= moreBytes {
		children, end = readLongNumber(b, next)
	}
	return wireNode{key, self, children}, end
}

func nodeError(b []byte, node, offset int, err error) error {
	return fmt.Errorf("call tree of %d bytes, node %d at byte %d: %w", len(b), node, offset, err)
}

const nowhere = -1

// readNumber reads a uvarint, of one byte mostly, and finds where it ends:
// nowhere, if it is none.
func readNumber(b []byte, at int) (v uint64, end int) {
	if c := b[at]; c < moreBytes {
		return uint64(c), at + 1
	}
	return readLongNumber(b, at)
}

// moreBytes is the bit that all bytes of a number have but the last.
const moreBytes = 0x80

// readLongNumber reads 8 bytes at once, since to find out byte by byte how many
// there are makes a processor guess, and guess wrong.
func readLongNumber(b []byte, offset int) (uint64, int) {
	if offset == nowhere {
		return 0, nowhere
	}
	const highest = 0x8080_8080_8080_8080 // bits: in the last byte of a number it is 0
	if len(b)-offset >= 8 {
		word := binary.LittleEndian.Uint64(b[offset:])
		if last := ^word & highest; last != 0 {
			// The bits up to the first that is set in last, and of each byte 7.
			word &= (last ^ (last - 1)) &^ highest
			word = word&0x007F_007F_007F_007F | word&0x7F00_7F00_7F00_7F00>>1
			word = word&0x0000_3FFF_0000_3FFF | word&0x3FFF_0000_3FFF_0000>>2
			word = word&0x0000_0000_0FFF_FFFF | word&0x0FFF_FFFF_0000_0000>>4
			return word, offset + bits.TrailingZeros64(last)/8 + 1
		}
	}
	v, n := binary.Uvarint(b[offset:])
	if n <= 0 {
		return 0, nowhere
	}
	return v, offset + n
}

// explainNode says what is wrong with bytes that are no node.
func explainNode(b []byte, offset int, form nodeForm) error {
	for field := range 3 {
		v, n := binary.Uvarint(b[offset:])
		switch {
		case n == 0:
			return errTreeTruncated
		case n < 0:
			return errTreeVarint
		}
		offset += n
		if field == 0 && form == byName {
			if v > uint64(len(b)-offset) {
				return errTreeName
			}
			offset += int(v)
		}
	}
	return nil
}

// readNodes reads the nodes of a tree that scanNodes found sound: as many as the
// tree has room for. Without a table of names, it leaves the offsets of the nodes
// where the names go. It says whether all siblings are in the order of the wire,
// and each there once, as far as it has names.
func readNodes(b []byte, form nodeForm, t *Tree, names *nameTable) (ordered bool) {
	type openNode struct {
		children uint32 // still to come
		before   int32  // the name of the child read last, or noName
	}
	open := make([]openNode, 0, 64)
	ordered = true
	offset := 0
	for i := range t.Name {
		name := int32(offset)
		n, end := scanNode(b, offset, form)
		if names != nil {
			name = names.bytes(nameAt(b, offset))
			if i > 0 {
				parent := &open[len(open)-1]
				if parent.before != noName && names.list[name] >= names.list[parent.before] {
					ordered = false
				}
				parent.before = name
			}
		}
		t.Name[i], t.Level[i], t.Self[i] = name, int32(len(open)), int64(n.self)
		offset = end
		if n.children > 0 {
			open = append(open, openNode{uint32(n.children), noName})
			continue
		}
		for len(open) > 0 {
			if open[len(open)-1].children--; open[len(open)-1].children > 0 {
				break
			}
			open = open[:len(open)-1]
		}
	}
	return ordered
}

// nameAt is the name of the node at an offset.
func nameAt(b []byte, offset int) []byte {
	length, start := readNumber(b, offset)
	return b[start : start+int(length)]
}

// MarshalSize is at least the number of bytes that Marshal makes: each node has its name there.
func (t *Tree) MarshalSize() int64 {
	size := int64(0)
	for _, name := range t.Name {
		size += int64(len(t.Names[name])) + 3*binary.MaxVarintLen64
	}
	return size
}

// Marshal encodes the tree as UnmarshalTree reads it. An empty tree is no bytes.
func (t *Tree) Marshal() []byte {
	if t.Len() == 0 {
		return nil
	}
	children := t.children()
	size := 0
	for _, name := range t.Name {
		size += len(t.Names[name]) + 2*minNodeBytes
	}
	b := make([]byte, 0, size)
	for i, number := range t.Name {
		name := t.Names[number]
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(b, name...)
		b = binary.AppendUvarint(b, uint64(t.Self[i]))
		b = binary.AppendUvarint(b, uint64(children[i]))
	}
	return b
}

// children are how many children the nodes have.
func (t *Tree) children() []uint32 {
	children := make([]uint32, t.Len())
	open := make([]int32, t.levels()) // by level: the node
	for i, level := range t.Level {
		open[level] = int32(i)
		if level > 0 {
			children[open[level-1]]++
		}
	}
	return children
}
