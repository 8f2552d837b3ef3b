package profile

import (
	"fmt"
	"maps"
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// AverageSeries makes time series of a heat map report of single profiles: each
// point is the mean of the profiles' values in its step. Steps are those of
// Heatmap. A reference that the attribute table does not have is an error.
func AverageSeries(report *queryv1.HeatmapReport, start, end, step int64) ([]*typesv1.Series, error) {
	if step < 1 {
		return nil, fmt.Errorf("average with step %d: it must be at least 1 ms", step)
	}
	table, err := newAttributes(report.GetAttributeTable())
	if err != nil {
		return nil, fmt.Errorf("average: %w", err)
	}
	grid := heatmapGrid{start: start, end: end, step: step}
	var all []*typesv1.Series
	for i, series := range report.GetHeatmapSeries() {
		labels, err := table.labels(series.GetAttributeRefs())
		if err != nil {
			return nil, fmt.Errorf("average of series %d: %w", i, err)
		}
		if points := grid.averages(series.GetPoints()); len(points) > 0 {
			all = append(all, &typesv1.Series{Labels: labels, Points: points})
		}
	}
	return all, nil
}

func (g *heatmapGrid) averages(points []*queryv1.HeatmapPoint) []*typesv1.Point {
	type slot struct{ sum, count float64 }
	slots := make(map[int64]slot)
	for _, p := range points {
		at := g.slot(p.GetTimestamp())
		slots[at] = slot{sum: slots[at].sum + float64(p.GetValue()), count: slots[at].count + 1}
	}
	averages := make([]*typesv1.Point, 0, len(slots))
	for _, at := range slices.Sorted(maps.Keys(slots)) {
		averages = append(averages, &typesv1.Point{Timestamp: at, Value: slots[at].sum / slots[at].count})
	}
	return averages
}
