package queryplan

import "math"

// wholeObject is the size in bytes up to which a query-backend fetches a block
// in one piece, whatever it needs of it; and, of a larger block, the size below
// which it fetches a dataset in one piece. It is Pyroscope's own: the recorded
// plans' bytes_fetched follow it to the byte (see planbench).
const wholeObject = 1 << 20

// datasetBytes is what a query-backend fetches from object storage to read one
// dataset of a block of the given size. It is exact for small blocks, and an upper
// bound for large ones, of whose profiles and symbols only some pages are read.
//
// The datasets of a block are read one after the other and nothing is kept in
// between, so a small block is fetched again for each of them. The recorded
// plans' bytes_fetched confirm it to the byte (see planbench).
func datasetBytes(block, size uint64, format uint32, contents []uint64, read sectionSet) uint64 {
	if block <= wholeObject {
		return block
	}
	if size < wholeObject || format == formatIndex {
		return size
	}
	sections := sectionsOf(size, format, contents)
	var bytes uint64
	if read&readsTSDB != 0 {
		bytes = addBytes(bytes, sections.TSDB)
	}
	if read&readsProfiles != 0 {
		bytes = addBytes(bytes, sections.Profiles)
	}
	if read&readsSymbols != 0 {
		bytes = addBytes(bytes, sections.Symbols)
	}
	return bytes
}

// leastDatasetBytes is what a query-backend cannot but fetch to read a dataset: see
// datasetBytes, which it is the same as but for datasets of 1 MiB and more. Of those it is
// what is fetched to open their sections.
func leastDatasetBytes(block, size uint64, format uint32, contents []uint64, read sectionSet) uint64 {
	if block <= wholeObject || size < wholeObject || format == formatIndex {
		return min(block, datasetBytes(block, size, format, contents, read))
	}
	sections := sectionsOf(size, format, contents)
	var bytes uint64
	if read&readsTSDB != 0 {
		bytes = addBytes(bytes, sections.TSDB)
	}
	if read&readsProfiles != 0 {
		bytes = addBytes(bytes, min(sections.Profiles, openedEnd))
	}
	if read&readsSymbols != 0 {
		bytes = addBytes(bytes, min(sections.Symbols, openedEnd))
	}
	return min(block, bytes)
}

// openedEnd is the least that is fetched of the end of a section of a large dataset, where
// its table of contents is.
const openedEnd = 32 << 10

// indexBytes is what a query-backend fetches to look datasets up in a block's
// indexes of the given size in sum: the indexes, and the block's own metadata at
// its end, from where it learns the datasets' places. The datasets that it
// then reads come on top.
func indexBytes(b *block, indexes uint64) uint64 {
	bytes := indexes
	if b.size <= wholeObject {
		bytes = b.size
	}
	if b.metadataOffset < b.size {
		bytes = addBytes(bytes, b.size-b.metadataOffset)
	}
	return bytes
}

// addBytes adds without overflow: sizes come from outside.
func addBytes(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}
