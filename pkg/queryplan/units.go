package queryplan

import (
	"cmp"
	"slices"
)

// blockOverhead is what opening a block costs besides its bytes, as bytes: it
// keeps leaves of very many very small blocks from being taken for cheap.
const blockOverhead = 32 << 10

// A unit is what a leaf takes whole: a block, or some data sets of a large one.
type unit struct {
	bytes      uint64
	cost       uint64 // bytes and overhead: what leaves are balanced by
	block      int32
	first, end int32 // data sets; those that are dropped lie between others
	sets       int32 // how many are read
	marked     bool  // one of them is unsymbolized
}

// A unitKey orders units: by tenant, service and shard, then by time. The hash
// spares a look at the ids of blocks of the same time.
type unitKey struct {
	group, time, hash uint64
	at                int32 // in the units
}

// cutUnits turns what is left of the inventory into units, the same whatever
// order the metastore listed it in: data sets of the same service and shard lie
// together, so that the trees that meet in a merge are alike and stay small.
func cutUnits(inv *inventory, o Options) []unit {
	tenants, services := inv.tenants.ranks(), inv.services.ranks()
	units := make([]unit, 0, len(inv.blocks))
	keys := make([]unitKey, 0, len(inv.blocks))
	for i := range inv.blocks {
		units = cutBlock(units, inv, int32(i), o)
		for len(keys) < len(units) {
			set := &inv.sets[units[len(keys)].first]
			keys = append(keys, unitKey{
				// 16 bits of tenants, 28 of services, 20 of shards: if there are
				// more, some groups lie less well, no more.
				group: uint64(tenants[set.tenant])<<48 | uint64(services[set.service])&(1<<28-1)<<20 | uint64(inv.blocks[i].shard)&(1<<20-1),
				time:  inv.blocks[i].time,
				hash:  inv.blocks[i].hash,
				at:    int32(len(keys)),
			})
		}
	}
	slices.SortFunc(keys, func(a, b unitKey) int {
		if a.group != b.group {
			return cmp.Compare(a.group, b.group)
		}
		if a.time != b.time {
			return cmp.Compare(a.time, b.time)
		}
		if a.hash != b.hash {
			return cmp.Compare(a.hash, b.hash)
		}
		return inv.compareUnits(&units[a.at], &units[b.at])
	})
	sorted := make([]unit, len(units))
	for i, key := range keys {
		sorted[i] = units[key.at]
	}
	return sorted
}

// compareUnits breaks ties by all that tells blocks and data sets apart.
func (inv *inventory) compareUnits(a, b *unit) int {
	if a.block == b.block {
		return cmp.Compare(a.first, b.first)
	}
	return inv.compareBlocks(a.block, b.block)
}

// cutBlock makes one unit of a block, or several of one that is larger than a
// leaf may be. An index is not split: it is read as a whole.
func cutBlock(units []unit, inv *inventory, i int32, o Options) []unit {
	b := &inv.blocks[i]
	room := o.LeafBytes - min(blockOverhead, o.LeafBytes)
	current := unit{block: i}
	for j := b.first; j < b.end; j++ {
		set := &inv.sets[j]
		if set.dropped != kept {
			continue
		}
		if current.sets > 0 && !b.indexed && addBytes(current.bytes, set.bytes) > room {
			units = append(units, current)
			current = unit{block: i}
		}
		if current.sets == 0 {
			current.first = j
		}
		current.end = j + 1
		current.sets++
		current.marked = current.marked || set.evidence&isMarked != 0
		current.bytes = addBytes(current.bytes, set.bytes)
		current.cost = addBytes(current.bytes, blockOverhead)
	}
	if current.sets == 0 {
		return units
	}
	if b.indexed {
		current.bytes = b.bytes
		current.cost = addBytes(b.bytes, blockOverhead)
	}
	return append(units, current)
}
