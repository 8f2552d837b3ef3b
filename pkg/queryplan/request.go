package queryplan

import (
	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// Request returns the request that executes the plan, to be sent to any one
// query-backend. Each call returns a new message, which may be changed, but it
// shares the queries and tables of contents with what the plan was made of. The
// request of an empty plan has no plan and must not be sent.
//
// Blocks carry what query-backends read of their metadata, and no more: where
// the object is (id, tenant, shard, level, size), where in it the data sets are
// (format, tenant, table of contents, size), and the mark of unsymbolized ones.
// Names of data sets are for people, in errors and diagnostics: query-backends
// find a data set by its place. Plans of more than namedBlocks blocks go without
// them, unless diagnostics are asked for. Strings that are left without
// use are cut from the string table. The metadata's own place is kept only where
// an index is read, since only then it is looked at.
func (p *Plan) Request() *queryv1.InvokeRequest {
	request := &queryv1.InvokeRequest{
		Tenant:        p.query.Tenants,
		StartTime:     p.query.Start,
		EndTime:       p.query.End,
		LabelSelector: formatSelector(p.query.Matchers),
		Query:         p.query.Queries,
		Options: &queryv1.InvokeOptions{
			SanitizeOnMerge:    true,
			CollectDiagnostics: p.query.Diagnostics,
		},
	}
	if !p.Empty() {
		request.QueryPlan = &queryv1.QueryPlan{Root: p.messages()}
	}
	return request
}

// namedBlocks is how many blocks a plan may have for its data sets to be named:
// beyond, nobody reads it, and the names are a sixth of the bytes.
const namedBlocks = 4096

// messages builds the plan's tree bottom up, and returns its root.
func (p *Plan) messages() *queryv1.QueryNode {
	blocks := p.blockMessages()
	var below []*queryv1.QueryNode
	for i, level := range p.shape.levels {
		nodes := make([]queryv1.QueryNode, len(level))
		pointers := make([]*queryv1.QueryNode, len(level))
		for j := range level {
			n, message := &level[j], &nodes[j]
			if i == 0 {
				message.Type = queryv1.QueryNode_READ
				message.Blocks = blocks[n.first:n.end:n.end]
			} else {
				message.Type = queryv1.QueryNode_MERGE
				message.Children = below[n.first:n.end:n.end]
			}
			pointers[j] = message
		}
		below = pointers
	}
	return below[0]
}

// blockMessages makes one message a unit. A plan may have a million, so all
// messages, and the parts of each kind, lie in one piece of memory.
func (p *Plan) blockMessages() []*metastorev1.BlockMeta {
	var sets, marked int
	for i := range p.units {
		sets += int(p.units[i].sets)
		if p.units[i].marked {
			marked += int(p.units[i].sets)
		}
	}
	w := blockWriter{
		blocks:  make([]metastorev1.BlockMeta, len(p.units)),
		sets:    make([]metastorev1.Dataset, sets),
		strings: make([]string, 0, 2*len(p.units)+sets+2*marked),
		labels:  make([]int32, 0, 3*marked),
		refs:    make([]*metastorev1.Dataset, 0, sets),
	}
	w.named = p.query.Diagnostics || len(p.units) <= namedBlocks
	messages := make([]*metastorev1.BlockMeta, len(p.units))
	for i := range p.units {
		w.write(&w.blocks[i], p, &p.units[i])
		messages[i] = &w.blocks[i]
	}
	return messages
}

type blockWriter struct {
	blocks  []metastorev1.BlockMeta
	sets    []metastorev1.Dataset
	used    int // of sets
	refs    []*metastorev1.Dataset
	strings []string
	labels  []int32
	table   int // where the current block's string table begins
	named   bool
}

func (w *blockWriter) write(m *metastorev1.BlockMeta, p *Plan, u *unit) {
	b := &p.inventory.blocks[u.block]
	w.table = len(w.strings)
	w.strings = append(w.strings, "")
	m.FormatVersion = b.format
	m.Id = b.id
	m.Tenant = w.put(p.inventory.tenants.texts[b.tenant])
	m.Shard = b.shard
	m.CompactionLevel = b.level
	m.Size = b.size
	if b.indexed {
		m.MetadataOffset = b.metadataOffset
	}
	// In front, where put finds them again: in front of the names.
	if u.marked {
		w.put(labelUnsymbolized)
		w.put(unsymbolized)
	}
	last := b.tenant
	for i := u.first; i < u.end; i++ {
		if set := &p.inventory.sets[i]; set.dropped == kept && set.tenant != last {
			w.put(p.inventory.tenants.texts[set.tenant])
			last = set.tenant
		}
	}
	first := len(w.refs)
	for i := u.first; i < u.end; i++ {
		if set := &p.inventory.sets[i]; set.dropped == kept {
			w.writeSet(set, p.inventory.tenants.texts[set.tenant], p.inventory.services.texts[set.service])
		}
	}
	m.Datasets = w.refs[first:len(w.refs):len(w.refs)]
	m.StringTable = w.strings[w.table:len(w.strings):len(w.strings)]
}

func (w *blockWriter) writeSet(set *dataSet, tenant, name string) {
	m := &w.sets[w.used]
	w.used++
	w.refs = append(w.refs, m)
	m.Format = formatDataSet
	if set.isIndex {
		m.Format = formatIndex
	}
	m.Tenant = w.put(tenant)
	if w.named {
		m.Name = w.add(name)
	}
	m.TableOfContents = set.contents
	m.Size = set.size
	if set.evidence&isMarked != 0 {
		first := len(w.labels)
		w.labels = append(w.labels, 1, w.put(labelUnsymbolized), w.put(unsymbolized))
		m.Labels = w.labels[first:len(w.labels):len(w.labels)]
	}
}

// add appends to the current block's table what is in it once: the data sets'
// names. The empty string is in it already.
func (w *blockWriter) add(s string) int32 {
	if s == "" {
		return 0
	}
	w.strings = append(w.strings, s)
	return int32(len(w.strings) - w.table - 1)
}

// put returns a string's index in the current block's table. What is looked for,
// the tenants and the mark, is near its front.
func (w *blockWriter) put(s string) int32 {
	table := w.strings[w.table:]
	for i, known := range table {
		if known == s {
			return int32(i)
		}
	}
	w.strings = append(w.strings, s)
	return int32(len(table))
}
