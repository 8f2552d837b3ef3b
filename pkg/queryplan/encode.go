package queryplan

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// A readEncoder writes reads in wire format, as the blocks field of a READ node has
// them, straight from the inventory. Messages to be encoded later take several times
// the memory and time: see docs/adr/0005-planner-and-wire-format.md.
type readEncoder struct {
	inventory *inventory
	named     bool
	// table is the current block's string table.
	table []string
}

// typicalRead is the size in bytes of a read of one dataset, as room is made for.
const typicalRead = 80

// encodeReads encodes reads, and notes where each is. They have to be in the order
// of the inventory: to go to and fro in it takes three times as long.
func encodeReads(inv *inventory, reads []blockRead, diagnostics bool) []byte {
	w := readEncoder{inventory: inv, named: diagnostics || len(reads) <= namedBlocks}
	to := make([]byte, 0, typicalRead*len(reads))
	for i := range reads {
		r := &reads[i]
		r.from = len(to)
		listing := &inv.blocks[inv.datasets[r.first].listing]
		if listing.extended {
			to = w.appendWhole(to, listing, r)
		} else {
			to = w.appendBlock(to, r)
		}
		r.to = len(to)
	}
	return to
}

// appendWhole writes a block as the metastore encoded it, but for the datasets that
// are not read. It may have fields of a Pyroscope that is younger than this code,
// and those may refer to the string table.
func (w *readEncoder) appendWhole(to []byte, listing *block, r *blockRead) []byte {
	to, block := begin(to, nodeBlocks)
	next, index := r.first, int32(0)
	for f := (fields{left: listing.message}); f.next(); {
		if f.tag != blockDatasets {
			to = append(to, f.raw...)
			continue
		}
		for next < r.end && (w.inventory.datasets[next].index < index || !w.inventory.datasets[next].kept()) {
			next++
		}
		if next < r.end && w.inventory.datasets[next].index == index {
			to = append(to, f.raw...)
		}
		index++
	}
	return end(to, block)
}

// appendBlock writes of a block what query-backends read of it.
func (w *readEncoder) appendBlock(to []byte, r *blockRead) []byte {
	b := &w.inventory.blocks[r.block]
	w.openTable(r)
	to, block := begin(to, nodeBlocks)
	to = appendNumber(to, blockFormatVersion, uint64(b.format))
	if len(b.id) > 0 {
		to = appendBytes(to, blockID, b.id)
	}
	to = appendNumber(to, blockTenant, w.put(w.inventory.tenants.texts[b.tenant]))
	to = appendNumber(to, blockShard, uint64(b.shard))
	to = appendNumber(to, blockCompactionLevel, uint64(b.level))
	to = appendNumber(to, blockSize, b.size)
	for i := r.first; i < r.end; i++ {
		if d := &w.inventory.datasets[i]; d.kept() {
			to = w.appendDataset(to, d)
		}
	}
	for _, text := range w.table {
		to = appendBytes(to, blockStringTable, text)
	}
	if b.indexed {
		to = appendNumber(to, blockMetadataOffset, b.metadataOffset)
	}
	return end(to, block)
}

func (w *readEncoder) appendDataset(to []byte, d *dataset) []byte {
	to, set := begin(to, blockDatasets)
	to = appendNumber(to, datasetTenant, w.put(w.inventory.tenants.texts[d.tenant]))
	if w.named {
		to = appendNumber(to, datasetName, w.add(w.inventory.services.texts[d.service]))
	}
	if len(d.contents) > 0 {
		to = appendBytes(to, datasetTableOfContents, d.contents)
	}
	to = appendNumber(to, datasetSize, d.size)
	if d.labels&isUnsymbolized != 0 {
		var labels int
		to, labels = begin(to, datasetLabels)
		to = protowire.AppendVarint(to, 1)
		to = protowire.AppendVarint(to, w.put(labelUnsymbolized))
		to = protowire.AppendVarint(to, w.put(unsymbolized))
		to = end(to, labels)
	}
	if d.isIndex {
		to = appendNumber(to, datasetFormat, formatIndex)
	}
	return end(to, set)
}

// openTable begins a block's string table with what put is asked for most, for
// it to be found near the front: in front of the names.
func (w *readEncoder) openTable(r *blockRead) {
	w.table = append(w.table[:0], "")
	tenant := w.inventory.blocks[r.block].tenant
	w.put(w.inventory.tenants.texts[tenant])
	if r.unsymbolized {
		w.put(labelUnsymbolized)
		w.put(unsymbolized)
	}
	for i := r.first; i < r.end; i++ {
		if d := &w.inventory.datasets[i]; d.kept() && d.tenant != tenant {
			tenant = d.tenant
			w.put(w.inventory.tenants.texts[tenant])
		}
	}
}

// add appends to the string table what is in it once: the datasets' names. The
// empty string is in it already.
func (w *readEncoder) add(text string) uint64 {
	if text == "" {
		return 0
	}
	w.table = append(w.table, text)
	return uint64(len(w.table) - 1)
}

// put returns a string's index in the string table.
func (w *readEncoder) put(text string) uint64 {
	for i, known := range w.table {
		if known == text {
			return uint64(i)
		}
	}
	w.table = append(w.table, text)
	return uint64(len(w.table) - 1)
}
