package blockstore

import (
	"cmp"
	"encoding/binary"
	"slices"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// sectionSizes encodes a dataset to learn how many bytes its sections take:
// the profile rows, the label index, and the symbols that all profiles share.
// The encoding is this package's own (compact and compressed, as Parquet and
// symdb are), is only counted, and is not kept.
func (c *compressor) sectionSizes(ds *Dataset) Sections {
	symbols := newSymbolWriter()
	profiles := new(sectionWriter)
	for i, s := range ds.Series {
		var previous int64
		for _, p := range s.Profiles {
			profiles.uvarint(uint64(i))
			profiles.bytes(p.ID[:])
			profiles.varint(p.Timestamp - previous)
			previous = p.Timestamp
			profiles.samples(p.Samples, symbols)
			for _, a := range p.Annotations {
				profiles.string(a.Key)
				profiles.string(a.Value)
			}
		}
	}
	return Sections{
		Profiles: c.size(profiles.encoded),
		TSDB:     c.indexSize([]*Dataset{ds}),
		Symbols:  c.size(symbols.w.encoded),
	}
}

// indexSize encodes the index of series in datasets: the labels of each, and
// for each label the series that have it.
func (c *compressor) indexSize(sets []*Dataset) uint64 {
	w := new(sectionWriter)
	strings := make(map[string]uint64)
	postings := make(map[[2]uint64][]uint64)
	var pairs [][2]uint64
	number := func(s string) uint64 {
		n, ok := strings[s]
		if !ok {
			n = uint64(len(strings))
			strings[s] = n
			w.string(s)
		}
		return n
	}
	add := func(l *typesv1.LabelPair, series uint64) {
		pair := [2]uint64{number(l.Name), number(l.Value)}
		w.uvarint(pair[0])
		w.uvarint(pair[1])
		if _, ok := postings[pair]; !ok {
			pairs = append(pairs, pair)
		}
		postings[pair] = append(postings[pair], series)
	}
	var series uint64
	for i, ds := range sets {
		for _, s := range ds.Series {
			w.uvarint(uint64(i))
			w.uvarint(uint64(len(s.Labels)))
			for _, l := range s.Labels {
				add(l, series)
			}
			series++
		}
	}
	for _, pair := range pairs {
		w.uvarint(uint64(len(postings[pair])))
		for _, n := range postings[pair] {
			w.uvarint(n)
		}
	}
	return c.size(w.encoded)
}

// A sectionWriter collects the bytes of a section before compression.
type sectionWriter struct {
	encoded []byte
}

func (w *sectionWriter) bytes(b []byte)   { w.encoded = append(w.encoded, b...) }
func (w *sectionWriter) uvarint(v uint64) { w.encoded = binary.AppendUvarint(w.encoded, v) }
func (w *sectionWriter) varint(v int64)   { w.encoded = binary.AppendVarint(w.encoded, v) }
func (w *sectionWriter) string(s string)  { w.encoded = appendString(w.encoded, s) }

func (w *sectionWriter) samples(samples []Sample, symbols *symbolWriter) {
	type row struct {
		stack  uint64
		sample *Sample
	}
	rows := make([]row, len(samples))
	for i := range samples {
		rows[i] = row{stack: symbols.stack(samples[i].Stack), sample: &samples[i]}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.stack, b.stack) })
	w.uvarint(uint64(len(rows)))
	var previous uint64
	for _, r := range rows {
		w.uvarint(r.stack - previous)
		previous = r.stack
		w.varint(r.sample.Value)
		if r.sample.SpanID != 0 {
			w.encoded = binary.LittleEndian.AppendUint64(w.encoded, r.sample.SpanID)
		}
		if r.sample.TraceID != [16]byte{} {
			w.bytes(r.sample.TraceID[:])
		}
	}
}
