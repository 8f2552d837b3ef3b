package queryfrontend

import (
	"context"
	"errors"
	"maps"
	"time"

	"connectrpc.com/connect"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// An outcome is what came of one Invoke.
type outcome struct {
	response *queryv1.InvokeResponse
	refused  refusal
	err      error
}

// read has a plan executed. Where that fails, or less comes back than there is, and
// single blocks may be the reason, it asks the metastore again, once, and reads what
// replaced them. Where nothing did, and the caller takes a part, it reads the others.
// The plan becomes the one whose outcome it is. See decision 0011.
func (f *Frontend) read(ctx context.Context, q queryplan.Query, p *planned) outcome {
	began := time.Now()
	first := f.invokePlan(ctx, *p)
	short := first.err == nil && p.least.missed(first.response)
	if !short && !mayBeBlocks(ctx, first.err, time.Since(began)) {
		return first
	}
	r := &rescue{frontend: f, query: q, left: maxRescueInvokes, emptyToo: p.oneOfMany}
	all, err := r.askAgain(ctx, p.answer.Stats)
	if err != nil {
		return first
	}
	reason := first.err
	if !maps.Equal(queryplan.BlocksOf(p.request), queryplan.BlocksOf(all.request)) {
		trace.SpanFromContext(ctx).AddEvent("blocks were replaced: their replacements are read", trace.WithAttributes(attribute.Bool("pyrofront.failed", !short)))
		again := f.invokePlan(ctx, all)
		if again.err == nil {
			p.become(all)
			return again
		}
		reason = again.err
	}
	if short {
		p.answer.Short = true
		return first
	}
	if p.partial && mayBeBlocks(ctx, reason, 0) {
		if rest, ok := r.readRest(ctx, p, reason); ok {
			return rest
		}
	}
	return first
}

// invokePlan executes a plan, if there is anything in it.
func (f *Frontend) invokePlan(ctx context.Context, p planned) (made outcome) {
	if p.request != nil {
		made.response, made.refused, made.err = f.invoke(ctx, p.request, p.answer.Unsymbolized)
	}
	return made
}

// become takes the place of a plan with that of another one.
func (p *planned) become(other planned) {
	p.answer, p.request, p.least = other.answer, other.request, other.least
}

// mayBeBlocks tells the errors that single blocks can be the reason of, from those that
// another request would meet as well: a query that is wrong or too large, and a cluster
// that is busy or not there, which the client has tried in its own way.
func mayBeBlocks(ctx context.Context, err error, took time.Duration) bool {
	if err == nil || ctx.Err() != nil || errors.As(err, new(*connect.Error)) {
		return false
	}
	switch code := status.Code(err); code {
	case codes.Unknown, codes.Internal, codes.NotFound, codes.DataLoss, codes.Aborted, codes.OutOfRange:
		return true
	case codes.DeadlineExceeded: // one of the cluster's own
		deadline, bounded := ctx.Deadline()
		return !bounded || time.Until(deadline) > took
	default:
		return code >= 500 // dskit gives some errors HTTP's codes
	}
}
