package queryfrontend

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// startSpan begins a step of a query, under the span that Grafana passed on. The
// clients pass it on to the cluster.
func startSpan(ctx context.Context, step string, q queryplan.Query) (context.Context, trace.Span) {
	kinds := make([]string, len(q.Queries))
	for i, query := range q.Queries {
		kinds[i] = query.GetQueryType().String()
	}
	return otel.Tracer("github.com/pyrofront/pyrofront/pkg/queryfrontend").Start(ctx, "pyrofront."+step, trace.WithAttributes(
		attribute.StringSlice("pyrofront.tenants", q.Tenants),
		attribute.StringSlice("pyrofront.queries", kinds),
		attribute.Int64("pyrofront.start", q.Start),
		attribute.Int64("pyrofront.end", q.End),
	))
}

func endSpan(span trace.Span, err error, attributes ...attribute.KeyValue) {
	span.SetAttributes(attributes...)
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
}
