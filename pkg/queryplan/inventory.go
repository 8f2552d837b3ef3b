package queryplan

import (
	"maps"
	"math"
	"slices"
)

// An inventory is what the metastore listed, as two flat tables. Rules narrow it
// down, one after the other, until it is what to read.
type inventory struct {
	blocks []block
	// datasets are in the order of their blocks.
	datasets []dataset
	// start and end are the query's time range, bounds included.
	start, end int64
	// tenants and services are numbered, in the order they are met.
	tenants, services interner
}

// A block is a metastore.v1.BlockMeta.
type block struct {
	// message is the block as the metastore encoded it.
	message        []byte
	id             []byte
	hash           uint64 // of the id
	size           uint64
	metadataOffset uint64
	// time is when the block's profiles begin, for sorting only: see blockTime.
	time   uint32
	shard  uint32
	level  uint32
	format uint32
	// tenant is the number of the empty string for a segment, which may hold
	// several tenants' datasets.
	tenant int32
	// The block's datasets are those from first to before end.
	first, end int32
	// extended says that the message has fields that are not known here. They may
	// be for query-backends, so it is sent as it came: see appendWhole.
	extended bool
	// indexed says that the block's tenant-wide indexes are read in place of its
	// datasets, and leadsToUnsymbolized that one of those is not symbolized.
	indexed             bool
	leadsToUnsymbolized bool
}

// A dataset is a metastore.v1.Dataset.
type dataset struct {
	// contents is the table of contents, packed; offset its first number.
	contents     []byte
	offset, size uint64
	// bytes is the estimate of what reading it costs; of an index that is read,
	// with all that it leads to. least is what cannot but be fetched of the dataset itself.
	bytes, least uint64
	block        int32
	// It is the dataset of this index in this listing. A block that is listed
	// twice is one, and its datasets are in the message of either.
	listing, index int32
	tenant         int32
	service        int32
	labels         labelMatch
	// dropped is the rule that left the dataset out, by its place in the list of
	// rules, from 1 on.
	dropped uint8
	isIndex bool
	inRange bool // it has profiles in the query's time range
	// minTime and maxTime are when its profiles begin and end, in Unix milliseconds.
	minTime, maxTime int64
}

// kept says that no rule has dropped the dataset.
func (d *dataset) kept() bool { return d.dropped == 0 }

func newInventory(q Query, blocks int) *inventory {
	return &inventory{
		blocks: make([]block, 0, blocks), datasets: make([]dataset, 0, blocks),
		tenants: newInterner(), services: newInterner(), start: q.Start, end: q.End,
	}
}

// of returns a block's datasets.
func (inv *inventory) of(b *block) []dataset { return inv.datasets[b.first:b.end] }

// blockTime is a time in Unix milliseconds to the second, more or less: finer
// would have nothing to tell apart. It wraps around after 139 years.
func blockTime(ms int64) uint32 { return uint32(ms >> 10) }

// noTenant is the number of the empty string: of a segment's tenant.
const noTenant = 0

// An interner gives texts numbers, in the order they are met. The empty text has
// number 0.
type interner struct {
	texts []string
	known map[string]int32
}

func newInterner() interner {
	return interner{texts: []string{""}, known: map[string]int32{"": 0}}
}

func (n *interner) of(text []byte) int32 {
	number, ok := n.known[string(text)]
	if !ok && len(n.texts) < math.MaxInt32 {
		number = int32(len(n.texts))
		n.texts = append(n.texts, string(text))
		n.known[n.texts[number]] = number
	}
	return number
}

// ranks returns the texts' places in their sorted order, by number.
func (n *interner) ranks() []uint64 {
	ranks := make([]uint64, len(n.texts))
	for rank, text := range slices.Sorted(maps.Keys(n.known)) {
		ranks[n.known[text]] = uint64(rank)
	}
	return ranks
}
