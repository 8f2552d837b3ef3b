package queryfrontend

import (
	"context"
	"slices"
	"sync"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/memory"
)

// A part is one query of a checked request: what to read. Nothing changes it once it
// is asked.
type part struct {
	// class is whose query it is. Those of different classes do not wait for each
	// other's answers. The zero value is a dashboard's.
	class admission.Class
	selection
	timeRange
	// readStart is where reading begins: a step before the range where the first
	// point of a series is to be full.
	readStart int64
	query     *queryv1.Query
	// diagnostics asks for the execution tree.
	diagnostics bool
	// partial takes what there is where some blocks cannot be read.
	partial bool
	// oneOfMany leaves the plan out of the answer.
	oneOfMany bool
	// empty is set where the lookback limit left nothing to read.
	empty bool
}

// A question is a part, and what the request wants to have of it.
type question[T any] struct {
	part
	// shape makes that of the report, which is nil where there was no data.
	shape func(reading, *queryv1.Report) (T, error)
}

// A reading is what became of a part.
type reading struct {
	*part
	answer *Answer
	err    error
	// took is how long it was until the answer was there.
	took time.Duration
	// account has the memory of the answer, and take takes more from it while the
	// answer is shaped.
	account *memory.Account
	take    func(bytes int64) error
}

// ask reads parts with as few calls as are exact. Parts of one selection whose
// ranges overlap share the metadata: the metastore is asked once, for the range
// that covers them all. Parts that read the same range share one Invoke, which
// reads the blocks once; a query-backend applies one range to all queries of an
// Invoke and gives one report a type, so other parts get an Invoke of their own.
// Everything that does not depend on each other runs at the same time, and a part
// that fails leaves the others alone.
func (f *Frontend) ask(ctx context.Context, parts ...*part) map[*part]reading {
	began := time.Now()
	groups := groupBy(parts, canShareMetadata)
	readings := make([][]reading, len(groups))
	var running sync.WaitGroup
	for i, group := range groups {
		if group = slices.DeleteFunc(group, func(p *part) bool { return p.empty }); len(group) > 0 {
			running.Go(func() {
				readings[i] = f.askTogether(ctx, group)
				for j := range readings[i] {
					readings[i][j].took = time.Since(began)
				}
			})
		}
	}
	running.Wait()
	byPart := make(map[*part]reading, len(parts))
	for _, p := range parts {
		byPart[p] = reading{part: p}
	}
	for _, r := range slices.Concat(readings...) {
		byPart[r.part] = r
	}
	return byPart
}

// shaped is what a request wants of its reading, the zero value where that has an
// error.
func shaped[T any](ctx context.Context, q *question[T], readings map[*part]reading) (made T, r reading) {
	if r = readings[&q.part]; r.err != nil {
		return made, r
	}
	r.take = func(bytes int64) error { return memoryError(r.account.Take(ctx, bytes)) }
	r.err = contain(func() (err error) {
		report := r.answer.report(reportOf(r.query))
		if err := r.take(shapeBytes(report)); err != nil {
			return err
		}
		made, err = q.shape(r, report)
		return err
	})
	return made, r
}

// answerTo asks one question.
func answerTo[T any](ctx context.Context, f *Frontend, q question[T]) (T, error) {
	made, r := shaped(ctx, &q, f.ask(ctx, &q.part))
	return made, r.err
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

// canShareMetadata holds for parts of one class and selection whose ranges overlap, or follow
// one another. Ranges apart, as in a comparison with last week, would make the metastore list all
// that lies between.
func canShareMetadata(group []*part, p *part) bool {
	return group[0].class == p.class &&
		group[0].partial == p.partial &&
		slices.Equal(group[0].tenants, p.tenants) &&
		group[0].selector() == p.selector() &&
		slices.ContainsFunc(group, func(other *part) bool { return other.readStart-1 <= p.end && p.readStart-1 <= other.end })
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
