package queryplan

import (
	"errors"
	"fmt"
	"hash/maphash"
	"unicode/utf8"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// A batch is looked at ahead of being worked on, and has to stay in a cache near
// the processor until then: a data set's metadata is some 300 bytes.
const (
	batchBlocks   = 64
	batchDataSets = 512
)

// An intake fills an inventory from the metastore's answers.
type intake struct {
	*inventory
	labels *labelReader
	reads  sectionSet
	seed   maphash.Seed
	// looks is a sum over what preload looks at: with no use for it, a compiler
	// leaves a look out.
	looks uint64
}

// takeInventory reads answers of the metastore. It checks every index into a
// string table, so that neither the rules nor a query-backend meet a bad one.
func takeInventory(q Query, answers []*metastorev1.QueryMetadataResponse, interrupted func() error) (*inventory, error) {
	var blocks, sets int
	for _, answer := range answers {
		blocks += len(answer.GetBlocks())
		for _, b := range answer.GetBlocks() {
			sets += len(b.GetDatasets())
		}
	}
	in := &intake{
		inventory: &inventory{
			blocks: make([]block, 0, blocks), sets: make([]dataSet, 0, sets), hashes: make([]uint32, 0, blocks),
			tenants: newNumbers(), services: newNumbers(), start: q.Start, end: q.End,
		},
		labels: newLabelReader(q.Matchers, interrupted),
		reads:  sectionsRead(q.Queries),
		seed:   maphash.MakeSeed(),
	}
	for _, answer := range answers {
		for left := answer.GetBlocks(); len(left) > 0; {
			batch := firstBatch(left)
			left = left[len(batch):]
			if err := interrupted(); err != nil {
				return nil, err
			}
			in.preload(batch)
			for _, meta := range batch {
				if err := in.add(meta); err != nil {
					return nil, err
				}
			}
		}
	}
	return in.inventory, nil
}

func firstBatch(blocks []*metastorev1.BlockMeta) []*metastorev1.BlockMeta {
	blocks = blocks[:min(batchBlocks, len(blocks))]
	sets := 0
	for i, meta := range blocks {
		sets += len(meta.GetDatasets())
		if sets > batchDataSets {
			return blocks[:i+1]
		}
	}
	return blocks
}

// preload looks at what add needs of each block, no more. Metadata is scattered
// over far more memory than caches hold, and in loops as short as these a
// processor waits for many places at once; in add, for one after the other.
func (in *intake) preload(batch []*metastorev1.BlockMeta) {
	var sum uint64
	for _, meta := range batch {
		sum += meta.GetSize() + uint64(meta.GetShard())
	}
	for _, meta := range batch {
		if id := meta.GetId(); id != "" {
			sum += uint64(id[0])
		}
		table := meta.GetStringTable()
		for i := 0; i < len(table); i += 4 { // 4 strings are in a line of the cache
			sum += uint64(len(table[i]))
		}
		for _, d := range meta.GetDatasets() {
			sum += d.GetSize() + uint64(d.GetMinTime())
		}
	}
	for _, meta := range batch {
		for _, d := range meta.GetDatasets() {
			labels := d.GetLabels()
			for i := 0; i < len(labels); i += 16 { // and 16 numbers
				sum += uint64(labels[i])
			}
			if contents := d.GetTableOfContents(); len(contents) > 0 {
				sum += contents[0]
			}
			if name, ok := lookUp(meta.GetStringTable(), d.GetName()); ok && name != "" {
				sum += uint64(name[0])
			}
		}
	}
	in.looks += sum
}

func (in *intake) add(meta *metastorev1.BlockMeta) error {
	if len(meta.GetDatasets()) == 0 {
		return nil
	}
	tenant, ok := lookUp(meta.StringTable, meta.Tenant)
	if !ok {
		return badIndex(meta, "tenant", meta.Tenant)
	}
	if !utf8.ValidString(meta.Id) {
		return &MetadataError{meta.Id, "id", errNotText}
	}
	first := len(in.sets)
	in.labels.open(meta.StringTable)
	for i, d := range meta.Datasets {
		if d == nil {
			continue
		}
		if err := in.addSet(meta, i); err != nil {
			return err
		}
	}
	in.blocks = append(in.blocks, block{
		id:             meta.Id,
		size:           meta.Size,
		metadataOffset: meta.MetadataOffset,
		time:           blockTime(meta.MinTime),
		shard:          meta.Shard,
		level:          meta.CompactionLevel,
		format:         meta.FormatVersion,
		tenant:         in.tenants.of(tenant),
		first:          int32(first),
		end:            int32(len(in.sets)),
	})
	in.hashes = append(in.hashes, uint32(maphash.String(in.seed, meta.Id)))
	in.disorder = in.disorder || !inOrder(in.sets[first:])
	return nil
}

func (in *intake) addSet(meta *metastorev1.BlockMeta, i int) error {
	d := meta.Datasets[i]
	tenant, ok := lookUp(meta.StringTable, d.Tenant)
	if !ok {
		return badIndex(meta, fmt.Sprintf("datasets[%d].tenant", i), d.Tenant)
	}
	service, ok := lookUp(meta.StringTable, d.Name)
	if !ok {
		return badIndex(meta, fmt.Sprintf("datasets[%d].name", i), d.Name)
	}
	if in.services.isNew(service) && !utf8.ValidString(service) {
		return &MetadataError{meta.Id, fmt.Sprintf("datasets[%d].name", i), errNotText}
	}
	if d.Format != formatDataSet && d.Format != formatIndex {
		return &MetadataError{meta.Id, fmt.Sprintf("datasets[%d].format", i), fmt.Errorf("%d is not known: it must be 0 or 1", d.Format)}
	}
	evidence, err := in.labels.labels(d.Labels)
	if err != nil {
		if interrupted := in.labels.interrupted(); interrupted != nil {
			return interrupted
		}
		return &MetadataError{meta.Id, fmt.Sprintf("datasets[%d].labels", i), err}
	}
	var offset uint64
	if len(d.TableOfContents) > 0 {
		offset = d.TableOfContents[0]
	}
	in.sets = append(in.sets, dataSet{
		contents: d.TableOfContents,
		offset:   offset,
		size:     d.Size,
		bytes:    dataSetBytes(meta.Size, d, in.reads),
		block:    int32(len(in.blocks)),
		tenant:   in.tenants.of(tenant),
		service:  in.services.of(service),
		evidence: evidence,
		isIndex:  d.Format == formatIndex,
		inRange:  d.MinTime <= in.end && d.MaxTime >= in.start,
	})
	return nil
}

// errNotText is for a name that no message can carry to a query-backend.
var errNotText = errors.New("it is not UTF-8")

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
