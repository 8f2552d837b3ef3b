package plugin

import (
	"context"

	"github.com/pyrofront/pyrofront/pkg/admission"
)

// classKey is the context's key of a query's class.
type classKey struct{}

// withClass marks the queries of a request as those of an alert rule or of a
// dashboard: the two take turns.
func withClass(ctx context.Context, fromAlert bool) context.Context {
	class := admission.Dashboard
	if fromAlert {
		class = admission.AlertRule
	}
	return context.WithValue(ctx, classKey{}, class)
}

// admit waits until the data source's limit lets a query run.
func (d *Datasource) admit(ctx context.Context) (release func(), err error) {
	class, ok := ctx.Value(classKey{}).(admission.Class)
	if !ok {
		class = admission.Dashboard
	}
	return d.metrics.admitted(ctx, class, d.limiter.Acquire)
}
