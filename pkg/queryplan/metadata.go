package queryplan

import (
	"errors"
	"fmt"
	"hash/maphash"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// Metadata is an answer of the metastore, beside the request that it answers.
//
// The answer is taken as it came over the wire, and read in place: making messages
// of it takes longer than all that is done with them then.
type Metadata struct {
	Request *metastorev1.QueryMetadataRequest
	// Response is an encoded metastore.v1.QueryMetadataResponse. A plan shares
	// its memory.
	Response []byte
}

// A MetadataError says what is wrong with a block's metadata.
type MetadataError struct {
	Block string // its id; empty if that could not be read
	Field string // of metastore.v1.BlockMeta; empty if the message itself cannot be read
	Err   error
}

func (e *MetadataError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("query plan: metadata of block %q: %v", e.Block, e.Err)
	}
	return fmt.Sprintf("query plan: metadata of block %q: %s: %v", e.Block, e.Field, e.Err)
}

// Unwrap returns what is wrong with the field.
func (e *MetadataError) Unwrap() error { return e.Err }

// errNotUTF8 is for a text that no message can carry to a query-backend.
var errNotUTF8 = errors.New("it is not UTF-8")

// A metadataReader fills an inventory from the metastore's answers. It checks
// every index into a string table, so that neither the rules nor a query-backend
// meet a bad one.
type metadataReader struct {
	*inventory
	labels *labelMatcher
	reads  sectionSet
	seed   maphash.Seed

	// Memory for the block that is being read: its datasets' messages and its
	// strings; and the numbers of one dataset.
	datasets  [][]byte
	table     [][]byte
	labelSets []int32
	contents  []uint64
}

func readMetadata(q Query, answers []Metadata, interrupted func() error) (*inventory, error) {
	blocks := 0
	for _, answer := range answers {
		blocks += guessBlocks(answer.Response)
	}
	r := &metadataReader{
		inventory: newInventory(q, blocks),
		labels:    newLabelMatcher(q.Matchers, interrupted),
		reads:     sectionsRead(q.Queries),
		seed:      maphash.MakeSeed(),
	}
	for _, answer := range answers {
		f := fields{left: answer.Response}
		for f.next() {
			if f.tag != answerBlocks {
				continue
			}
			if len(r.blocks)%interruptible == 0 {
				if err := interrupted(); err != nil {
					return nil, err
				}
			}
			if err := r.readBlock(f.bytes); err != nil {
				return nil, err
			}
		}
		if f.err != nil {
			return nil, &MetadataError{Err: f.err}
		}
	}
	return r.inventory, nil
}

// interruptible is how many blocks, or datasets of one, are read before somebody may
// say that nobody waits for the plan any more: some 50 µs.
const interruptible = 64

// maxTextBytes is the longest text of a block that is taken. Each dataset that refers
// to a text looks at all of it; Pyroscope takes labels of a thirtieth.
const maxTextBytes = 64 << 10

// guessBlocks takes the first few blocks of an answer for its average. To count them
// all would go through all of its memory once more.
func guessBlocks(answer []byte) int {
	const few = 16
	n := 0
	f := fields{left: answer}
	for n < few && f.next() {
		n++
	}
	if n < few {
		return n
	}
	return len(answer) / max((len(answer)-len(f.left))/few, leastBlock)
}

// leastBlock is less than any block takes that has an ID and a dataset, so that no
// answer makes room for many more than it has.
const leastBlock = 64

// readBlock reads a metastore.v1.BlockMeta. Its datasets refer to its strings,
// which come after them.
func (r *metadataReader) readBlock(message []byte) error {
	r.blocks = append(r.blocks, block{message: message})
	b := &r.blocks[len(r.blocks)-1]
	var tenant int32
	var minTime int64
	r.datasets, r.table = r.datasets[:0], r.table[:0]
	f := fields{left: message}
	for f.next() {
		switch f.tag {
		case blockFormatVersion:
			b.format = uint32(f.number)
		case blockID:
			b.id = f.bytes
		case blockTenant:
			tenant = int32(f.number)
		case blockShard:
			b.shard = uint32(f.number)
		case blockCompactionLevel:
			b.level = uint32(f.number)
		case blockMinTime:
			minTime = int64(f.number)
		case blockSize:
			b.size = f.number
		case blockDatasets:
			r.datasets = append(r.datasets, f.bytes)
		case blockStringTable:
			if len(f.bytes) > maxTextBytes {
				return &MetadataError{string(b.id), fmt.Sprintf("string_table[%d]", len(r.table)), fmt.Errorf("it has %d bytes, at most %d are taken", len(f.bytes), maxTextBytes)}
			}
			if !utf8.Valid(f.bytes) {
				return &MetadataError{string(b.id), fmt.Sprintf("string_table[%d]", len(r.table)), errNotUTF8}
			}
			r.table = append(r.table, f.bytes)
		case blockMetadataOffset:
			b.metadataOffset = f.number
		case blockMaxTime, blockCreatedBy:
			// Query-backends do not ask for them.
		default:
			if f.tag>>3 <= blockMetadataOffset>>3 {
				f.err = errWireType
				break
			}
			b.extended = true
		}
		if f.err != nil {
			break
		}
	}
	switch {
	case f.err != nil:
		return &MetadataError{Block: string(b.id), Err: f.err}
	case !utf8.Valid(b.id):
		return &MetadataError{string(b.id), "id", errNotUTF8}
	case len(r.datasets) == 0:
		r.blocks = r.blocks[:len(r.blocks)-1]
		return nil
	}
	owner, ok := r.text(tenant)
	if !ok {
		return r.badIndex(b, "tenant", tenant)
	}
	b.time = blockTime(minTime)
	b.tenant = r.tenants.of(owner)
	b.hash = maphash.Bytes(r.seed, b.id)
	b.first = int32(len(r.inventory.datasets))
	for i := range r.datasets {
		if i%interruptible == interruptible-1 {
			if err := r.labels.interrupted(); err != nil {
				return err
			}
		}
		if err := r.readDataset(b, i); err != nil {
			return err
		}
	}
	b.end = int32(len(r.inventory.datasets))
	return nil
}

// readDataset reads a metastore.v1.Dataset of the block.
func (r *metadataReader) readDataset(b *block, i int) error {
	at := func(field string) string { return fmt.Sprintf("datasets[%d]%s", i, field) }
	listing := int32(len(r.blocks) - 1)
	d := dataset{block: listing, listing: listing, index: int32(i)}
	var tenant, name int32
	var minTime, maxTime int64
	var format uint32
	var err error
	r.contents, r.labelSets = r.contents[:0], r.labelSets[:0]
	f := fields{left: r.datasets[i]}
	for f.next() && err == nil {
		switch f.tag {
		case datasetTenant:
			tenant = int32(f.number)
		case datasetName:
			name = int32(f.number)
		case datasetMinTime:
			minTime = int64(f.number)
		case datasetMaxTime:
			maxTime = int64(f.number)
		case datasetTableOfContents:
			d.contents = f.bytes
			r.contents, err = appendPacked(r.contents, f.bytes)
		case datasetContentsNumber:
			r.contents = append(r.contents, f.number)
		case datasetSize:
			d.size = f.number
		case datasetLabels:
			r.labelSets, err = appendPacked(r.labelSets, f.bytes)
		case datasetLabelsNumber:
			r.labelSets = append(r.labelSets, int32(f.number))
		case datasetFormat:
			format = uint32(f.number)
		default:
			if f.tag>>3 <= datasetFormat>>3 && f.tag>>3 != datasetReserved {
				err = errWireType
			}
			b.extended = true
		}
	}
	if err == nil {
		err = f.err
	}
	if err != nil {
		return &MetadataError{string(b.id), at(""), err}
	}
	owner, ok := r.text(tenant)
	if !ok {
		return r.badIndex(b, at(".tenant"), tenant)
	}
	service, ok := r.text(name)
	if !ok {
		return r.badIndex(b, at(".name"), name)
	}
	if format != formatDataset && format != formatIndex {
		return &MetadataError{string(b.id), at(".format"), fmt.Errorf("%d is not known: it must be 0 or 1", format)}
	}
	d.labels, err = r.labels.match(r.table, r.labelSets)
	if err != nil {
		if interrupted := r.labels.interrupted(); interrupted != nil {
			return interrupted
		}
		return &MetadataError{string(b.id), at(".labels"), err}
	}
	if len(r.contents) > 0 {
		d.offset = r.contents[0]
	}
	d.tenant, d.service = r.tenants.of(owner), r.services.of(service)
	d.isIndex = format == formatIndex
	d.minTime, d.maxTime = minTime, maxTime
	d.inRange = minTime <= r.end && maxTime >= r.start
	d.bytes = datasetBytes(b.size, d.size, format, r.contents, r.reads)
	d.least = leastDatasetBytes(b.size, d.size, format, r.contents, r.reads)
	if !isCanonical(d.contents, r.contents) {
		d.contents = nil
		for _, offset := range r.contents {
			d.contents = protowire.AppendVarint(d.contents, offset)
		}
	}
	r.inventory.datasets = append(r.inventory.datasets, d)
	return nil
}

// isCanonical says that a packed field has just these numbers, each in as few bytes
// as it needs.
func isCanonical(packed []byte, numbers []uint64) bool {
	size := 0
	for _, number := range numbers {
		size += protowire.SizeVarint(number)
	}
	return len(packed) == size
}

// text finds a string in the block's table. Zero is the empty string by
// convention, also of an empty table.
func (r *metadataReader) text(i int32) ([]byte, bool) {
	if i == 0 && len(r.table) == 0 {
		return nil, true
	}
	if i < 0 || int(i) >= len(r.table) {
		return nil, false
	}
	return r.table[i], true
}

func (r *metadataReader) badIndex(b *block, field string, i int32) error {
	return &MetadataError{string(b.id), field, fmt.Errorf("index %d is not in the string table, which has %d strings", i, len(r.table))}
}
