package queryplan

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of the messages that are written here.
const (
	nodeBlocks = 3 // query.v1.QueryNode.blocks

	// metastore.v1.BlockMeta
	blockFormatVersion   = 1
	blockID              = 2
	blockTenant          = 3
	blockShard           = 4
	blockCompactionLevel = 5
	blockSize            = 9
	blockDatasets        = 10
	blockStringTable     = 11
	blockMetadataOffset  = 12

	// metastore.v1.Dataset
	setTenant          = 1
	setName            = 2
	setTableOfContents = 5
	setSize            = 6
	setLabels          = 8
	setFormat          = 9
)

// A blockWriter writes the blocks of leaves in wire format, straight from the
// inventory's rows. Messages to be encoded later take five times the memory, and
// several times as long.
type blockWriter struct {
	inventory *inventory
	named     bool
	looks     uint64 // see intake
	leaf      []byte // memory for the one that is being written
	// table is the current block's string table.
	table []string
}

func newBlockWriter(p *Plan) *blockWriter {
	return &blockWriter{inventory: p.inventory, named: p.query.Diagnostics || len(p.units) <= namedBlocks}
}

// writeLeaf returns the blocks field of a READ node.
func (w *blockWriter) writeLeaf(units []unit) []byte {
	w.leaf = w.leaf[:0]
	for batch := range slices.Chunk(units, batchBlocks) {
		w.preload(batch)
		for i := range batch {
			w.leaf = w.appendBlock(w.leaf, &batch[i])
		}
	}
	return slices.Clone(w.leaf)
}

// preload looks at what units lead to. They lie in another order than blocks, so
// that nothing of it is at hand: see intake.
func (w *blockWriter) preload(units []unit) {
	for i := range units {
		w.looks += w.inventory.blocks[units[i].block].size + w.inventory.sets[units[i].first].size
	}
	for i := range units {
		if id := w.inventory.blocks[units[i].block].id; id != "" {
			w.looks += uint64(id[0])
		}
		if contents := w.inventory.sets[units[i].first].contents; len(contents) > 0 {
			w.looks += contents[0]
		}
	}
}

func (w *blockWriter) appendBlock(to []byte, u *unit) []byte {
	b := &w.inventory.blocks[u.block]
	w.openTable(u)
	to, block := begin(to, nodeBlocks)
	to = appendNumber(to, blockFormatVersion, uint64(b.format))
	if b.id != "" {
		to = appendText(to, blockID, b.id)
	}
	to = appendNumber(to, blockTenant, w.put(w.inventory.tenants.texts[b.tenant]))
	to = appendNumber(to, blockShard, uint64(b.shard))
	to = appendNumber(to, blockCompactionLevel, uint64(b.level))
	to = appendNumber(to, blockSize, b.size)
	for i := u.first; i < u.end; i++ {
		if set := &w.inventory.sets[i]; set.dropped == kept {
			to = w.appendSet(to, set)
		}
	}
	for _, text := range w.table {
		to = appendText(to, blockStringTable, text)
	}
	if b.indexed {
		to = appendNumber(to, blockMetadataOffset, b.metadataOffset)
	}
	return end(to, block)
}

func (w *blockWriter) appendSet(to []byte, d *dataSet) []byte {
	to, set := begin(to, blockDatasets)
	to = appendNumber(to, setTenant, w.put(w.inventory.tenants.texts[d.tenant]))
	if w.named {
		to = appendNumber(to, setName, w.add(w.inventory.services.texts[d.service]))
	}
	if len(d.contents) > 0 {
		var contents int
		to, contents = begin(to, setTableOfContents)
		for _, offset := range d.contents {
			to = protowire.AppendVarint(to, offset)
		}
		to = end(to, contents)
	}
	to = appendNumber(to, setSize, d.size)
	if d.evidence&isMarked != 0 {
		var labels int
		to, labels = begin(to, setLabels)
		to = protowire.AppendVarint(to, 1)
		to = protowire.AppendVarint(to, w.put(labelUnsymbolized))
		to = protowire.AppendVarint(to, w.put(unsymbolized))
		to = end(to, labels)
	}
	if d.isIndex {
		to = appendNumber(to, setFormat, formatIndex)
	}
	return end(to, set)
}

// openTable begins a block's string table with what put is asked for most, for
// it to be found near the front: in front of the names.
func (w *blockWriter) openTable(u *unit) {
	w.table = append(w.table[:0], "")
	tenant := w.inventory.blocks[u.block].tenant
	w.put(w.inventory.tenants.texts[tenant])
	if u.marked {
		w.put(labelUnsymbolized)
		w.put(unsymbolized)
	}
	for i := u.first; i < u.end; i++ {
		if set := &w.inventory.sets[i]; set.dropped == kept && set.tenant != tenant {
			tenant = set.tenant
			w.put(w.inventory.tenants.texts[tenant])
		}
	}
}

// add appends to the string table what is in it once: the data sets' names. The
// empty string is in it already.
func (w *blockWriter) add(text string) uint64 {
	if text == "" {
		return 0
	}
	w.table = append(w.table, text)
	return uint64(len(w.table) - 1)
}

// put returns a string's index in the string table.
func (w *blockWriter) put(text string) uint64 {
	for i, known := range w.table {
		if known == text {
			return uint64(i)
		}
	}
	w.table = append(w.table, text)
	return uint64(len(w.table) - 1)
}

// appendNumber writes a field, but not if it is 0, as in all messages of proto3.
func appendNumber(to []byte, field protowire.Number, value uint64) []byte {
	if value == 0 {
		return to
	}
	return protowire.AppendVarint(protowire.AppendTag(to, field, protowire.VarintType), value)
}

func appendText(to []byte, field protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(to, field, protowire.BytesType), value)
}

// begin writes a field's tag and leaves a byte for its length, which end writes
// when all of the field is there.
func begin(to []byte, field protowire.Number) ([]byte, int) {
	to = append(protowire.AppendTag(to, field, protowire.BytesType), 0)
	return to, len(to)
}

// end writes the length of what follows the place that begin returned. Of 128
// bytes on, a length takes more than the byte that was left for it.
func end(to []byte, at int) []byte {
	length := uint64(len(to) - at)
	if length < 128 {
		to[at-1] = byte(length)
		return to
	}
	return slices.Replace(to, at-1, at, protowire.AppendVarint(nil, length)...)
}
