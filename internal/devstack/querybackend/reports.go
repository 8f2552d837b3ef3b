package querybackend

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// reports collects the reports of a plan node's parts and merges those of one
// type. Parts are added in the plan's order, so that the same request always
// has the same answer.
type reports struct {
	merges []reportMerge // one a query of the request
}

// A reportMerge merges the answers to one query.
type reportMerge struct {
	preparedQuery
	alone  *queryv1.Report // the only report so far, not merged yet
	merger merger          // nil until there is something to merge
}

func newReports(r *request) *reports {
	m := &reports{}
	for _, q := range r.queries {
		m.merges = append(m.merges, reportMerge{preparedQuery: q})
	}
	return m
}

// add takes the reports of one part: a dataset or a peer.
func (r *reports) add(parts []*queryv1.Report) error {
	for _, part := range parts {
		m := r.find(part.GetReportType())
		if m == nil {
			return status.Errorf(codes.Internal, "query-backend: a report of type %s, which no query asked for", part.GetReportType())
		}
		if err := m.add(part); err != nil {
			return status.Errorf(codes.Internal, "query-backend: merge reports of type %s: %v", part.ReportType, err)
		}
	}
	return nil
}

func (r *reports) find(t queryv1.ReportType) *reportMerge {
	for i := range r.merges {
		if r.merges[i].kind.report == t {
			return &r.merges[i]
		}
	}
	return nil
}

func (m *reportMerge) add(part *queryv1.Report) error {
	if m.merger == nil {
		if m.alone == nil && m.kind.aloneAsIs {
			m.alone = part
			return nil
		}
		m.merger = m.query.merge()
		if m.alone != nil {
			if err := m.merger.add(m.alone); err != nil {
				return err
			}
			m.alone = nil
		}
	}
	return m.merger.add(part)
}

// merged is one report a query, in the order of the queries. A query that
// nothing was read for has none.
func (r *reports) merged() ([]*queryv1.Report, error) {
	var all []*queryv1.Report
	for _, m := range r.merges {
		report := m.alone
		if m.merger != nil {
			var err error
			if report, err = m.merger.report(); err != nil {
				return nil, status.Errorf(codes.Internal, "query-backend: merged report of type %s: %v", m.kind.report, err)
			}
		}
		if report != nil {
			report.ReportType = m.kind.report
			all = append(all, report)
		}
	}
	return all, nil
}
