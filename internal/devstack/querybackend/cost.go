package querybackend

import (
	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// wholeBelow is the size in bytes up to which an object is fetched in one go
// rather than in the parts that are needed. Recorded plans cost exactly that:
// see the conformance test.
const wholeBelow = 1 << 20

// A readCost counts the bytes that the real one fetches of a block:
//
//   - A block of up to 1 MiB is fetched whole, again for each dataset of it:
//     the datasets are read one after the other, and nothing is kept in between.
//   - Of a larger block, a dataset below 1 MiB is fetched whole.
//   - Of a larger dataset, the sections that the query types read.
//
// A look-up in tenant-wide indexes opens the block once more, and fetches the
// metadata at the block's end to learn of the datasets.
type readCost struct {
	block *metastorev1.BlockMeta // as the plan has it
	reads sections
}

// dataset is the cost of reading a dataset, or an index in its place.
func (c readCost) dataset(set *metastorev1.Dataset) uint64 {
	if c.block.Size <= wholeBelow {
		return c.block.Size
	}
	sizes := sectionSizes(set)
	if set.GetFormat() == formatIndex || set.GetSize() < wholeBelow || len(sizes) < 3 {
		return set.GetSize()
	}
	var bytes uint64
	if c.reads.profiles {
		bytes += sizes[0]
	}
	if c.reads.tsdb {
		bytes += sizes[1]
	}
	if c.reads.symbols {
		bytes += sizes[2]
	}
	return bytes
}

// lookUp is the cost of finding datasets by indexes of the block.
func (c readCost) lookUp(indexes []plannedSet) uint64 {
	var bytes uint64
	if c.block.Size <= wholeBelow {
		bytes = c.block.Size
	} else {
		for _, index := range indexes {
			bytes += index.meta.GetSize()
		}
	}
	if offset := c.block.MetadataOffset; offset > 0 && offset <= c.block.Size {
		bytes += c.block.Size - offset
	}
	return bytes
}

// sectionSizes are the sizes of a dataset's sections: profiles, series index
// and symbols. They are nil if the table of contents is out of order.
func sectionSizes(set *metastorev1.Dataset) []uint64 {
	toc := set.GetTableOfContents()
	if len(toc) == 0 || toc[0]+set.GetSize() < toc[0] {
		return nil
	}
	ends := append(toc[1:len(toc):len(toc)], toc[0]+set.GetSize())
	sizes := make([]uint64, len(toc))
	for i, end := range ends {
		if end < toc[i] {
			return nil
		}
		sizes[i] = end - toc[i]
	}
	return sizes
}
