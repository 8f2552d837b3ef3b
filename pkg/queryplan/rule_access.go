package queryplan

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
)

// An accessRule settles how each block is read: its datasets directly, or its
// tenant-wide index, from which the query-backend looks them up. A query-backend
// cannot do both in one block, so what is on the other path is dropped.
//
//   - Label names, values and series need no more than the index, if there is one.
//   - Else the index costs its own size, the block's metadata and two more round
//     trips, before the datasets that it leads to. It pays only where matchers on
//     labels that metadata does not have (pod, region) leave so few datasets that
//     this is made up for: see selectivity.
//
// An example:
//
//	before: {pod="p"}; block 1: datasets of 8 services, 4 MiB each, and an index;
//	        block 2: dataset of 4 MiB, and an index
//	after:  block 1: the index; block 2: dataset of 4 MiB
type accessRule struct {
	scope scope
	reads sectionSet
	// passing is the share of datasets that matchers are taken to leave.
	passing float64
}

func newAccessRule(q Query) accessRule {
	return accessRule{scope: scopeOf(q), reads: sectionsRead(q.Queries), passing: selectivity(q.Matchers)}
}

func (accessRule) name() string  { return "access path" }
func (accessRule) drops() string { return "read by another path" }

func (r accessRule) apply(b *ruledBlock) {
	c := b.candidates()
	switch {
	case c.datasets == 0 && r.scope != scopeIndexes:
		// The index would lead nowhere: every dataset that may match is listed.
		b.dropWhere(func(*dataset) bool { return true })
	case c.datasets == 0:
		b.indexed = c.indexes > 0
	case c.indexes == 0:
	case !b.indexesCover():
		b.readDatasets()
	case r.reads.indexOnly():
		if c.indexOpen <= c.bytes {
			b.readIndexes()
		} else {
			b.readDatasets()
		}
	default:
		if lookUp := c.lookUp(b.block, r.passing); lookUp < c.bytes {
			b.readIndexes()
			b.charge(lookUp)
		} else {
			b.readDatasets()
		}
	}
}

func (b *ruledBlock) readDatasets() {
	b.dropWhere(func(d *dataset) bool { return d.isIndex })
}

func (b *ruledBlock) readIndexes() {
	b.indexed = true
	b.leadsToUnsymbolized = b.holds(func(d *dataset) bool { return !d.isIndex && d.labels&isUnsymbolized != 0 })
	b.dropWhere(func(d *dataset) bool { return !d.isIndex })
}

// charge puts the cost of a path through indexes on the first of them.
func (b *ruledBlock) charge(bytes uint64) {
	for i := range b.datasets {
		if b.datasets[i].kept() {
			b.datasets[i].bytes = bytes
			bytes = 0
		}
	}
}

// candidates adds up what may be read of a block.
type candidates struct {
	datasets, indexes int
	// bytes is the cost of reading the datasets directly; ofCertain is the part of
	// those that metadata says to match.
	bytes, ofCertain uint64
	// indexSize is the indexes' size, indexOpen the cost of opening them.
	indexSize, indexOpen uint64
}

func (b *ruledBlock) candidates() candidates {
	var c candidates
	for i := range b.datasets {
		d := &b.datasets[i]
		switch {
		case !d.kept():
		case d.isIndex:
			c.indexes++
			c.indexOpen = addBytes(c.indexOpen, d.bytes)
			c.indexSize = addBytes(c.indexSize, d.size)
		default:
			c.datasets++
			c.bytes = addBytes(c.bytes, d.bytes)
			if !d.labels.unknown() {
				c.ofCertain = addBytes(c.ofCertain, d.bytes)
			}
		}
	}
	return c
}

// lookUp estimates the cost of the path through the index. Datasets whose labels
// are silent are counted as not matching: the index will tell.
func (c *candidates) lookUp(b *block, passing float64) uint64 {
	if b.metadataOffset == 0 || b.metadataOffset >= b.size {
		return math.MaxUint64 // the query-backend could not learn where the datasets are
	}
	found := c.ofCertain
	passing = max(passing, 1/float64(c.datasets)) // something matches, or nobody would ask
	if passing < 1 {
		found = uint64(passing * float64(found))
	}
	return addBytes(indexBytes(b, c.indexSize), found)
}

// indexesCover says that each tenant with datasets to read has an index.
func (b *ruledBlock) indexesCover() bool {
	var indexed []int32
	for i := range b.datasets {
		if d := &b.datasets[i]; d.kept() && d.isIndex && !slices.Contains(indexed, d.tenant) {
			indexed = append(indexed, d.tenant)
		}
	}
	return !b.holds(func(d *dataset) bool { return !d.isIndex && !slices.Contains(indexed, d.tenant) })
}

// selectivity estimates the share of datasets with a series that satisfies the
// matchers that metadata says nothing about. One that asks for a value (pod,
// namespace) is taken to leave a quarter; one that excludes values excludes no
// dataset.
//
// A quarter is chosen, not measured, since metadata says nothing about such labels:
// between the one replica of many that a pod is, and the half of the services that
// an environment may be. Where it is too little, all datasets are read, and the
// index on top, which is some hundredth of them.
func selectivity(matchers []*labels.Matcher) float64 {
	share := 1.0
	for _, m := range matchers {
		if !isMetadataLabel(m.Name) && isPositive(m) && !m.Matches("") {
			share /= 4
		}
	}
	return share
}
