package queryplan

import (
	"math"
	"slices"
)

// A node is a node of the plan. A READ node has units, a MERGE node has nodes,
// both as a range of the level below.
type node struct {
	read       bool
	large      bool // a leaf of one unit that could not be balanced
	first, end int32
	blocks     int32
	sets       int32
	bytes      uint64
	cost       uint64
}

func (n *node) take(u *unit, at int32) {
	if n.blocks == 0 {
		n.first = at
	}
	n.end = at + 1
	n.blocks++
	n.sets += u.sets
	n.bytes = addBytes(n.bytes, u.bytes)
	n.cost = addBytes(n.cost, u.cost())
}

// packLeaves makes READ nodes of about the same cost, in the order of the units.
// It brings the units into the order of the leaves.
//
// The cost is balanced, not the count: a query is as slow as its slowest leaf,
// and after compaction blocks differ by four orders of magnitude. Units larger
// than the balanced cost make leaves of their own, and come first, as what takes
// longest should start first.
func packLeaves(units []unit, o Options) []node {
	target := balancedCost(units, o)
	large := largeFirst(units, target)
	leaves := make([]node, large)
	for i := range leaves {
		leaves[i] = node{read: true, large: true}
		leaves[i].take(&units[i], int32(i))
	}
	leaf := node{read: true}
	for i := large; i < len(units); i++ {
		u := &units[i]
		if leaf.blocks > 0 && leaf.full(u, target, o) {
			leaves = append(leaves, leaf)
			leaf = node{read: true}
		}
		leaf.take(u, int32(i))
	}
	if leaf.blocks > 0 {
		leaves = append(leaves, leaf)
	}
	return leaves
}

// largeFirst moves the units that cost as much as the target to the front, keeps
// the order otherwise, and returns how many they are.
func largeFirst(units []unit, target uint64) int {
	var large []unit
	free := len(units)
	for i := len(units) - 1; i >= 0; i-- {
		if units[i].cost() >= target {
			large = append(large, units[i])
			continue
		}
		free--
		units[free] = units[i]
	}
	slices.Reverse(large)
	return copy(units, large)
}

// full says that a leaf is closer to the balanced cost without the unit than
// with it, or may not have it.
func (n *node) full(u *unit, target uint64, o Options) bool {
	with := addBytes(n.cost, u.cost())
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

// balancedCost is the cost of a leaf if leaves shared all units evenly. Units
// that exceed it do not take part.
//
// There are at least as many leaves as the bounds ask for. More than that pay as
// long as what a leaf takes to read is more than what all leaves take to merge:
// with a cost of c a leaf, n leaves are read in c/n and merged in n times
// mergeBytes, which is least where both are the same.
func balancedCost(units []unit, o Options) uint64 {
	target := o.LeafBytes
	for range 2 { // what is left out makes the rest cheaper: a second time is close enough
		var total uint64
		var blocks int
		for i := range units {
			if units[i].cost() < target {
				total = addBytes(total, units[i].cost())
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
