package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Errors of a call tree's bytes, each wrapped with the place.
var (
	errTreeTruncated = errors.New("it ends in the middle of a node")
	errTreeNumber    = errors.New("a number is larger than 64 bits hold")
	errTreeName      = errors.New("a name is longer than what is left")
	errTreeValue     = errors.New("the values add up to more than 63 bits hold")
	errTreeRoot      = errors.New("the root has a name: it must have none")
	errTreeChildren  = errors.New("more children are announced than can follow")
	errTreeTrailing  = errors.New("bytes follow the last node")
	errTreeLength    = errors.New("it is longer than 2 GiB")
)

// leastNodeBytes is what the smallest node takes: three numbers of one byte.
const leastNodeBytes = 3

// A treeNode is a node as the wire has it: the length of its name, the name,
// its self value, its number of children (query.v1.TreeReport.tree). Nodes come
// depth first, and of a node's children the last in name order comes first.
type treeNode struct {
	nameStart, nameEnd int // the name is tree[nameStart:nameEnd]
	self, children     uint64
}

// readNode reads the node at an offset of a tree that checkTree found sound, and
// says where the next one is.
func readNode(tree []byte, offset int) (treeNode, int) {
	var n treeNode
	length, offset := readNumber(tree, offset)
	n.nameStart, n.nameEnd = offset, offset+int(length)
	n.self, offset = readNumber(tree, n.nameEnd)
	n.children, offset = readNumber(tree, offset)
	return n, offset
}

func readNumber(b []byte, offset int) (uint64, int) {
	if c := b[offset]; c < 0x80 {
		return uint64(c), offset + 1
	}
	return readLongNumber(b, offset)
}

func readLongNumber(b []byte, offset int) (uint64, int) {
	var v uint64
	for shift := 0; ; shift += 7 {
		c := b[offset]
		offset++
		v |= uint64(c&0x7F) << shift
		if c < 0x80 {
			return v, offset
		}
	}
}

// tryNumber is readNumber for bytes that nobody has looked at. Where there is
// no number the next offset is noNumber.
func tryNumber(b []byte, offset int) (uint64, int) {
	if uint(offset) < uint(len(b)) && b[offset] < 0x80 {
		return uint64(b[offset]), offset + 1
	}
	return tryLongNumber(b, offset)
}

const noNumber = -1

func tryLongNumber(b []byte, offset int) (uint64, int) {
	if offset == noNumber {
		return 0, noNumber
	}
	v, n := binary.Uvarint(b[offset:])
	if n <= 0 {
		return 0, noNumber
	}
	return v, offset + n
}

// checkNode finds out what is wrong with a node.
func checkNode(tree []byte, offset int) error {
	for field := range 3 {
		v, n := binary.Uvarint(tree[offset:])
		switch {
		case n == 0:
			return errTreeTruncated
		case n < 0:
			return errTreeNumber
		}
		offset += n
		if field > 0 {
			continue
		}
		if v > uint64(len(tree)-offset) {
			return errTreeName
		}
		offset += int(v)
	}
	return nil
}

// checkTree counts the nodes of a call tree that is not empty. A tree in which
// it finds no fault can be read again without looking for any.
func checkTree(tree []byte) (int, error) {
	if len(tree) > math.MaxInt32 {
		return 0, fmt.Errorf("call tree of %d bytes: %w", len(tree), errTreeLength)
	}
	var sum uint64
	nodes, offset := 0, 0
	for pending := uint64(1); pending > 0; pending-- {
		length, next := tryNumber(tree, offset)
		if next == noNumber || length > uint64(len(tree)-next) {
			return 0, treeError(tree, nodes, offset, checkNode(tree, offset))
		}
		self, next := tryNumber(tree, next+int(length))
		children, next := tryNumber(tree, next)
		if next == noNumber {
			return 0, treeError(tree, nodes, offset, checkNode(tree, offset))
		}
		// Neither term has the highest bit, so that the sum cannot wrap.
		sum += self
		room := uint64(len(tree)-next) / leastNodeBytes
		switch {
		case nodes == 0 && length > 0:
			return 0, treeError(tree, nodes, offset, errTreeRoot)
		case self > math.MaxInt64 || sum > math.MaxInt64:
			return 0, treeError(tree, nodes, offset, errTreeValue)
		case children > room || pending-1+children > room:
			return 0, treeError(tree, nodes, offset, errTreeChildren)
		}
		offset = next
		pending += children
		nodes++
	}
	if offset < len(tree) {
		return 0, treeError(tree, nodes, offset, errTreeTrailing)
	}
	return nodes, nil
}

func treeError(tree []byte, node, offset int, err error) error {
	return fmt.Errorf("call tree of %d bytes, node %d at byte %d: %w", len(tree), node, offset, err)
}
