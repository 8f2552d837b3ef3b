package queryplan

import (
	"cmp"
	"math"
	"math/bits"
)

// blockOverhead is what opening a block costs besides its bytes, as bytes: it
// keeps leaves of very many very small blocks from being taken for cheap.
const blockOverhead = 32 << 10

// A unit is what a leaf takes whole: a block, or some data sets of a large one.
type unit struct {
	bytes      uint64
	block      int32
	first, end int32 // data sets; those that are dropped lie between others
	sets       int32 // how many are read
	marked     bool  // one of them is unsymbolized
}

// cost is what leaves are balanced by.
func (u *unit) cost() uint64 { return addBytes(u.bytes, blockOverhead) }

// cutUnits applies the rules and turns what they leave of the inventory into
// units, the same whatever order the metastore listed it in: data sets of the
// same service and shard lie together, so that the trees that meet in a merge are
// alike and stay small.
func cutUnits(inv *inventory, p *planning, o Options) []unit {
	group := inv.groups()
	units := make([]unit, 0, len(inv.blocks))
	keys := make([]placed, 0, len(inv.blocks))
	for i := range inv.blocks {
		b := &inv.blocks[i]
		applyRules(inv, p, b)
		units = cutBlock(units, inv, int32(i), o)
		for len(keys) < len(units) {
			key := group.of(&inv.sets[units[len(keys)].first], b)
			keys = append(keys, placed{key, int32(len(keys))})
		}
	}
	keys = sortPlaced(keys, func(a, b int32) int { return inv.compareUnits(&units[a], &units[b]) })
	sorted := make([]unit, len(units))
	for i, key := range keys {
		sorted[i] = units[key.at]
	}
	return sorted
}

// A grouping orders units: by tenant, service and shard, and then by time.
type grouping struct {
	tenants, services []uint32 // ranks, by number
	earliest          uint32
	// How many bits a key has for each, and how many of a shard and a time are
	// left out because a key has no more: then some units lie less well, no more.
	serviceBits, shardBits, timeBits int
	shardSurplus, timeSurplus        int
}

func (inv *inventory) groups() grouping {
	var shards, latest uint32
	g := grouping{tenants: inv.tenants.ranks(), services: inv.services.ranks(), earliest: math.MaxUint32}
	for i := range inv.blocks {
		shards |= inv.blocks[i].shard
		g.earliest, latest = min(g.earliest, inv.blocks[i].time), max(latest, inv.blocks[i].time)
	}
	g.serviceBits = bits.Len(uint(len(inv.services.texts)))
	g.shardBits = bits.Len32(shards)
	g.timeBits = bits.Len32(latest - g.earliest)
	surplus := max(0, bits.Len(uint(len(inv.tenants.texts)))+g.serviceBits+g.shardBits+g.timeBits-64)
	g.timeSurplus = min(g.timeBits, surplus)
	g.shardSurplus = surplus - g.timeSurplus
	return g
}

func (g *grouping) of(set *dataSet, b *block) uint64 {
	key := uint64(g.tenants[set.tenant])<<g.serviceBits | uint64(g.services[set.service])
	key = key<<(g.shardBits-g.shardSurplus) | uint64(b.shard>>g.shardSurplus)
	return key<<(g.timeBits-g.timeSurplus) | uint64((b.time-g.earliest)>>g.timeSurplus)
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
	}
	if current.sets == 0 {
		return units
	}
	return append(units, current)
}
