package querybackend

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// otherLocation stands for the nodes that truncation took: -1 on the wire.
const otherLocation = math.MaxUint64

// A locationNode is a node of a call tree by location, in wire order.
type locationNode struct {
	location uint64 // an index of query.v1.TreeSymbols.locations
	level    int32  // the root's is 0
	self     int64
}

var (
	errTreeEnds     = errors.New("it ends in the middle of a node, or a number does not fit 64 bits")
	errTreeValue    = errors.New("a value does not fit 63 bits")
	errTreeChildren = errors.New("more children are announced than can follow")
	errTreeTrailing = errors.New("bytes follow the last node")
)

// decodeLocationTree decodes the tree of SYMBOL_MODE_REFS: nodes as in other
// call trees, but with the number of a location or a name in place of a name. No bytes
// are an empty tree.
func decodeLocationTree(b []byte) ([]locationNode, error) {
	const nodeBytes = 3 // at least
	var nodes []locationNode
	var pending []uint64 // by level: how many more nodes come there
	if len(b) > 0 {
		pending = append(pending, 1)
	}
	offset := 0
	for len(pending) > 0 {
		fields, next, ok := uvarints(b, offset)
		var err error
		switch {
		case !ok:
			err = errTreeEnds
		case fields[1] > math.MaxInt64:
			err = errTreeValue
		case fields[2] > uint64(len(b)-next)/nodeBytes:
			err = errTreeChildren
		}
		if err != nil {
			return nil, fmt.Errorf("call tree of %d bytes, node %d at byte %d: %w", len(b), len(nodes), offset, err)
		}
		offset = next
		nodes = append(nodes, locationNode{location: fields[0], level: int32(len(pending) - 1), self: int64(fields[1])})
		pending[len(pending)-1]--
		if fields[2] > 0 {
			pending = append(pending, fields[2])
		}
		for len(pending) > 0 && pending[len(pending)-1] == 0 {
			pending = pending[:len(pending)-1]
		}
	}
	if offset != len(b) {
		return nil, fmt.Errorf("call tree of %d bytes, at byte %d: %w", len(b), offset, errTreeTrailing)
	}
	return nodes, nil
}

// uvarints reads a node's three numbers.
func uvarints(b []byte, offset int) (fields [3]uint64, next int, ok bool) {
	for i := range fields {
		v, n := binary.Uvarint(b[offset:])
		if n <= 0 {
			return fields, offset, false
		}
		fields[i] = v
		offset += n
	}
	return fields, offset, true
}

func encodeLocationTree(nodes []locationNode) []byte {
	children := make([]uint64, len(nodes))
	var path []int // by level: the node above the next one
	for i, n := range nodes {
		path = append(path[:n.level], i)
		if n.level > 0 {
			children[path[n.level-1]]++
		}
	}
	var b []byte
	for i, n := range nodes {
		b = binary.AppendUvarint(b, n.location)
		b = binary.AppendUvarint(b, uint64(n.self))
		b = binary.AppendUvarint(b, children[i])
	}
	return b
}
