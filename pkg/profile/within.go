package profile

import (
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// SeriesWithin leaves the points of series from first to last, both inclusive. A
// series without any is left out. The series themselves are not changed.
func SeriesWithin(series []*typesv1.Series, first, last int64) []*typesv1.Series {
	outside := func(p *typesv1.Point) bool { return p.GetTimestamp() < first || p.GetTimestamp() > last }
	var kept []*typesv1.Series
	for _, s := range series {
		if slices.ContainsFunc(s.GetPoints(), outside) {
			s = &typesv1.Series{Labels: s.GetLabels(), Points: slices.DeleteFunc(slices.Clone(s.GetPoints()), outside)}
		}
		if len(s.GetPoints()) > 0 {
			kept = append(kept, s)
		}
	}
	return kept
}

// HeatmapAfter leaves the points of a heat map report that are later than a time.
// The report itself is not changed.
func HeatmapAfter(report *queryv1.HeatmapReport, time int64) *queryv1.HeatmapReport {
	early := func(p *queryv1.HeatmapPoint) bool { return p.GetTimestamp() <= time }
	isEarly := func(s *queryv1.HeatmapSeries) bool { return slices.ContainsFunc(s.GetPoints(), early) }
	if !slices.ContainsFunc(report.GetHeatmapSeries(), isEarly) {
		return report
	}
	kept := &queryv1.HeatmapReport{Query: report.GetQuery(), AttributeTable: report.GetAttributeTable()}
	for _, s := range report.GetHeatmapSeries() {
		if isEarly(s) {
			s = &queryv1.HeatmapSeries{AttributeRefs: s.GetAttributeRefs(), Points: slices.DeleteFunc(slices.Clone(s.GetPoints()), early)}
		}
		kept.HeatmapSeries = append(kept.HeatmapSeries, s)
	}
	return kept
}
