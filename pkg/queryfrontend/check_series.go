package queryfrontend

import (
	"fmt"
	"math"
	"slices"
	"strings"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// checkPoints refuses time series that no panel could show for what they are: two
// of the same labels, and points that are outside the range, out of order, twice
// at the same time, or no number.
func (p *part) checkPoints(all []*typesv1.Series) error {
	if err := checkDistinct(all); err != nil {
		return err
	}
	first := p.readStart + p.step // where the first step that was read ends
	for _, series := range all {
		last := int64(math.MinInt64)
		for i, point := range series.GetPoints() {
			at := point.GetTimestamp()
			switch {
			case at < first || at > p.end:
				return fmt.Errorf("time series %s: point %d is at %s, outside the range", seriesName(series), i, formatTime(at))
			case at <= last:
				return fmt.Errorf("time series %s: point %d, at %s, is not after the one before it", seriesName(series), i, formatTime(at))
			case math.IsNaN(point.GetValue()) || math.IsInf(point.GetValue(), 0):
				return fmt.Errorf("time series %s: point %d has the value %v", seriesName(series), i, point.GetValue())
			}
			last = at
		}
	}
	return nil
}

// checkHeatmap refuses a heat map report with points outside of what was read.
func (p *part) checkHeatmap(report *queryv1.HeatmapReport) error {
	for i, series := range report.GetHeatmapSeries() {
		for j, point := range series.GetPoints() {
			if at := point.GetTimestamp(); at < p.readStart || at > p.end {
				return fmt.Errorf("heat map series %d: point %d is at %s, outside the range", i, j, formatTime(at))
			}
		}
	}
	return nil
}

type labelled interface{ GetLabels() []*typesv1.LabelPair }

// checkDistinct refuses two series of the same labels, in whatever order they are.
func checkDistinct[S labelled](all []S) error {
	seen := make(map[string]bool, len(all))
	for _, series := range all {
		sorted := slices.Clone(series.GetLabels())
		slices.SortFunc(sorted, func(a, b *typesv1.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
		var key strings.Builder
		for _, pair := range sorted {
			fmt.Fprintf(&key, "%d:%s%d:%s", len(pair.GetName()), pair.GetName(), len(pair.GetValue()), pair.GetValue())
		}
		if seen[key.String()] {
			return fmt.Errorf("two series of the same labels, %s", seriesName(series))
		}
		seen[key.String()] = true
	}
	return nil
}

func seriesName(series labelled) string {
	var pairs []string
	for _, pair := range series.GetLabels() {
		pairs = append(pairs, fmt.Sprintf("%s=%q", pair.GetName(), pair.GetValue()))
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

// checkedSeries reads the report that answers a timeSeriesQuery, and checks it.
func (p *part) checkedSeries(report *queryv1.Report) ([]*typesv1.Series, error) {
	if err := p.checkHeatmap(report.GetHeatmap()); err != nil {
		return nil, err
	}
	all, err := p.series(report)
	if err != nil {
		return nil, err
	}
	return all, p.checkPoints(all)
}

// checkedHeatmap does the same for a heat map.
func (p *part) checkedHeatmap(report *queryv1.HeatmapReport, exemplars bool) ([]*typesv1.HeatmapSeries, error) {
	if err := p.checkHeatmap(report); err != nil {
		return nil, err
	}
	all, err := profile.Heatmap(report, p.start, p.end, p.step, exemplars)
	if err != nil {
		return nil, err
	}
	return all, checkDistinct(all)
}
