package queryplan

import (
	"fmt"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

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
}

type block struct {
	id string
	// time is when the block was made, for sorting only: see idTime.
	time           uint64
	size           uint64
	metadataOffset uint64
	// bytes is the estimate of what the block costs, once access is chosen.
	bytes uint64
	// hash is of the id.
	hash   uint32
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

// A dataSet is as large as a line of the processor's cache, which counts where
// there are a million.
type dataSet struct {
	// contents is the table of contents.
	contents     []uint64
	offset, size uint64
	// bytes is the estimate of what reading it costs.
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
	reasons
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

// takeInventory reads answers of the metastore. It checks every index into a
// string table, so that neither the rules nor a query-backend meet a bad one.
func takeInventory(q Query, answers []*metastorev1.QueryMetadataResponse) (*inventory, error) {
	var blocks, sets int
	for _, answer := range answers {
		blocks += len(answer.GetBlocks())
		for _, b := range answer.GetBlocks() {
			sets += len(b.GetDatasets())
		}
	}
	inv := &inventory{blocks: make([]block, 0, blocks), sets: make([]dataSet, 0, sets), start: q.Start, end: q.End}
	read := newLabelReader(q.Matchers)
	for _, answer := range answers {
		for _, meta := range answer.GetBlocks() {
			if err := inv.add(meta, read); err != nil {
				return nil, err
			}
		}
	}
	return inv, nil
}

func (inv *inventory) add(meta *metastorev1.BlockMeta, read *labelReader) error {
	if len(meta.GetDatasets()) == 0 {
		return nil
	}
	tenant, ok := lookUp(meta.StringTable, meta.Tenant)
	if !ok {
		return badIndex(meta, "tenant", meta.Tenant)
	}
	b := block{
		id:             meta.Id,
		format:         meta.FormatVersion,
		hash:           hashID(meta.Id),
		time:           idTime(meta.Id),
		size:           meta.Size,
		metadataOffset: meta.MetadataOffset,
		shard:          meta.Shard,
		level:          meta.CompactionLevel,
		tenant:         inv.tenants.of(tenant),
		first:          int32(len(inv.sets)),
	}
	read.open(meta.StringTable)
	for i, d := range meta.Datasets {
		if d == nil {
			continue
		}
		if err := inv.addSet(meta, i, read); err != nil {
			return err
		}
	}
	b.end = int32(len(inv.sets))
	inv.blocks = append(inv.blocks, b)
	return nil
}

func (inv *inventory) addSet(meta *metastorev1.BlockMeta, i int, read *labelReader) error {
	d := meta.Datasets[i]
	tenant, ok := lookUp(meta.StringTable, d.Tenant)
	if !ok {
		return badIndex(meta, fmt.Sprintf("datasets[%d].tenant", i), d.Tenant)
	}
	service, ok := lookUp(meta.StringTable, d.Name)
	if !ok {
		return badIndex(meta, fmt.Sprintf("datasets[%d].name", i), d.Name)
	}
	if d.Format != formatDataSet && d.Format != formatIndex {
		return &MetadataError{meta.Id, fmt.Sprintf("datasets[%d].format", i), fmt.Errorf("%d is not known: it must be 0 or 1", d.Format)}
	}
	evidence, err := read.labels(d.Labels)
	if err != nil {
		return &MetadataError{meta.Id, fmt.Sprintf("datasets[%d].labels", i), err}
	}
	set := dataSet{
		contents: d.TableOfContents,
		size:     d.Size,
		block:    int32(len(inv.blocks)),
		tenant:   inv.tenants.of(tenant),
		service:  inv.services.of(service),
		evidence: evidence,
		isIndex:  d.Format == formatIndex,
		inRange:  d.MinTime <= inv.end && d.MaxTime >= inv.start,
	}
	if len(d.TableOfContents) > 0 {
		set.offset = d.TableOfContents[0]
	}
	inv.sets = append(inv.sets, set)
	return nil
}

// lookUp finds a string in a block's table. Zero is the empty string by
// convention, also of an empty table.
func lookUp(table []string, i int32) (string, bool) {
	if i == 0 && len(table) == 0 {
		return "", true
	}
	if i < 0 || int(i) >= len(table) {
		return "", false
	}
	return table[i], true
}

func badIndex(meta *metastorev1.BlockMeta, field string, i int32) error {
	return &MetadataError{meta.Id, field, fmt.Errorf("index %d is not in the string table, which has %d strings", i, len(meta.StringTable))}
}
