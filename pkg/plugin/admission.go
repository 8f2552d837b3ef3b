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

func classOf(ctx context.Context) admission.Class {
	if class, ok := ctx.Value(classKey{}).(admission.Class); ok {
		return class
	}
	return admission.Dashboard // resource calls, such as those of an editor
}

// gate is the queryfrontend.Admission of one data source.
type gate struct {
	limiter *admission.Limiter
	metrics *metrics
}

// Class implements queryfrontend.Admission.
func (g gate) Class(ctx context.Context) string { return string(classOf(ctx)) }

// Admit waits until the data source's limit lets a query run.
func (g gate) Admit(ctx context.Context) (release func(), err error) {
	return g.metrics.admitted(ctx, classOf(ctx), g.limiter.Acquire)
}
