package queryplan

import (
	"slices"
)

// mergeDuplicates makes one of a block that is listed several times, as two
// answers may do, each with some of its data sets; and one of a data set that is
// listed several times in it. What their labels say is added up.
func mergeDuplicates(inv *inventory) {
	moved := false
	known := newBlockTable(len(inv.blocks))
	for i := range inv.blocks {
		first := known.firstLike(inv, int32(i))
		if first == int32(i) {
			continue
		}
		moved = true
		for j := inv.blocks[i].first; j < inv.blocks[i].end; j++ {
			inv.sets[j].block = first
		}
	}
	if moved {
		inv.regroup()
	}
	for i := range inv.blocks {
		dropSameSets(inv.ofBlock(&inv.blocks[i]))
	}
}

// A blockTable is a hash table of blocks with open addressing. A slot holds a
// block's hash and, in the lower half, its number and one; zero is free. The hash
// is there to spare a look at the block. There are at least twice as many slots
// as blocks.
type blockTable []uint64

func newBlockTable(blocks int) blockTable {
	size := 2
	for size < 2*blocks {
		size *= 2
	}
	return make(blockTable, size)
}

// firstLike returns the first block that was seen in the same place as this one:
// itself if there was none.
func (t blockTable) firstLike(inv *inventory, i int32) int32 {
	hash, mask := inv.blocks[i].hash, uint32(len(t)-1)
	for slot := hash & mask; ; slot = (slot + 1) & mask {
		if t[slot] == 0 {
			t[slot] = uint64(hash)<<32 | uint64(i+1)
			return i
		}
		other := int32(t[slot]) - 1
		if uint32(t[slot]>>32) == hash && inv.compareBlocks(other, i) == 0 {
			return other
		}
	}
}

// regroup brings data sets back into the order of their blocks.
func (inv *inventory) regroup() {
	slices.SortStableFunc(inv.sets, func(a, b dataSet) int { return int(a.block) - int(b.block) })
	for i := range inv.blocks {
		inv.blocks[i].first, inv.blocks[i].end = 0, 0
	}
	for i := range inv.sets {
		b := &inv.blocks[inv.sets[i].block]
		if b.end == 0 {
			b.first = int32(i)
		}
		b.end = int32(i) + 1
	}
}

// A setKey is what makes a data set's place in a block.
type setKey struct {
	tenant       int32
	isIndex      bool
	offset, size uint64
}

func dropSameSets(sets []dataSet) {
	if inOrder(sets) {
		return
	}
	firsts := make(map[setKey]*dataSet, len(sets))
	for i := range sets {
		set := &sets[i]
		key := setKey{set.tenant, set.isIndex, set.offset, set.size}
		first, seen := firsts[key]
		if !seen {
			firsts[key] = set
			continue
		}
		first.evidence |= set.evidence
		set.dropped = isDuplicate
	}
}

// inOrder says that data sets lie one behind the other, as writers leave them:
// then none is listed twice.
func inOrder(sets []dataSet) bool {
	for i := 1; i < len(sets); i++ {
		if sets[i].offset <= sets[i-1].offset {
			return false
		}
	}
	return true
}
