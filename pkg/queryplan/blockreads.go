package queryplan

import (
	"cmp"
	"slices"
)

// blockOverhead is what opening a block costs besides its bytes, as bytes: it
// keeps leaves of very many very small blocks from being taken for cheap. It is a
// third of a millisecond of reading, by the rate that DefaultLeafBytes is chosen by.
const blockOverhead = 32 << 10

// A blockRead is what a leaf takes whole: a block, or some datasets of a large one.
type blockRead struct {
	bytes      uint64
	block      int32
	first, end int32 // datasets; those that are dropped lie between others
	datasets   int32 // how many are read
	// The read as a leaf has it, in wire format: from and up to, in Plan.encoded.
	from, to     int
	unsymbolized bool // one of the datasets is
	// minTime and maxTime are when its profiles begin and end.
	minTime, maxTime int64
}

// cost is what leaves are balanced by.
func (r *blockRead) cost() uint64 { return addBytes(r.bytes, blockOverhead) }

// planReads applies the rules and turns what they leave of the inventory into
// reads, in the order of the inventory.
func planReads(inv *inventory, rules []rule, o Options) []blockRead {
	reads := make([]blockRead, 0, len(inv.blocks))
	var ruled ruledBlock
	for i := range inv.blocks {
		ruled.block, ruled.datasets = &inv.blocks[i], inv.of(&inv.blocks[i])
		ruled.applyAll(rules)
		reads = inv.cutBlock(reads, int32(i), o)
	}
	return reads
}

// sortReads returns reads in an order that is the same whatever order the metastore
// listed blocks in: datasets of the same tenant, service and shard lie together, so
// that the trees that meet in a merge are alike and stay small, and those by time.
func (inv *inventory) sortReads(reads []blockRead) []blockRead {
	tenants, services := inv.tenants.ranks(), inv.services.ranks()
	// Keys are sorted, and not the reads, which would be moved about and lead to all
	// over the inventory.
	type key struct {
		group, place uint64
		at           int32
	}
	keys := make([]key, len(reads))
	for i := range reads {
		b, d := &inv.blocks[reads[i].block], &inv.datasets[reads[i].first]
		keys[i] = key{
			group: tenants[d.tenant]<<32 | services[d.service],
			place: uint64(b.shard)<<32 | uint64(b.time),
			at:    int32(i),
		}
	}
	slices.SortFunc(keys, func(a, b key) int {
		switch {
		case a.group != b.group:
			return cmp.Compare(a.group, b.group)
		case a.place != b.place:
			return cmp.Compare(a.place, b.place)
		}
		r, s := &reads[a.at], &reads[b.at]
		if r.block == s.block {
			return cmp.Compare(r.first, s.first)
		}
		return inv.compareBlocks(&inv.blocks[r.block], &inv.blocks[s.block])
	})
	sorted := make([]blockRead, len(reads))
	for i := range keys {
		sorted[i] = reads[keys[i].at]
	}
	return sorted
}

// cutBlock makes one read of a block, or several of one that is larger than a leaf
// may be. An index is not split: it is read as a whole.
func (inv *inventory) cutBlock(reads []blockRead, i int32, o Options) []blockRead {
	b := &inv.blocks[i]
	room := o.LeafBytes - min(blockOverhead, o.LeafBytes)
	current := blockRead{block: i}
	for j := b.first; j < b.end; j++ {
		d := &inv.datasets[j]
		if !d.kept() {
			continue
		}
		full := !b.indexed && addBytes(current.bytes, d.bytes) > room
		if current.datasets > 0 && (full || !inv.oneMessage(current.first, j)) {
			reads = append(reads, current)
			current = blockRead{block: i}
		}
		if current.datasets == 0 {
			current.first = j
			current.minTime, current.maxTime = d.minTime, d.maxTime
		}
		current.minTime, current.maxTime = min(current.minTime, d.minTime), max(current.maxTime, d.maxTime)
		current.end = j + 1
		current.datasets++
		current.unsymbolized = current.unsymbolized || d.labels&isUnsymbolized != 0
		current.bytes = addBytes(current.bytes, d.bytes)
	}
	if current.datasets == 0 {
		return reads
	}
	return append(reads, current)
}

// oneMessage says that two datasets of a block can be written in one message. Those
// of different listings cannot where one has to be sent as it came: its fields that
// are not known here may refer to its own string table.
func (inv *inventory) oneMessage(a, b int32) bool {
	p, q := inv.datasets[a].listing, inv.datasets[b].listing
	return p == q || !inv.blocks[p].extended && !inv.blocks[q].extended
}
