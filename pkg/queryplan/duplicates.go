package queryplan

import "math/bits"

// mergeDuplicates makes one of a block that is listed several times, as two
// answers may do, each with some of its data sets; and one of a data set that is
// listed several times in it. What their labels say is added up.
func mergeDuplicates(inv *inventory) {
	moved := inv.moveRepeated()
	if moved {
		inv.regroup()
	}
	if moved || inv.disorder {
		for i := range inv.blocks {
			dropSameSets(inv.ofBlock(&inv.blocks[i]))
		}
	}
}

// moveRepeated gives data sets of a block that was listed before to the first
// one, and says whether there are any.
func (inv *inventory) moveRepeated() bool {
	moved := false
	known := newBlockTable(len(inv.blocks))
	for i := range inv.blocks {
		if i%batchBlocks == 0 {
			known.preload(inv.hashes[i:min(i+batchBlocks, len(inv.hashes))])
		}
		first := known.firstLike(inv, int32(i))
		if first == int32(i) {
			continue
		}
		moved = true
		for j := inv.blocks[i].first; j < inv.blocks[i].end; j++ {
			inv.sets[j].block = first
		}
	}
	return moved
}

// A blockTable is a hash table of blocks with open addressing. A slot holds a
// block's number and one and, in the bits above that no number has, those of its
// hash, to spare a look at most blocks; zero is free. The length is a power of
// two, and at least half of the slots are free.
type blockTable struct {
	slots []uint32
	looks uint32 // see intake
}

func newBlockTable(blocks int) *blockTable {
	return &blockTable{slots: make([]uint32, 2<<bits.Len(uint(blocks)))}
}

// preload looks at slots that will be needed: see intake.
func (t *blockTable) preload(hashes []uint32) {
	for _, hash := range hashes {
		t.looks += t.slots[hash&uint32(len(t.slots)-1)]
	}
}

// firstLike returns the first block that was seen in the same place as this one:
// itself if there was none.
func (t *blockTable) firstLike(inv *inventory, i int32) int32 {
	mask := uint32(len(t.slots) - 1)
	hash := inv.hashes[i]
	for at := hash & mask; ; at = (at + 1) & mask {
		slot := t.slots[at]
		if slot == 0 {
			t.slots[at] = hash&^mask | uint32(i+1)
			return i
		}
		if slot&^mask != hash&^mask {
			continue
		}
		if other := int32(slot&mask) - 1; inv.compareBlocks(other, i) == 0 {
			return other
		}
	}
}

// regroup brings data sets back into the order of their blocks. Those of a block
// stay in order.
func (inv *inventory) regroup() {
	ends := make([]int32, len(inv.blocks))
	for i := range inv.sets {
		ends[inv.sets[i].block]++
	}
	var sum int32
	for i, count := range ends {
		inv.blocks[i].first, inv.blocks[i].end = sum, sum+count
		ends[i] = sum
		sum += count
	}
	grouped := make([]dataSet, len(inv.sets))
	for i := range inv.sets {
		end := &ends[inv.sets[i].block]
		grouped[*end] = inv.sets[i]
		*end++
	}
	inv.sets = grouped
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
