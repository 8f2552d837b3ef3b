package profile

import (
	"cmp"
	"fmt"
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// ExpandSeries resolves the attribute references of a compact time series
// report. A reference that the table does not have is an error.
func ExpandSeries(report *queryv1.TimeSeriesCompactReport) ([]*typesv1.Series, error) {
	table, err := newAttributes(report.GetAttributeTable())
	if err != nil {
		return nil, fmt.Errorf("compact time series: %w", err)
	}
	var all []*typesv1.Series
	for i, compact := range report.GetTimeSeries() {
		series, err := table.series(compact)
		if err != nil {
			return nil, fmt.Errorf("compact time series %d: %w", i, err)
		}
		all = append(all, series)
	}
	return all, nil
}

func (a attributes) series(compact *queryv1.Series) (*typesv1.Series, error) {
	labels, err := a.labels(compact.GetAttributeRefs())
	if err != nil {
		return nil, err
	}
	series := &typesv1.Series{Labels: labels, Points: make([]*typesv1.Point, len(compact.GetPoints()))}
	for i, p := range compact.GetPoints() {
		point := &typesv1.Point{Value: p.GetValue(), Timestamp: p.GetTimestamp()}
		if point.Annotations, err = a.annotations(p.GetAnnotationRefs()); err != nil {
			return nil, fmt.Errorf("point %d: %w", i, err)
		}
		for _, e := range p.GetExemplars() {
			exemplar, err := a.exemplar(&typesv1.Exemplar{
				Timestamp: e.GetTimestamp(),
				ProfileId: e.GetProfileId(),
				SpanId:    e.GetSpanId(),
				Value:     e.GetValue(),
			}, e.GetAttributeRefs())
			if err != nil {
				return nil, fmt.Errorf("point %d: %w", i, err)
			}
			if exemplar != nil {
				point.Exemplars = append(point.Exemplars, exemplar)
			}
		}
		series.Points[i] = point
	}
	return series, nil
}

// TopSeries are the series by falling sum of their points' values, then by
// labels. A limit above 0 is how many are kept.
func TopSeries(series []*typesv1.Series, limit int64) []*typesv1.Series {
	sorted := sortBySum(series, func(s *typesv1.Series) (sum float64) {
		for _, p := range s.GetPoints() {
			sum += p.GetValue()
		}
		return sum
	})
	if limit > 0 && int64(len(sorted)) > limit {
		sorted = sorted[:limit]
	}
	return sorted
}

type labelled interface{ GetLabels() []*typesv1.LabelPair }

// sortBySum is a copy of the series by falling sum, then by labels.
func sortBySum[S labelled, N cmp.Ordered](series []S, sum func(S) N) []S {
	type summed struct {
		series S
		sum    N
	}
	all := make([]summed, len(series))
	for i, s := range series {
		all[i] = summed{s, sum(s)}
	}
	slices.SortStableFunc(all, func(a, b summed) int {
		return cmp.Or(cmp.Compare(b.sum, a.sum), CompareLabels(a.series.GetLabels(), b.series.GetLabels()))
	})
	sorted := make([]S, len(all))
	for i, s := range all {
		sorted[i] = s.series
	}
	return sorted
}

// CompareLabels orders label sets pair by pair, by name and then by value; of
// two that start alike the shorter comes first.
func CompareLabels(a, b []*typesv1.LabelPair) int {
	return slices.CompareFunc(a, b, func(x, y *typesv1.LabelPair) int {
		return cmp.Or(cmp.Compare(x.GetName(), y.GetName()), cmp.Compare(x.GetValue(), y.GetValue()))
	})
}
