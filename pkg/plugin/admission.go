package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/pyrofront/pyrofront/pkg/admission"
)

// classOf tells the queries of an alert rule from those of a dashboard: the two take
// turns.
func classOf(request *backend.QueryDataRequest) admission.Class {
	if fromAlert(request) {
		return admission.AlertRule
	}
	return admission.Dashboard
}

// gate is the queryfrontend.Admission of one data source.
type gate struct {
	limiter *admission.Limiter
	metrics *metrics
}

// Admit waits until the data source's limit lets a query run.
func (g gate) Admit(ctx context.Context, class admission.Class) (release func(), err error) {
	return g.metrics.admitted(ctx, class, g.limiter.Acquire)
}
