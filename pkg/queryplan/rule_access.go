package queryplan

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
)

// chooseAccess settles how each block is read: its data sets directly, or its
// tenant-wide index, from which the query-backend looks them up. A query-backend
// cannot do both in one block, so what is on the other path is dropped.
//
//   - Label names, values and series need no more than the index, if there is one.
//   - Else the index costs its own size, the block's metadata and two more round
//     trips, before the data sets that it leads to. It pays only where matchers on
//     labels that metadata does not have (pod, region) leave so few data sets that
//     this is made up for: see selectivity.
func chooseAccess(inv *inventory, p *planning, b *block) {
	var c candidates
	c.count(inv.ofBlock(b))
	switch {
	case c.sets == 0 && p.scope != scopeIndexes:
		// The index would lead nowhere: every data set that may match is listed.
		inv.dropAccess(b, false)
		inv.dropAccess(b, true)
	case c.sets == 0:
		b.indexed = c.indexes > 0
	case c.indexes == 0:
	case !inv.indexesCover(b):
		inv.dropAccess(b, true)
	case p.reads.indexOnly():
		b.indexed = c.indexOpen <= c.setBytes
		inv.dropAccess(b, !b.indexed)
	default:
		lookUp := c.lookUp(b, p.passing)
		b.indexed = lookUp < c.setBytes
		inv.dropAccess(b, !b.indexed)
		if b.indexed {
			inv.charge(b, lookUp)
		}
	}
}

// charge puts the cost of a path through indexes on the first of them.
func (inv *inventory) charge(b *block, bytes uint64) {
	sets := inv.ofBlock(b)
	for i := range sets {
		if sets[i].dropped == kept {
			sets[i].bytes = bytes
			bytes = 0
		}
	}
}

// candidates adds up what may be read of a block.
type candidates struct {
	sets, indexes int
	// setBytes is the cost of reading the data sets directly; ofCertain is the
	// part of those that metadata says to match.
	setBytes, ofCertain uint64
	// indexSize is the indexes' size, indexOpen the cost of opening them.
	indexSize, indexOpen uint64
}

func (c *candidates) count(sets []dataSet) {
	for i := range sets {
		set := &sets[i]
		switch {
		case set.dropped != kept:
		case set.isIndex:
			c.indexes++
			c.indexOpen = addBytes(c.indexOpen, set.bytes)
			c.indexSize = addBytes(c.indexSize, set.size)
		default:
			c.sets++
			c.setBytes = addBytes(c.setBytes, set.bytes)
			if !set.evidence.undecided() {
				c.ofCertain = addBytes(c.ofCertain, set.bytes)
			}
		}
	}
}

// lookUp estimates the cost of the path through the index. Data sets whose
// labels are silent are counted as not matching: the index will tell.
func (c *candidates) lookUp(b *block, passing float64) uint64 {
	if b.metadataOffset == 0 || b.metadataOffset >= b.size {
		return math.MaxUint64 // the query-backend could not learn where the data sets are
	}
	found := c.ofCertain
	passing = max(passing, 1/float64(c.sets)) // something matches, or nobody would ask
	if passing < 1 {
		found = uint64(passing * float64(found))
	}
	return addBytes(indexBytes(b, c.indexSize), found)
}

// indexesCover says that each tenant with data sets to read has an index.
func (inv *inventory) indexesCover(b *block) bool {
	sets := inv.ofBlock(b)
	var indexed []int32
	for i := range sets {
		if sets[i].dropped == kept && sets[i].isIndex && !slices.Contains(indexed, sets[i].tenant) {
			indexed = append(indexed, sets[i].tenant)
		}
	}
	for i := range sets {
		if sets[i].dropped == kept && !sets[i].isIndex && !slices.Contains(indexed, sets[i].tenant) {
			return false
		}
	}
	return true
}

func (inv *inventory) dropAccess(b *block, indexes bool) {
	inv.dropWhere(b, isOtherAccess, func(d *dataSet) bool { return d.isIndex == indexes })
}

// selectivity estimates the share of data sets with a series that satisfies the
// matchers that metadata says nothing about. One that asks for a value (pod,
// namespace) is taken to leave a quarter; one that excludes values excludes no
// data set.
func selectivity(matchers []*labels.Matcher) float64 {
	share := 1.0
	for _, m := range matchers {
		if !isMetadataLabel(m.Name) && isPositive(m) && !m.Matches("") {
			share /= 4
		}
	}
	return share
}
