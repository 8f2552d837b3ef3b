package queryfrontend

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"golang.org/x/sync/errgroup"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/symbols"
)

// planQuery tells the planner what parts of one selection read: their queries,
// over the range that covers them all.
func (f *Frontend) planQuery(parts ...*part) queryplan.Query {
	q := queryplan.Query{
		Tenants:  parts[0].tenants,
		Matchers: parts[0].matchers,
		Start:    parts[0].readStart,
		End:      parts[0].end,
		Seed:     rand.Uint64(),
	}
	for _, p := range parts {
		q.Start, q.End = min(q.Start, p.readStart), max(q.End, p.end)
		if !slices.ContainsFunc(q.Queries, p.query.EqualVT) {
			q.Queries = append(q.Queries, p.query)
		}
		q.Diagnostics = q.Diagnostics || p.diagnostics
	}
	return q
}

// discover sends the metadata requests that the planner wants, at the same time.
func (f *Frontend) discover(ctx context.Context, q queryplan.Query, stats Stats) ([]queryplan.Metadata, Stats, error) {
	admission.Doing(ctx, "metastore")
	ctx, span := startSpan(ctx, "metadata", q)
	defer span.End()
	tally := new(transport.Tally)
	ctx = transport.WithTally(ctx, tally)
	began := time.Now()
	requests := queryplan.Discovery(q)
	answers := make([]queryplan.Metadata, len(requests))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, request := range requests {
		group.Go(func() error {
			return contain(func() (err error) {
				answers[i].Request = request
				answers[i].Response, err = f.metastore.QueryMetadata(groupCtx, request)
				return clusterError("metastore", err)
			})
		})
	}
	err := group.Wait()
	endSpan(span, err, attribute.Int("pyrofront.metadata_requests", len(requests)))
	stats.Metadata, stats.Abandoned = time.Since(began), tally.Counts()
	for _, answer := range answers {
		stats.MetadataBytes += len(answer.Response)
	}
	return answers, stats, err
}

// A planned is a plan and the request that executes it, which is nil where there is
// nothing to read.
type planned struct {
	answer  *Answer
	request *queryv1.InvokeRequest
	// slicing is nil where the plan is executed as a whole.
	slicing *slicing
	// step is nil where the plan is not that of a step whose answer is kept.
	step *keptStep
	// least is what has to be fetched where the plan is executed as a whole.
	least leastFetched
	// partial says that the caller takes what there is where some blocks cannot be read.
	partial bool
	// oneOfMany says that the caller has others, where nothing can be read of this one.
	oneOfMany bool
}

// plan plans over the metadata and writes the request. Of the metadata, nothing is
// needed afterwards.
func (f *Frontend) plan(ctx context.Context, parts []*part, q queryplan.Query, metadata []queryplan.Metadata, stats Stats) (planned, error) {
	p, _, err := f.planWithout(ctx, parts, q, metadata, stats, nil)
	return p, err
}

// planWithout is the same without some blocks. With no parts, it is a plan as a whole.
func (f *Frontend) planWithout(ctx context.Context, parts []*part, q queryplan.Query, metadata []queryplan.Metadata, stats Stats, skip func(block string) bool) (p planned, plan *queryplan.Plan, err error) {
	admission.Doing(ctx, "planning")
	_, span := startSpan(ctx, "plan", q)
	defer span.End()
	defer func() { endSpan(span, err) }()
	began := time.Now()
	if plan, err = buildPlan(ctx, q, metadata, skip); err != nil {
		return p, nil, err
	}
	p = planned{answer: &Answer{Plan: plan, Summary: plan.Summary(), Unsymbolized: plan.Unsymbolized(), Stats: stats}}
	f.planParts(ctx, &p, parts, q, plan)
	p.answer.Stats.Planning = time.Since(began)
	if large := p.answer.Summary.Leaves > ExplainedLeaves || p.answer.Summary.Listed > ExplainedDatasets; large && !q.Diagnostics {
		p.answer.Plan = nil
	}
	span.SetAttributes(
		attribute.Int("pyrofront.blocks", p.answer.Summary.Blocks),
		attribute.Int("pyrofront.datasets", p.answer.Summary.Datasets),
		attribute.Int("pyrofront.leaves", p.answer.Summary.Leaves),
		attribute.Int64("pyrofront.estimated_bytes", int64(p.answer.Summary.Bytes)),
	)
	return p, plan, nil
}

// planParts decides what of a plan is not read, since answers are there from before, and
// writes the request for a plan that is executed as a whole.
func (f *Frontend) planParts(ctx context.Context, p *planned, parts []*part, q queryplan.Query, plan *queryplan.Plan) {
	if p.step = f.keptStep(ctx, parts, q, plan); p.step == nil {
		p.slicing = f.slice(ctx, parts, q, plan)
	}
	switch {
	case p.step != nil && p.step.answer != nil:
		p.answer.Summary = p.step.reused(plan)
	case p.slicing != nil:
		p.answer.Summary = plan.SummarizeParts(p.slicing.parts)
	default:
		p.whole(plan)
	}
}

// whole has a plan executed as one request, if there is anything in it.
func (p *planned) whole(plan *queryplan.Plan) {
	if !plan.Empty() {
		p.request, p.least = plan.Request(), leastOf(plan)
		p.least.ask(p.request)
	}
}

// buildPlan makes a plan as long as somebody waits for it.
func buildPlan(ctx context.Context, q queryplan.Query, metadata []queryplan.Metadata, skip func(block string) bool) (*queryplan.Plan, error) {
	if err := memory.From(ctx).Take(ctx, planBytes(metadata)); err != nil {
		return nil, memoryError(err)
	}
	plan, err := queryplan.Build(q, metadata, queryplan.Options{Interrupted: ctx.Err, Skip: skip})
	switch {
	case err == nil:
		return plan, nil
	case ctx.Err() != nil:
		return nil, Interrupted("planning", ctx.Err())
	}
	return nil, malformed("metastore", err)
}

// execute sends a plan to a query-backend. An empty plan is not sent.
func (f *Frontend) execute(ctx context.Context, q queryplan.Query, p planned) (*Answer, error) {
	if p.step != nil && p.step.answer != nil {
		return p.answer, f.fillStep(ctx, p.step, p.answer, q.Queries)
	}
	if p.request == nil && p.slicing == nil {
		return p.answer, nil
	}
	admission.Doing(ctx, "query-backend")
	ctx, span := startSpan(ctx, "execute", q)
	defer span.End()
	began := time.Now()
	tally := new(transport.Tally)
	err := f.executePlan(transport.WithTally(ctx, tally), q, &p)
	answer := p.answer
	answer.Stats.Execution = time.Since(began)
	if answer.Symbols != nil {
		answer.Stats.Execution -= answer.Symbols.Took
	}
	if err == nil {
		f.pace.observe(answer.Summary.Bytes, answer.Stats.Execution)
	}
	answer.Stats.Abandoned = addCounts(answer.Stats.Abandoned, tally.Counts())
	endSpan(span, err, attribute.Int64("pyrofront.fetched_bytes", int64(answer.BytesFetched())), attribute.Int64("pyrofront.reused_bytes", int64(answer.Summary.ReusedBytes)))
	if err != nil {
		return nil, clusterError("query-backend", err)
	}
	return answer, nil
}

// executePlan executes in parts what is cut into slices. Where a part cannot be read, or
// less of it comes back than there is, the plan is executed as a whole, which knows what
// to do about single blocks: see read.
func (f *Frontend) executePlan(ctx context.Context, q queryplan.Query, p *planned) error {
	if p.slicing != nil {
		if p.slicing.growing != nil {
			ctx = symbols.WithFetches(ctx, &p.slicing.growing.fetches)
		}
		began := time.Now()
		err := f.executeSlices(ctx, q.Queries, p.slicing, p.answer)
		// Portions may take more memory than the whole, and none of it is there any more. So
		// may parts with references, which are cut late. A cluster that is busy is another
		// matter.
		full := (p.slicing.growing != nil || p.answer.Unsymbolized) && errors.As(err, new(*memory.Refusal)) && ctx.Err() == nil
		if !errors.Is(err, errShort) && !full && !mayBeBlocks(ctx, err, time.Since(began)) {
			return err
		}
		p.slicing.growing.end()
		p.asWhole()
	}
	return f.executeWhole(ctx, q, p)
}

// asWhole gives up slices.
func (p *planned) asWhole() {
	p.whole(p.slicing.plan)
	p.answer.Summary, p.answer.Parts = p.slicing.plan.Summary(), nil
	p.slicing = nil
}

// executeWhole has the plan executed as one request.
func (f *Frontend) executeWhole(ctx context.Context, q queryplan.Query, p *planned) error {
	request := p.request
	made := f.read(ctx, q, p)
	unasked(made.response, q.Diagnostics)
	answer := p.answer
	answer.Reports, answer.Diagnostics = made.response.GetReports(), made.response.GetDiagnostics()
	cleanExecution(answer.Diagnostics.GetExecutionNode())
	if made.err != nil {
		return made.err
	}
	err := checkReports(q.Queries, answer.Reports)
	if err == nil {
		answer.tree, answer.Symbols, err = f.nameTree(ctx, answer.Reports, q.Queries)
	}
	if err == nil && p.step != nil && p.request == request { // else other blocks were read
		f.keepStep(p.step, answer, made.refused)
	}
	return err
}

// addCounts is the sum of two counts.
func addCounts(a, b map[transport.Abandoned]int) map[transport.Abandoned]int {
	sum := maps.Clone(b)
	for key, n := range a {
		sum[key] += n
	}
	return sum
}
