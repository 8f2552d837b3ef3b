package plugin

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// slowQuery is how long a query may take before it is logged as slow.
const slowQuery = 10 * time.Second

// log writes one line a target, with what it asked and what it cost.
func (t *target) log(ctx context.Context, took time.Duration, err error) {
	fields := []any{"refId", t.query.RefID, "queryType", t.model.QueryType, "profileType", t.model.ProfileTypeID, "took", took.String()}
	for _, panel := range t.panels {
		fields = append(fields, "query", executedQuery(panel.Scope))
	}
	for _, stat := range t.stats() {
		fields = append(fields, stat.DisplayName, stat.Value)
	}
	logger := backend.Logger.FromContext(ctx)
	switch {
	case err != nil:
		logger.Warn("Query failed", append(fields, "error", err)...)
	case took > slowQuery:
		logger.Warn("Query was slow", append(fields, "slow", true)...)
	default:
		logger.Info("Query", fields...)
	}
}
