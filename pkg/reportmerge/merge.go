// Package reportmerge merges the reports of parts of a query's data into those of all
// of it, as query-backends merge what they read. It is pure.
package reportmerge

import (
	"fmt"
	"slices"

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
// call tree, which is not cut.
type Merged struct {
	Reports []*queryv1.Report
	// Tree is the call tree where all that was merged has names, Refs where some of it has
	// references. Both are nil where there is none.
	Tree *profile.Tree
	Refs *profile.RefTree
}

// Can says that reports to a query can be merged here.
func Can(q *queryv1.Query) bool {
	switch q.GetQueryType() {
	case queryv1.QueryType_QUERY_TREE:
		// Reports to it may have references all the same, but not those of full symbols.
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
			if err = m.mergeTrees(parts, o.Take); err != nil {
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
func (m *Merged) mergeTrees(parts []*queryv1.Report, take func(int64) error) (err error) {
	refers := func(part *queryv1.Report) bool { return part.GetTree().GetSymbolRefs() != nil }
	if slices.ContainsFunc(parts, refers) {
		m.Refs, err = mergeRefTrees(parts, take)
		return err
	}
	encoded := make([][]byte, len(parts))
	for i, part := range parts {
		encoded[i] = part.GetTree().GetTree()
		nodes, err := profile.CountNodes(encoded[i])
		if err != nil {
			return err
		}
		if err := take(nodeBytes * int64(nodes)); err != nil {
			return err
		}
	}
	m.Tree, err = profile.MergeTrees(encoded...)
	return err
}

// mergeRefTrees adds call trees up, of which some have references.
func mergeRefTrees(parts []*queryv1.Report, take func(int64) error) (*profile.RefTree, error) {
	trees := make([]profile.WireTree, len(parts))
	for i, part := range parts {
		trees[i] = profile.WireTree{Tree: part.GetTree().GetTree(), Refs: part.GetTree().GetSymbolRefs()}
		bytes, err := trees[i].DecodedBytes()
		if err != nil {
			return nil, err
		}
		if err := take(bytes); err != nil {
			return nil, err
		}
	}
	return profile.UnmarshalRefTree(trees...)
}
