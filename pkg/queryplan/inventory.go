package queryplan

import "fmt"

// An inventory is what the metastore listed, as two flat tables. Rules narrow it
// down, one after the other, until it is what to read. A store may list a
// million blocks, so the tables hold all that rules look at: following pointers
// into the metadata, which does not fit any cache, is what would take the time.
type inventory struct {
	blocks []block
	// sets are in the order of their blocks.
	sets []dataSet
	// start and end are the query's time range, bounds included.
	start, end int64
	// Tenants and services are numbered, in the order they are met.
	tenants, services numbers
	// hashes are of the blocks' ids. Disorder says that a block's data sets do not
	// lie one behind the other, as writers leave them. Both are to find what is
	// listed twice: see mergeDuplicates.
	hashes   []uint32
	disorder bool
}

// A block, like a dataSet, is as large as a line of the processor's cache, which
// counts where there are a million.
type block struct {
	id             string
	size           uint64
	metadataOffset uint64
	// time is when the block's profiles begin, for sorting only: see blockTime.
	time   uint32
	shard  uint32
	level  uint32
	format uint32
	// tenant is the number of the empty string for a segment, which may hold
	// several tenants' data sets.
	tenant int32
	// The block's data sets are sets[first:end].
	first, end int32
	// indexed says that the block's indexes are read in place of its data sets.
	indexed bool
}

type dataSet struct {
	// contents is the table of contents.
	contents     []uint64
	offset, size uint64
	// bytes is the estimate of what reading it costs; of an index that is read,
	// with all that it leads to.
	bytes    uint64
	block    int32
	tenant   int32
	service  int32
	evidence evidence
	dropped  reason
	isIndex  bool
	inRange  bool // it has profiles in the query's time range
}

// A reason says which rule dropped a data set.
type reason uint8

const (
	kept reason = iota
	isDuplicate
	isOtherTenants
	isOutsideRange
	isUnmatched
	isOtherAccess
	reasons // how many there are
)

func (r reason) String() string {
	return [...]string{
		kept:           "read",
		isDuplicate:    "listed twice",
		isOtherTenants: "of other tenants",
		isOutsideRange: "outside the time range",
		isUnmatched:    "of other services or profile types",
		isOtherAccess:  "read by another path",
	}[r]
}

// A MetadataError says what is wrong with a block's metadata.
type MetadataError struct {
	Block string // its id
	Field string // of metastore.v1.BlockMeta
	Err   error
}

func (e *MetadataError) Error() string {
	return fmt.Sprintf("query plan: metadata of block %q: %s: %v", e.Block, e.Field, e.Err)
}

// Unwrap returns what is wrong with the field.
func (e *MetadataError) Unwrap() error { return e.Err }
