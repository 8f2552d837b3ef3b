package queryfrontend

import (
	"context"
	"slices"
	"sync"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/memory"
)

// A part is one query of a checked request: what to read, and how to shape what
// comes back. Its result is in answer and err after ask.
type part struct {
	selection
	timeRange
	// readStart is where reading begins: a step before the range where the first
	// point of a series is to be full.
	readStart int64
	query     *queryv1.Query
	// diagnostics asks for the execution tree.
	diagnostics bool
	// empty is set where the lookback limit left nothing to read.
	empty bool
	// shape reads the report into the request's own answer. It is called with nil
	// where there was no data.
	shape func(*queryv1.Report) error

	answer *Answer
	// took is how long it was until the answer was there.
	took time.Duration
	// account has the memory of the answer, and take takes more from it while the
	// answer is shaped.
	account *memory.Account
	take    func(bytes int64) error
	err     error
}

// ask answers parts with as few calls as are exact. Parts of one selection whose
// ranges overlap share the metadata: the metastore is asked once, for the range
// that covers them all. Parts that read the same range share one Invoke, which
// reads the blocks once; a query-backend applies one range to all queries of an
// Invoke and gives one report a type, so other parts get an Invoke of their own.
// Everything that does not depend on each other runs at the same time, and a part
// that fails leaves the others alone.
func (f *Frontend) ask(ctx context.Context, parts ...*part) {
	began := time.Now()
	var running sync.WaitGroup
	for _, parts := range groupBy(parts, canShareMetadata) {
		parts = slices.DeleteFunc(parts, func(p *part) bool { return p.empty })
		if len(parts) > 0 {
			running.Go(func() {
				err := contain(func() error {
					f.askTogether(ctx, parts)
					return nil
				})
				for _, p := range parts {
					p.took = time.Since(began)
					if err != nil {
						p.err = err
					}
				}
			})
		}
	}
	running.Wait()
	for _, p := range parts {
		if p.err == nil {
			p.take = func(bytes int64) error { return memoryError(p.account.Take(ctx, bytes)) }
			p.err = contain(func() error {
				report := p.answer.report(reportOf(p.query))
				if err := p.take(shapeBytes(report)); err != nil {
					return err
				}
				return p.shape(report)
			})
		}
	}
}

// askOne answers one part.
func (f *Frontend) askOne(ctx context.Context, p *part) error {
	f.ask(ctx, p)
	return p.err
}

// groupBy puts each part into the first group that it belongs to as a whole.
func groupBy(parts []*part, together func(group []*part, p *part) bool) [][]*part {
	var groups [][]*part
next:
	for _, p := range parts {
		for i, group := range groups {
			if together(group, p) {
				groups[i] = append(group, p)
				continue next
			}
		}
		groups = append(groups, []*part{p})
	}
	return groups
}

// canShareMetadata holds for parts of one selection whose ranges overlap. Ranges
// apart, as in a comparison with last week, would make the metastore list all
// that lies between.
func canShareMetadata(group []*part, p *part) bool {
	return slices.Equal(group[0].tenants, p.tenants) &&
		group[0].selector() == p.selector() &&
		slices.ContainsFunc(group, func(other *part) bool { return other.readStart <= p.end && p.readStart <= other.end })
}

// canShareInvoke holds for parts of one range whose reports can be told apart, or
// that want the same report. Those of a group that want a report of one type all
// want the same: the first speaks for them.
func canShareInvoke(group []*part, p *part) bool {
	if group[0].readStart != p.readStart || group[0].end != p.end {
		return false
	}
	same := slices.IndexFunc(group, func(other *part) bool { return other.query.GetQueryType() == p.query.GetQueryType() })
	return same < 0 || group[same].query.EqualVT(p.query)
}

// reportOf tells which report answers a query: the two enums of query.proto name
// the same things with the same numbers.
func reportOf(query *queryv1.Query) queryv1.ReportType {
	return queryv1.ReportType(query.GetQueryType())
}
