package frame

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
// says where the next one is. Numbers of one byte are read in place: most are.
func readNode(tree []byte, offset int) (treeNode, int) {
	var n treeNode
	length, next := uint64(tree[offset]), offset+1
	if length >= moreBytes {
		length, next = readLongNumber(tree, offset)
	}
	n.nameStart, n.nameEnd = next, next+int(length)
	n.self, next = uint64(tree[n.nameEnd]), n.nameEnd+1
	if n.self >= moreBytes {
		n.self, next = readLongNumber(tree, n.nameEnd)
	}
	after := next + 1
	n.children = uint64(tree[next])
	if n.children >= moreBytes {
		n.children, after = readLongNumber(tree, next)
	}
	return n, after
}

// moreBytes is the bit that all bytes of a number have but the last.
const moreBytes = 0x80

// noNumber is the next offset where there is no number.
const noNumber = -1

// readLongNumber reads 8 bytes at once, since to find out byte by byte how many
// there are makes a processor guess, and guess wrong.
func readLongNumber(b []byte, offset int) (uint64, int) {
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
		if offset >= len(tree) {
			return 0, treeError(tree, nodes, offset, errTreeTruncated)
		}
		length, next := uint64(tree[offset]), offset+1
		if length >= moreBytes {
			length, next = readLongNumber(tree, offset)
		}
		if next == noNumber || length >= uint64(len(tree)-next) {
			return 0, treeError(tree, nodes, offset, checkNode(tree, offset))
		}
		next += int(length)
		self, at := uint64(tree[next]), next+1
		if self >= moreBytes {
			self, at = readLongNumber(tree, next)
		}
		if at == noNumber || at == len(tree) {
			return 0, treeError(tree, nodes, offset, checkNode(tree, offset))
		}
		children, next := uint64(tree[at]), at+1
		if children >= moreBytes {
			children, next = readLongNumber(tree, at)
		}
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
