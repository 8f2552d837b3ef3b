package queryplan

import (
	"math"
	"slices"
)

// A node is a node of the plan. A READ node has reads, a MERGE node has nodes,
// both as a range of the level below.
type node struct {
	read       bool
	large      bool // a leaf of one read that could not be balanced
	first, end int32
	blocks     int32
	datasets   int32
	bytes      uint64
	cost       uint64
}

func (n *node) take(r *blockRead, at int32) {
	if n.blocks == 0 {
		n.first = at
	}
	n.end = at + 1
	n.blocks++
	n.datasets += r.datasets
	n.bytes = addBytes(n.bytes, r.bytes)
	n.cost = addBytes(n.cost, r.cost())
}

// packLeaves makes READ nodes of about the same cost, in the order of the reads.
// It brings the reads into the order of the leaves.
//
// The cost is balanced, not the count: a query is as slow as its slowest leaf,
// and after compaction blocks differ by four orders of magnitude. Units larger
// than the balanced cost make leaves of their own, and come first, as what takes
// longest should start first.
func packLeaves(reads []blockRead, o Options) []node {
	target := balancedCost(reads, o)
	large := largeFirst(reads, target)
	leaves := make([]node, large)
	for i := range leaves {
		leaves[i] = node{read: true, large: true}
		leaves[i].take(&reads[i], int32(i))
	}
	leaf := node{read: true}
	for i := large; i < len(reads); i++ {
		r := &reads[i]
		if leaf.blocks > 0 && leaf.full(r, target, o) {
			leaves = append(leaves, leaf)
			leaf = node{read: true}
		}
		leaf.take(r, int32(i))
	}
	if leaf.blocks > 0 {
		leaves = append(leaves, leaf)
	}
	return leaves
}

// largeFirst moves the reads that cost as much as the target to the front, keeps
// the order otherwise, and returns how many they are.
func largeFirst(reads []blockRead, target uint64) int {
	var large []blockRead
	free := len(reads)
	for i := len(reads) - 1; i >= 0; i-- {
		if reads[i].cost() >= target {
			large = append(large, reads[i])
			continue
		}
		free--
		reads[free] = reads[i]
	}
	slices.Reverse(large)
	return copy(reads, large)
}

// full says that a leaf is closer to the balanced cost without the read than
// with it, or may not have it.
func (n *node) full(r *blockRead, target uint64, o Options) bool {
	with := addBytes(n.cost, r.cost())
	if int(n.blocks) >= o.LeafBlocks || with > o.LeafBytes || n.cost >= target {
		return true
	}
	return with > target && with-target > target-n.cost
}

// mergeBytes is what merging one leaf's report costs, as bytes read: some 2 ms.
const mergeBytes = 256 << 10

// leastLeaf is the cost below which a leaf is not worth a request, as bytes: some
// 20 ms.
const leastLeaf = 2 << 20

// balancedCost is the cost of a leaf if leaves shared all reads evenly. Reads
// that exceed it do not take part.
//
// There are at least as many leaves as the bounds ask for. More than that pay as
// long as what a leaf takes to read is more than what all leaves take to merge:
// with a cost of c a leaf, n leaves are read in c/n and merged in n times
// mergeBytes, which is least where both are the same.
func balancedCost(reads []blockRead, o Options) uint64 {
	target := o.LeafBytes
	for range 2 { // what is left out makes the rest cheaper: a second time is close enough
		var total uint64
		var blocks int
		for i := range reads {
			if reads[i].cost() < target {
				total = addBytes(total, reads[i].cost())
				blocks++
			}
		}
		least := max(ceilDiv(total, o.LeafBytes), ceilDiv(uint64(blocks), uint64(o.LeafBlocks)))
		most := min(uint64(math.Sqrt(float64(total)/mergeBytes)), total/leastLeaf)
		target = max(1, min(target, ceilDiv(total, max(1, least, most))))
	}
	return target
}

func ceilDiv[N int | uint64](a, b N) N {
	if a == 0 {
		return 0
	}
	return (a-1)/b + 1
}
