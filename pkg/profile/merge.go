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
	var sizes treeSizes
	for _, b := range encoded {
		if err := sizes.add(b, byName); err != nil {
			return nil, err
		}
	}
	if sizes.trees == 0 {
		return &Tree{}, nil
	}
	all := newTree(sizes.nodes)
	names := newNameTable(sizes.nodes/usualUses, "")
	ordered := true
	from := 0
	for i, b := range encoded {
		to := from + sizes.counts[i]
		part := &Tree{Name: all.Name[from:to], Level: all.Level[from:to], Self: all.Self[from:to]}
		ordered = readNodes(b, byName, part, names) && ordered
		from = to
	}
	all.Names = names.list
	if sizes.trees == 1 && ordered {
		return all, nil
	}
	return all.gather(sizes.largest), nil
}

// treeSizes add up what trees have that are decoded together.
type treeSizes struct {
	counts  []int // nodes of each
	trees   int   // that have nodes
	nodes   int
	named   int // of nodes: those with names of their own
	largest int // of counts
	values  uint64
}

// add scans one more tree.
func (s *treeSizes) add(b []byte, form nodeForm) error {
	n, values, err := scanNodes(b, form)
	if err != nil {
		return err
	}
	s.counts = append(s.counts, n)
	if n == 0 {
		return nil
	}
	s.trees++
	s.nodes += n
	if form == byName {
		s.named += n
	}
	s.largest = max(s.largest, n)
	if s.values += values; s.values > math.MaxInt64 {
		return fmt.Errorf("%d call trees: %w", s.trees, errTreeValue)
	}
	if s.nodes > math.MaxInt32 {
		return fmt.Errorf("%d call trees of %d nodes: they must not have more than %d", s.trees, s.nodes, math.MaxInt32)
	}
	return nil
}
