package queryfrontend

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/reportmerge"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

const (
	// sliceNodes is how many times the nodes that a query wants its slices are asked for.
	// Each is cut by itself, and so is each leaf of a plan: what is large in all of them
	// together may be small in each.
	sliceNodes = 4
	// slicedReads is how large a plan may be to be cut: naming its reads takes time and
	// memory.
	slicedReads = 20_000
	// readNameBytes is what the name of a read takes, with its places in maps.
	readNameBytes = 256
)

// WithSlices keeps answers over blocks that many queries read. Without it, all blocks are
// read each time.
func WithSlices(c *slicecache.Cache) Option {
	return func(f *Frontend) { f.slices = c }
}

// A slicing is a plan that is executed in parts, which are merged here.
type slicing struct {
	plan  *queryplan.Plan // as a whole
	look  *slicecache.Look
	merge reportmerge.Options
	// queries are as parts are asked, and step is that of time series.
	queries []*queryv1.Query
	step    int64
	reused  []*slicecache.Slice
	// parts are those of the plan: first what is reused, in the same order.
	parts []queryplan.AnsweredPart
	// requests and fresh are those of the parts that are read. A fresh one is kept; it is
	// nil for the rest.
	requests []*queryv1.InvokeRequest
	least    []leastFetched
	fresh    []*slicecache.Slice
	// portions are those of a plan that is read in portions, one a request. Of a cluster
	// whose pace is not known, the first shows whether that pays.
	portions  []queryplan.Portion
	trial     bool
	headStart time.Duration
	// growing is what there is so far, for whoever looks; it is nil where nobody does.
	growing *growing
	// diagnostics says that somebody wants to know how the parts are executed.
	diagnostics bool
}

// slice decides which parts of a plan are not read, since answers are there from before,
// and which are read for themselves: to be kept, or to be seen before the others. It
// returns nil where the plan is executed as a whole: when nothing is known of the query
// yet, or nothing would be won.
func (f *Frontend) slice(ctx context.Context, parts []*part, q queryplan.Query, plan *queryplan.Plan) *slicing {
	watched := growthFrom(ctx) != nil && len(parts) > 0 && !parts[0].oneOfMany
	if f.slices == nil && !watched || len(parts) == 0 || plan.Empty() || plan.Summary().Reads > slicedReads || !slices.ContainsFunc(q.Queries, reportmerge.Can) ||
		slices.ContainsFunc(q.Queries, func(q *queryv1.Query) bool { return !reportmerge.Can(q) }) {
		return nil
	}
	s := &slicing{plan: plan, queries: sliceQueries(q.Queries), step: stepOf(parts), diagnostics: q.Diagnostics, merge: reportmerge.Options{Start: q.Start, End: q.End, FirstPoint: q.Start + stepOf(parts)}}
	var known queryplan.SliceOptions
	if f.slices != nil {
		s.look = f.slices.Look(sliceKey(parts, q), q.Start, q.End)
		known = s.look.Options
		known.Uncut = !slices.ContainsFunc(parts, func(p *part) bool { return !p.cutsAnswers() })
	}
	again := s.look != nil && s.look.Again
	if !again && (!watched || !f.isSlow(plan.Summary().Bytes)) {
		return nil
	}
	if memory.From(ctx).Take(ctx, readNameBytes*int64(plan.Summary().Reads)) != nil {
		return nil // the plan as a whole takes less
	}
	reads := plan.Reads()
	var rest []int
	var fresh [][]int
	if again {
		rest, fresh = s.reuse(reads, known)
	} else {
		for i := range reads {
			rest = append(rest, i)
		}
	}
	left := slices.Concat(append(fresh, rest)...)
	if watched && f.isSlow(bytesOf(reads, left)) {
		if portions := s.cut(reads, left, known); len(portions) > 1 {
			s.readInPortions(f, reads, portions)
			return s
		}
	}
	if len(s.reused) == 0 && len(fresh) == 0 {
		return nil
	}
	for _, of := range fresh {
		s.read(s.part(of), freshSlice(of, reads))
	}
	if len(rest) > 0 {
		slices.Sort(rest)
		s.read(s.part(rest), nil)
	}
	s.look.Made(len(fresh))
	return s
}

// reuse takes what is known of the reads, and says what is read anew: what is to be kept,
// each for itself, and the rest.
func (s *slicing) reuse(reads []queryplan.Read, o queryplan.SliceOptions) (rest []int, fresh [][]int) {
	cut := s.plan.Slice(reads, s.look.Known, o)
	for _, dead := range cut.Dead {
		s.look.Drop(dead)
	}
	at := make(map[queryplan.ReadID]int, len(reads))
	for i := range reads {
		at[reads[i].ID] = i
	}
	rest = cut.Rest
	for _, i := range cut.Reused {
		var of []int
		for _, id := range s.look.Known[i].Reads {
			of = append(of, at[id])
		}
		kept := s.look.Reuse(i)
		if kept == nil {
			rest = append(rest, of...)
			continue
		}
		s.reused = append(s.reused, kept)
		s.parts = append(s.parts, queryplan.AnsweredPart{Plan: s.part(of), Reused: true, Bytes: kept.Bytes})
	}
	return rest, cut.Fresh
}

// part is a plan of some reads.
func (s *slicing) part(reads []int) *queryplan.Plan {
	return s.plan.Part(reads, s.merge.Start, s.merge.End, s.queries)
}

// read adds a part that is read. One that is kept is read beyond the query's range, for
// its answer to be whole: time series have no point for the step that the range ends in.
func (s *slicing) read(plan *queryplan.Plan, fresh *slicecache.Slice) {
	request := plan.Request()
	switch {
	case fresh == nil:
	case s.step > 0:
		request.StartTime, request.EndTime = wholeSteps(request.StartTime, s.step, fresh.MinTime, fresh.MaxTime)
	default:
		request.StartTime = min(request.StartTime, fresh.MinTime)
	}
	least := leastOf(plan)
	least.ask(request)
	s.parts = append(s.parts, queryplan.AnsweredPart{Plan: plan})
	s.requests, s.least = append(s.requests, request), append(s.least, least)
	s.fresh = append(s.fresh, fresh)
}

// wholeSteps is a range of whole steps, on the grid that a time is on, which begins before
// and ends after two others. A query-backend counts what lies on the border before the
// first step to that step: nothing is there then.
func wholeSteps(grid, step, first, last int64) (start, end int64) {
	phase := grid % step
	start = (first-phase)/step*step + phase
	if start >= first {
		start -= step
	}
	end = (last-phase)/step*step + phase + step
	return start, end
}

// cutsAnswers tells whether what lies before the range can be cut off the part's answer.
// That holds for points, where each stands for a profile, or the grid does not depend on
// the range.
func (p *part) cutsAnswers() bool {
	switch p.query.GetQueryType() {
	case queryv1.QueryType_QUERY_HEATMAP:
		return true
	case queryv1.QueryType_QUERY_TIME_SERIES:
		return p.onGrid
	}
	return false
}

// stepOf is the step of time series, 0 where there are none.
func stepOf(parts []*part) int64 {
	for _, p := range parts {
		if p.query.GetQueryType() == queryv1.QueryType_QUERY_TIME_SERIES {
			return p.step
		}
	}
	return 0
}

// sliceKey holds all that the answer over a dataset depends on. What a data source's
// settings decide (credentials, headers, limits) is the same for all keys of its cache.
func sliceKey(parts []*part, q queryplan.Query) slicecache.Key {
	var key []byte
	add := func(piece []byte) { key = append(binary.AppendUvarint(key, uint64(len(piece))), piece...) }
	key = binary.AppendUvarint(key, uint64(len(q.Tenants)))
	for _, tenant := range q.Tenants {
		add([]byte(tenant))
	}
	add([]byte(parts[0].selector()))
	if step := stepOf(parts); step > 0 {
		key = binary.AppendVarint(key, q.Start%step) // where points stand
	}
	for _, query := range q.Queries {
		// Strings that are no UTF-8 were refused before: nothing else fails.
		encoded, _ := proto.MarshalOptions{Deterministic: true}.Marshal(query)
		add(encoded)
	}
	return sha256.Sum256(key)
}

// sliceQueries are the queries as slices answer them.
func sliceQueries(queries []*queryv1.Query) []*queryv1.Query {
	asked := slices.Clone(queries)
	for i, q := range asked {
		if nodes := q.GetTree().GetMaxNodes(); nodes > 0 {
			asked[i] = q.CloneVT() // the plan's own, and the caller's
			asked[i].Tree.MaxNodes = sliceNodes * nodes
		}
	}
	return asked
}

// freshSlice is a slice that is not read yet.
func freshSlice(of []int, reads []queryplan.Read) *slicecache.Slice {
	s := &slicecache.Slice{MinTime: reads[of[0]].MinTime, MaxTime: reads[of[0]].MaxTime}
	for _, i := range of {
		s.Reads = append(s.Reads, reads[i].ID)
		s.MinTime, s.MaxTime = min(s.MinTime, reads[i].MinTime), max(s.MaxTime, reads[i].MaxTime)
	}
	return s
}
