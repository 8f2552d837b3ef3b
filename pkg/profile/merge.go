package profile

import (
	"fmt"
	"math"
)

// UnmarshalTree decodes a call tree as query.v1.TreeReport.tree and
// querier.v1.SelectMergeStacktracesResponse.tree carry it: a run of nodes, each
// a uvarint length of the name, the name, a uvarint self value and a uvarint
// number of children. No bytes are an empty tree.
//
// Siblings that are not in order, or not unique, are sorted and merged.
func UnmarshalTree(b []byte) (*Tree, error) { return MergeTrees(b) }

// MergeTrees decodes call trees as UnmarshalTree does, and adds them up: to what
// a query-backend makes of them where it is not asked to cut, in whatever order
// they are given. The work grows with the number of all nodes, and with the
// logarithm of how many children a node has in all trees. It is an error when
// the values of all add up to more than an int64 holds.
func MergeTrees(encoded ...[]byte) (*Tree, error) {
	counts := make([]int, len(encoded))
	var nodes, trees int
	var sum uint64
	for i, b := range encoded {
		n, values, err := scanNodes(b, byName)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		counts[i] = n
		trees++
		nodes += n
		if sum += values; sum > math.MaxInt64 {
			return nil, fmt.Errorf("%d call trees: %w", trees, errTreeValue)
		}
		if nodes > math.MaxInt32 {
			return nil, fmt.Errorf("%d call trees of %d nodes: they must not have more than %d", trees, nodes, math.MaxInt32)
		}
	}
	if trees == 0 {
		return &Tree{}, nil
	}
	all := newTree(nodes)
	names := newNameTable(nodes/usualUses, "")
	ordered := true
	from, largest := 0, 0
	for i, b := range encoded {
		to := from + counts[i]
		part := &Tree{Name: all.Name[from:to], Level: all.Level[from:to], Self: all.Self[from:to]}
		ordered = readNodes(b, byName, part, names) && ordered
		from, largest = to, max(largest, counts[i])
	}
	all.Names = names.list
	if trees == 1 && ordered {
		return all, nil
	}
	return all.gather(largest), nil
}
