// Package reportmerge merges the reports of parts of a query's data into those of all
// of it, as query-backends merge what they read. It is pure.
package reportmerge

import (
	"fmt"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Options say what of the parts belongs to the answer.
type Options struct {
	// Start and End bound heat maps' points, FirstPoint and End time series', both
	// inclusive, in Unix milliseconds: parts may have been read beyond the query's range.
	Start, End, FirstPoint int64
	// Take is asked for memory before it is used.
	Take func(bytes int64) error
}

// Merged is what reports came to: a report of each type but for call trees, and the
// call tree, nil where there is none. It is not cut.
type Merged struct {
	Reports []*queryv1.Report
	Tree    *profile.Tree
}

// Can says that reports to a query can be merged here.
func Can(q *queryv1.Query) bool {
	switch q.GetQueryType() {
	case queryv1.QueryType_QUERY_TREE:
		// Nodes of other symbol modes refer to tables, each report to its own.
		return q.GetTree().GetSymbolMode() == queryv1.SymbolMode_SYMBOL_MODE_UNSPECIFIED && !q.GetTree().GetFullSymbols()
	case queryv1.QueryType_QUERY_TIME_SERIES, queryv1.QueryType_QUERY_HEATMAP,
		queryv1.QueryType_QUERY_LABEL_NAMES, queryv1.QueryType_QUERY_LABEL_VALUES, queryv1.QueryType_QUERY_SERIES_LABELS:
		return true
	}
	return false
}

// Merge merges reports, of which some may be of the same type. Their messages are not
// changed, but shared.
func Merge(reports []*queryv1.Report, o Options) (m Merged, err error) {
	byType := make(map[queryv1.ReportType][]*queryv1.Report)
	var types []queryv1.ReportType
	for _, r := range reports {
		if byType[r.GetReportType()] == nil {
			types = append(types, r.GetReportType())
		}
		byType[r.GetReportType()] = append(byType[r.GetReportType()], r)
	}
	for _, kind := range types {
		merged, parts := &queryv1.Report{ReportType: kind}, byType[kind]
		switch kind {
		case queryv1.ReportType_REPORT_TREE:
			if m.Tree, err = mergeTrees(parts, o.Take); err != nil {
				return Merged{}, err
			}
			continue
		case queryv1.ReportType_REPORT_TIME_SERIES:
			merged.TimeSeries, err = mergeSeries(parts, o)
		case queryv1.ReportType_REPORT_HEATMAP:
			merged.Heatmap, err = mergeHeatmaps(parts, o)
		case queryv1.ReportType_REPORT_LABEL_NAMES:
			merged.LabelNames, err = mergeLabelNames(parts, o.Take)
		case queryv1.ReportType_REPORT_LABEL_VALUES:
			merged.LabelValues, err = mergeLabelValues(parts, o.Take)
		case queryv1.ReportType_REPORT_SERIES_LABELS:
			merged.SeriesLabels, err = mergeSeriesLabels(parts, o.Take)
		default:
			err = fmt.Errorf("reports of type %s cannot be merged here", kind)
		}
		if err != nil {
			return Merged{}, err
		}
		m.Reports = append(m.Reports, merged)
	}
	return m, nil
}

// nodeBytes is what a node with a name of its own takes, as it is decoded and merged.
const nodeBytes = 240

// mergeTrees adds call trees up.
func mergeTrees(parts []*queryv1.Report, take func(int64) error) (*profile.Tree, error) {
	encoded := make([][]byte, len(parts))
	for i, part := range parts {
		encoded[i] = part.GetTree().GetTree()
		nodes, err := profile.CountNodes(encoded[i])
		if err != nil {
			return nil, err
		}
		if err := take(nodeBytes * int64(nodes)); err != nil {
			return nil, err
		}
	}
	return profile.MergeTrees(encoded...)
}
