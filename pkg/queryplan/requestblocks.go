package queryplan

import (
	"slices"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// writeBlocks makes one message a unit. A plan may have a million, so all
// messages, and the parts of each kind, lie in one piece of memory.
func writeBlocks(p *Plan) []*metastorev1.BlockMeta {
	w := blockWriter{inventory: p.inventory, named: p.query.Diagnostics || len(p.units) <= namedBlocks}
	var sets, marked int
	for i := range p.units {
		sets += int(p.units[i].sets)
		if p.units[i].marked {
			marked += int(p.units[i].sets)
		}
	}
	w.sets = make([]metastorev1.Dataset, sets)
	w.refs = make([]*metastorev1.Dataset, sets)
	w.labels = make([]int32, 0, 3*marked)
	if w.named {
		w.strings = make([]string, 0, 2*len(p.units)+sets+2*marked)
	}
	blocks := make([]metastorev1.BlockMeta, len(p.units))
	messages := make([]*metastorev1.BlockMeta, len(p.units))
	// Units lie in another order than blocks, so each block is waited for. In a
	// short loop a processor waits for many at once: hence a batch's places come
	// first, and its blocks are at hand then.
	const batch = 64
	for first := 0; first < len(p.units); first += batch {
		end := min(first+batch, len(p.units))
		for i := first; i < end; i++ {
			w.writePlaces(&blocks[i], &p.units[i])
		}
		for i := first; i < end; i++ {
			w.writeTexts(&blocks[i], &p.units[i])
			messages[i] = &blocks[i]
		}
	}
	return messages
}

type blockWriter struct {
	inventory *inventory
	named     bool
	// What messages are made of, as far as it is not used yet.
	sets []metastorev1.Dataset
	refs []*metastorev1.Dataset
	// Parts of messages, one behind the other.
	strings []string
	labels  []int32
	// table is the string table of the block before. Most blocks have the same.
	table []string
	begin int // of the current block's table, in strings
}

// writePlaces says where a block and its data sets are, but for their tenants.
func (w *blockWriter) writePlaces(m *metastorev1.BlockMeta, u *unit) {
	b := &w.inventory.blocks[u.block]
	m.FormatVersion = b.format
	m.Id = b.id
	m.Shard = b.shard
	m.CompactionLevel = b.level
	m.Size = b.size
	if b.indexed {
		m.MetadataOffset = b.metadataOffset
	}
	m.Datasets = w.refs[:u.sets:u.sets]
	used := 0
	for i := u.first; i < u.end; i++ {
		set := &w.inventory.sets[i]
		if set.dropped != kept {
			continue
		}
		d := &w.sets[used]
		m.Datasets[used] = d
		used++
		d.Format = formatDataSet
		if set.isIndex {
			d.Format = formatIndex
		}
		d.TableOfContents = set.contents
		d.Size = set.size
	}
	w.sets, w.refs = w.sets[used:], w.refs[used:]
}

// writeTexts writes a block's string table, and what refers to it.
func (w *blockWriter) writeTexts(m *metastorev1.BlockMeta, u *unit) {
	tenants, services := w.inventory.tenants.texts, w.inventory.services.texts
	tenant := w.inventory.blocks[u.block].tenant
	w.begin = len(w.strings)
	w.strings = append(w.strings, "")
	m.Tenant = w.put(tenants[tenant])
	// In front, where put finds them again: in front of the names.
	if u.marked {
		w.put(labelUnsymbolized)
		w.put(unsymbolized)
	}
	for i := u.first; i < u.end; i++ {
		if set := &w.inventory.sets[i]; set.dropped == kept && set.tenant != tenant {
			tenant = set.tenant
			w.put(tenants[tenant])
		}
	}
	written := 0
	for i := u.first; i < u.end; i++ {
		set := &w.inventory.sets[i]
		if set.dropped != kept {
			continue
		}
		d := m.Datasets[written]
		written++
		d.Tenant = w.put(tenants[set.tenant])
		if w.named {
			d.Name = w.add(services[set.service])
		}
		if set.evidence&isMarked != 0 {
			first := len(w.labels)
			w.labels = append(w.labels, 1, w.put(labelUnsymbolized), w.put(unsymbolized))
			d.Labels = w.labels[first:len(w.labels):len(w.labels)]
		}
	}
	if table := w.strings[w.begin:len(w.strings):len(w.strings)]; slices.Equal(table, w.table) {
		w.strings = w.strings[:w.begin]
	} else {
		w.table = table
	}
	m.StringTable = w.table
}

// add appends to the current block's table what is in it once: the data sets'
// names. The empty string is in it already.
func (w *blockWriter) add(s string) int32 {
	if s == "" {
		return 0
	}
	w.strings = append(w.strings, s)
	return int32(len(w.strings) - w.begin - 1)
}

// put returns a string's index in the current block's table. What is looked for,
// the tenants and the mark, is near its front.
func (w *blockWriter) put(s string) int32 {
	table := w.strings[w.begin:]
	for i, known := range table {
		if known == s {
			return int32(i)
		}
	}
	w.strings = append(w.strings, s)
	return int32(len(table))
}
