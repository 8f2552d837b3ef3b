package queryplan

import (
	"crypto/sha256"
	"encoding/binary"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// A ReadID names what a Read reads, in all plans of all queries: the place of the block
// in object storage, and of the datasets in it. Blocks never change, so what is read
// under one ID is always the same.
type ReadID [16]byte

// A Read is what a leaf takes whole: a block, or some of its datasets.
type Read struct {
	ID ReadID
	// MinTime and MaxTime are when its profiles begin and end, in Unix milliseconds,
	// both inclusive.
	MinTime, MaxTime int64
	// Level is how often the block was compacted.
	Level uint32
	// Bytes is the estimate of what reading it fetches.
	Bytes uint64
	// Whole says that all of it lies within the query's range: what is read of it does
	// not depend on the range. Profiles are younger than MinTime and MaxTime tell, by
	// less than a millisecond, so that what ends with the range counts as cut.
	Whole bool
	// Ends says that it ends within the range: the range cuts at most its begin.
	Ends bool
}

// Reads returns what the plan reads.
func (p *Plan) Reads() []Read {
	reads := make([]Read, len(p.reads))
	var of []byte
	for i := range p.reads {
		r := &p.reads[i]
		of = p.inventory.appendPlace(of[:0], r)
		sum := sha256.Sum256(of)
		reads[i] = Read{
			ID:      ReadID(sum[:]),
			MinTime: r.minTime, MaxTime: r.maxTime,
			Level: p.inventory.blocks[r.block].level,
			Bytes: r.bytes,
			Whole: r.minTime > p.query.Start && r.maxTime < p.query.End,
			Ends:  r.maxTime < p.query.End,
		}
	}
	return reads
}

// appendPlace writes where a read is in object storage.
func (inv *inventory) appendPlace(to []byte, r *blockRead) []byte {
	text := func(text string) { to = append(binary.AppendUvarint(to, uint64(len(text))), text...) }
	b := &inv.blocks[r.block]
	text(string(b.id))
	text(inv.tenants.texts[b.tenant])
	for _, number := range []uint64{uint64(b.shard), uint64(b.level), b.size, uint64(b.format)} {
		to = binary.AppendUvarint(to, number)
	}
	for i := r.first; i < r.end; i++ {
		d := &inv.datasets[i]
		if !d.kept() {
			continue
		}
		text(inv.tenants.texts[d.tenant])
		text(inv.services.texts[d.service])
		to = binary.AppendUvarint(to, d.offset)
		to = binary.AppendUvarint(to, d.size)
		kind := byte(d.labels & isUnsymbolized)
		if d.isIndex {
			kind |= 1 << 7
		}
		to = append(to, kind)
	}
	return to
}

// Part returns a plan that reads some of what the plan reads, by its index in Reads,
// for a range and queries of its own, which have to be of the same types. It shares the
// plan's memory.
func (p *Plan) Part(reads []int, start, end int64, queries []*queryv1.Query) *Plan {
	part := &Plan{query: p.query, inventory: p.inventory, encoded: p.encoded, options: p.options, reads: make([]blockRead, len(reads))}
	part.query.Start, part.query.End, part.query.Queries = start, end, queries
	for i, at := range reads {
		part.reads[i] = p.reads[at]
	}
	part.assemble()
	part.summary = part.summarizeShape()
	return part
}

// assemble packs the reads into leaves and puts merges over them.
func (p *Plan) assemble() {
	leaves := packLeaves(p.reads, p.options)
	p.shape = stackMerges(leaves, fanIn(p.query, leaves, p.options), p.query.Seed)
}
