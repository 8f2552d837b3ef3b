package queryfrontend

import (
	"fmt"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// checkReports refuses an answer that does not fit its questions: there is at most
// one report for each type asked for, none of another type, and none that is empty.
// No report is no data.
func checkReports(queries []*queryv1.Query, reports []*queryv1.Report) error {
	asked := make(map[queryv1.ReportType]bool, len(queries))
	for _, query := range queries {
		asked[reportOf(query)] = true
	}
	seen := make(map[queryv1.ReportType]bool, len(queries))
	for _, report := range reports {
		kind := report.GetReportType()
		switch {
		case !asked[kind]:
			return malformed("query-backend", fmt.Errorf("a report of type %s, which was not asked for", kind))
		case seen[kind]:
			return malformed("query-backend", fmt.Errorf("a second report of type %s", kind))
		case !hasContent(report):
			return malformed("query-backend", fmt.Errorf("a report of type %s with nothing in it", kind))
		}
		seen[kind] = true
	}
	return nil
}

// hasContent tells whether a report has the field that belongs to its type.
func hasContent(report *queryv1.Report) bool {
	switch report.GetReportType() {
	case queryv1.ReportType_REPORT_LABEL_NAMES:
		return report.LabelNames != nil
	case queryv1.ReportType_REPORT_LABEL_VALUES:
		return report.LabelValues != nil
	case queryv1.ReportType_REPORT_SERIES_LABELS:
		return report.SeriesLabels != nil
	case queryv1.ReportType_REPORT_TIME_SERIES:
		return report.TimeSeries != nil
	case queryv1.ReportType_REPORT_TIME_SERIES_COMPACT:
		return report.TimeSeriesCompact != nil
	case queryv1.ReportType_REPORT_TREE:
		return report.Tree != nil
	case queryv1.ReportType_REPORT_PPROF:
		return report.Pprof != nil
	case queryv1.ReportType_REPORT_HEATMAP:
		return report.Heatmap != nil
	}
	return false
}
