package reportmerge

import (
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// textBytes is what an entry of a list takes: the texts themselves are shared.
const textBytes = 32

func mergeLabelNames(parts []*queryv1.Report, take func(int64) error) (*queryv1.LabelNamesReport, error) {
	texts, err := union(parts, take, func(r *queryv1.Report) []string { return r.GetLabelNames().GetLabelNames() })
	return &queryv1.LabelNamesReport{Query: parts[0].GetLabelNames().GetQuery(), LabelNames: texts}, err
}

func mergeLabelValues(parts []*queryv1.Report, take func(int64) error) (*queryv1.LabelValuesReport, error) {
	texts, err := union(parts, take, func(r *queryv1.Report) []string { return r.GetLabelValues().GetLabelValues() })
	return &queryv1.LabelValuesReport{Query: parts[0].GetLabelValues().GetQuery(), LabelValues: texts}, err
}

// union is what the parts list, each once, sorted.
func union(parts []*queryv1.Report, take func(int64) error, of func(*queryv1.Report) []string) ([]string, error) {
	var all []string
	for _, part := range parts {
		if err := take(textBytes * int64(len(of(part)))); err != nil {
			return nil, err
		}
		all = append(all, of(part)...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

func mergeSeriesLabels(parts []*queryv1.Report, take func(int64) error) (*queryv1.SeriesLabelsReport, error) {
	merged := &queryv1.SeriesLabelsReport{Query: parts[0].GetSeriesLabels().GetQuery()}
	for _, part := range parts {
		sets := part.GetSeriesLabels().GetSeriesLabels()
		if err := take(textBytes * int64(len(sets))); err != nil {
			return nil, err
		}
		merged.SeriesLabels = append(merged.SeriesLabels, sets...)
	}
	compare := func(a, b *typesv1.Labels) int { return profile.CompareLabels(a.GetLabels(), b.GetLabels()) }
	slices.SortFunc(merged.SeriesLabels, compare)
	merged.SeriesLabels = slices.CompactFunc(merged.SeriesLabels, func(a, b *typesv1.Labels) bool { return compare(a, b) == 0 })
	return merged, nil
}
