package reportmerge

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// What a merged series and a point of it take, with their places in the maps.
const (
	seriesBytes = 320
	pointBytes  = 128
)

// mergeSeries adds time series of the same labels up, point by point. Points have to be
// on the same steps in all parts.
func mergeSeries(parts []*queryv1.Report, o Options) (*queryv1.TimeSeriesReport, error) {
	merged := &queryv1.TimeSeriesReport{Query: parts[0].GetTimeSeries().GetQuery()}
	type sums struct {
		labels []*typesv1.LabelPair
		points map[int64]*typesv1.Point
	}
	all := make(map[string]*sums)
	for _, part := range parts {
		for _, series := range part.GetTimeSeries().GetTimeSeries() {
			if err := o.Take(seriesBytes + pointBytes*int64(len(series.GetPoints()))); err != nil {
				return nil, err
			}
			key := labelsKey(series.GetLabels())
			s := all[key]
			if s == nil {
				s = &sums{labels: series.GetLabels(), points: make(map[int64]*typesv1.Point)}
				all[key] = s
			}
			for _, p := range series.GetPoints() {
				at := p.GetTimestamp()
				if at < o.FirstPoint || at > o.End {
					continue
				}
				sum := s.points[at]
				if sum == nil {
					s.points[at] = &typesv1.Point{Timestamp: at, Value: p.GetValue(), Annotations: p.GetAnnotations(), Exemplars: p.GetExemplars()}
					continue
				}
				sum.Value += p.GetValue()
				sum.Annotations = joinAnnotations(sum.Annotations, p.GetAnnotations())
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if s := all[key]; len(s.points) > 0 {
			points := slices.SortedFunc(maps.Values(s.points), func(a, b *typesv1.Point) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
			merged.TimeSeries = append(merged.TimeSeries, &typesv1.Series{Labels: s.labels, Points: points})
		}
	}
	slices.SortStableFunc(merged.TimeSeries, func(a, b *typesv1.Series) int { return profile.CompareLabels(a.Labels, b.Labels) })
	return merged, nil
}

// joinAnnotations are those of both, each once, sorted, as query-backends have those of
// points that they add up.
func joinAnnotations(a, b []*typesv1.ProfileAnnotation) []*typesv1.ProfileAnnotation {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	compare := func(a, b *typesv1.ProfileAnnotation) int {
		return cmp.Or(cmp.Compare(a.GetKey(), b.GetKey()), cmp.Compare(a.GetValue(), b.GetValue()))
	}
	joined := slices.Concat(a, b)
	slices.SortFunc(joined, compare)
	return slices.CompactFunc(joined, func(a, b *typesv1.ProfileAnnotation) bool { return compare(a, b) == 0 })
}

// labelsKey is the same for the same labels in the same order.
func labelsKey(labels []*typesv1.LabelPair) string {
	var key []byte
	for _, pair := range labels {
		for _, text := range [2]string{pair.GetName(), pair.GetValue()} {
			key = append(binary.AppendUvarint(key, uint64(len(text))), text...)
		}
	}
	return string(key)
}
