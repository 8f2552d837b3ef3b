package reportmerge

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// heatmapPointBytes is what a point takes with its copy and what it refers to.
const heatmapPointBytes = 192

// An attribute is a pair of a query.v1.AttributeTable: of a label, or a profile's id as
// the value of no name.
type attribute struct{ key, value string }

// A heatmapMerger puts points into series by their labels, all with references into one
// table.
type heatmapMerger struct {
	table  []attribute
	index  map[attribute]int64
	series map[string]*queryv1.HeatmapSeries
}

// mergeHeatmaps joins the points of heat maps. They stand for profiles or spans, and not
// for steps, so that nothing has to be added up but what is listed twice.
func mergeHeatmaps(parts []*queryv1.Report, o Options) (*queryv1.HeatmapReport, error) {
	m := heatmapMerger{index: make(map[attribute]int64), series: make(map[string]*queryv1.HeatmapSeries)}
	for _, part := range parts {
		if err := m.add(part.GetHeatmap(), o); err != nil {
			return nil, err
		}
	}
	return m.report(parts[0].GetHeatmap().GetQuery()), nil
}

func (m *heatmapMerger) ref(a attribute) int64 {
	ref, known := m.index[a]
	if !known {
		ref = int64(len(m.table))
		m.table, m.index[a] = append(m.table, a), ref
	}
	return ref
}

func (m *heatmapMerger) add(r *queryv1.HeatmapReport, o Options) error {
	t := translation{keys: r.GetAttributeTable().GetKeys(), values: r.GetAttributeTable().GetValues(), to: m}
	if len(t.keys) != len(t.values) {
		return fmt.Errorf("attribute table with %d keys and %d values: there must be as many", len(t.keys), len(t.values))
	}
	for _, series := range r.GetHeatmapSeries() {
		if err := o.Take(seriesBytes + heatmapPointBytes*int64(len(series.GetPoints()))); err != nil {
			return err
		}
		refs, err := t.refs(series.GetAttributeRefs())
		if err != nil {
			return err
		}
		key := m.seriesKey(refs)
		merged := m.series[key]
		if merged == nil {
			merged = &queryv1.HeatmapSeries{AttributeRefs: refs}
			m.series[key] = merged
		}
		for _, p := range series.GetPoints() {
			if p.GetTimestamp() < o.Start || p.GetTimestamp() > o.End {
				continue
			}
			point := &queryv1.HeatmapPoint{Timestamp: p.GetTimestamp(), SpanId: p.GetSpanId(), TraceId: p.GetTraceId(), Value: p.GetValue()}
			if point.ProfileId, err = t.profile(p.GetProfileId()); err != nil {
				return err
			}
			if point.AttributeRefs, err = t.refs(p.GetAttributeRefs()); err != nil {
				return err
			}
			merged.Points = append(merged.Points, point)
		}
	}
	return nil
}

// seriesKey tells series apart, and sorts them by their labels.
func (m *heatmapMerger) seriesKey(refs []int64) string {
	var key []byte
	for _, ref := range refs {
		for _, text := range [2]string{m.table[ref].key, m.table[ref].value} {
			key = append(append(key, text...), 0)
			key = binary.BigEndian.AppendUint32(key, uint32(len(text)))
		}
	}
	return string(key)
}

func (m *heatmapMerger) report(query *queryv1.HeatmapQuery) *queryv1.HeatmapReport {
	report := &queryv1.HeatmapReport{Query: query}
	for _, key := range slices.Sorted(maps.Keys(m.series)) {
		s := m.series[key]
		if len(s.Points) == 0 {
			continue
		}
		slices.SortStableFunc(s.Points, m.compare)
		s.Points = m.joinSame(s.Points)
		report.HeatmapSeries = append(report.HeatmapSeries, s)
	}
	if len(report.HeatmapSeries) == 0 {
		return report
	}
	report.AttributeTable = new(queryv1.AttributeTable)
	for _, a := range m.table {
		report.AttributeTable.Keys = append(report.AttributeTable.Keys, a.key)
		report.AttributeTable.Values = append(report.AttributeTable.Values, a.value)
	}
	return report
}

// compare orders points by time, span, trace and profile.
func (m *heatmapMerger) compare(a, b *queryv1.HeatmapPoint) int {
	return cmp.Or(
		cmp.Compare(a.GetTimestamp(), b.GetTimestamp()),
		cmp.Compare(a.GetSpanId(), b.GetSpanId()),
		bytes.Compare(a.GetTraceId(), b.GetTraceId()),
		cmp.Compare(m.table[a.GetProfileId()].value, m.table[b.GetProfileId()].value),
	)
}

// joinSame makes one point of those that are the same profile, or span, at the same time.
func (m *heatmapMerger) joinSame(points []*queryv1.HeatmapPoint) []*queryv1.HeatmapPoint {
	joined := points[:0]
	for _, p := range points {
		if len(joined) == 0 || m.compare(joined[len(joined)-1], p) != 0 {
			joined = append(joined, p)
			continue
		}
		last := joined[len(joined)-1]
		last.Value += p.GetValue()
		if !slices.Equal(last.AttributeRefs, p.AttributeRefs) {
			last.AttributeRefs = append(last.AttributeRefs, p.AttributeRefs...)
			slices.Sort(last.AttributeRefs)
			last.AttributeRefs = slices.Compact(last.AttributeRefs)
		}
	}
	return joined
}

// A translation of references into one table to those into the merger's.
type translation struct {
	keys, values []string
	to           *heatmapMerger
}

func (t translation) ref(ref int64) (int64, error) {
	if ref < 0 || ref >= int64(len(t.keys)) {
		return 0, fmt.Errorf("reference %d into an attribute table of %d", ref, len(t.keys))
	}
	return t.to.ref(attribute{t.keys[ref], t.values[ref]}), nil
}

// profile translates a profile's id. A store that interned nothing has no table, and
// leaves the reference 0.
func (t translation) profile(ref int64) (int64, error) {
	if ref == 0 && len(t.keys) == 0 {
		return t.to.ref(attribute{}), nil
	}
	return t.ref(ref)
}

func (t translation) refs(refs []int64) ([]int64, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	translated := make([]int64, len(refs))
	for i, ref := range refs {
		var err error
		if translated[i], err = t.ref(ref); err != nil {
			return nil, err
		}
	}
	return translated, nil
}
