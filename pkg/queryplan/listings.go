package queryplan

import (
	"bytes"
	"cmp"
	"strings"
)

// mergeListings makes one of a block that is listed several times, as two answers
// may do, each with some of its datasets. Which of those are listed twice is found
// by a rule: see duplicateRule.
func (inv *inventory) mergeListings() {
	firsts := make(map[uint64]int32, len(inv.blocks)) // by the hash of the id
	merged := false
	for i := range inv.blocks {
		b := &inv.blocks[i]
		for hash := b.hash; ; hash++ {
			first, known := firsts[hash]
			if !known {
				firsts[hash] = int32(i)
				break
			}
			if inv.compareBlocks(&inv.blocks[first], b) != 0 {
				continue // the hash after that is as good as any
			}
			merged = true
			for j := b.first; j < b.end; j++ {
				inv.datasets[j].block = first
			}
			break
		}
	}
	if merged {
		inv.regroup()
	}
}

// compareBlocks orders blocks by all that makes their place in object storage.
func (inv *inventory) compareBlocks(a, b *block) int {
	return cmp.Or(
		bytes.Compare(a.id, b.id),
		cmp.Compare(a.shard, b.shard),
		cmp.Compare(a.level, b.level),
		strings.Compare(inv.tenants.texts[a.tenant], inv.tenants.texts[b.tenant]))
}

// regroup brings datasets back into the order of their blocks. Those of a block
// stay in order.
func (inv *inventory) regroup() {
	ends := make([]int32, len(inv.blocks))
	for i := range inv.datasets {
		ends[inv.datasets[i].block]++
	}
	var sum int32
	for i, count := range ends {
		inv.blocks[i].first, inv.blocks[i].end = sum, sum+count
		ends[i] = sum
		sum += count
	}
	grouped := make([]dataset, len(inv.datasets))
	for i := range inv.datasets {
		end := &ends[inv.datasets[i].block]
		grouped[*end] = inv.datasets[i]
		*end++
	}
	inv.datasets = grouped
}
