package queryfrontend

import (
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// An Answer is what the cluster said to one Invoke and what it took.
type Answer struct {
	// Reports has one report a query, where there was data.
	Reports []*queryv1.Report
	// Plan is the plan that was executed. It is empty where no block matched, and
	// nil where it has more than ExplainedLeaves leaves or was chosen from more than
	// ExplainedDatasets: it takes memory with both. A query that asks for diagnostics
	// has it always.
	Plan *queryplan.Plan
	// Summary is the plan in numbers. It is added up once, since that looks at
	// every block.
	Summary queryplan.Summary
	// Unsymbolized says that the plan may read native code without symbols.
	Unsymbolized bool
	// Diagnostics are the query-backends' own account. They hold the bytes
	// fetched always, and the execution tree where it was asked for.
	Diagnostics *queryv1.Diagnostics
	Stats       Stats
	// tree is the call tree that names were given to here, in the place of that of
	// the reports; else it is nil.
	tree *profile.Tree
	// Missing is what could not be read, nil where the answer is whole. Only those who
	// ask for partial answers get one.
	Missing *Missing
	// Short says that query-backends fetched less than the blocks have that the plan
	// lists: some were not there.
	Short bool
	// Symbols is what names of native code took, nil where none were needed.
	Symbols *SymbolCost
}

// How large a plan may be to be kept for being shown to whoever did not ask for it:
// explaining costs as much as planning.
const (
	ExplainedLeaves   = 200
	ExplainedDatasets = 100_000
)

// Stats say how long each step of an answer took, and what it cost beside.
type Stats struct {
	// Queue is how long the query waited for others to end.
	Queue     time.Duration
	Metadata  time.Duration
	Planning  time.Duration
	Execution time.Duration
	// MetadataBytes is the size of the metastore's answer on the wire.
	MetadataBytes int
	// Abandoned counts the attempts at the cluster's services that reached a server
	// and whose answer nobody used. What the server read for them is not known.
	Abandoned map[transport.Abandoned]int
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
