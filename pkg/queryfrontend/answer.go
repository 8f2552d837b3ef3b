package queryfrontend

import (
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// An Answer is what the cluster said to one Invoke and what it took.
type Answer struct {
	// Reports has one report a query, where there was data.
	Reports []*queryv1.Report
	// Plan is the plan that was executed. It is empty where no block matched.
	Plan *queryplan.Plan
	// Summary is the plan in numbers. It is added up once, since that looks at
	// every block.
	Summary queryplan.Summary
	// Diagnostics are the query-backends' own account. They hold the bytes
	// fetched always, and the execution tree where it was asked for.
	Diagnostics *queryv1.Diagnostics
	Stats       Stats
	// Symbols is what names of native code took, nil where none were needed.
	Symbols *SymbolCost
}

// Stats say how long each step of an answer took.
type Stats struct {
	// Queue is how long the query waited for others to end.
	Queue     time.Duration
	Metadata  time.Duration
	Planning  time.Duration
	Execution time.Duration
	// MetadataBytes is the size of the metastore's answer on the wire.
	MetadataBytes int
}

// BytesFetched is what the query-backends read from object storage.
func (a *Answer) BytesFetched() uint64 {
	return a.Diagnostics.GetExecutionNode().GetStats().GetBytesFetched()
}

// report returns the report of a type, or nil where there was no data.
func (a *Answer) report(kind queryv1.ReportType) *queryv1.Report {
	if a == nil {
		return nil
	}
	for _, report := range a.Reports {
		if report.GetReportType() == kind {
			return report
		}
	}
	return nil
}
