package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// slowQuery is how long a query may take before it is logged as slow.
const slowQuery = 10 * time.Second

// log writes one line a target, with what it asked and what it cost. What users
// do, leave a dashboard or type half a selector, is no warning.
func (t *target) log(ctx context.Context, took time.Duration, err error) {
	logIfPanic(ctx, err)
	fields := []any{"refId", t.query.RefID, "queryType", t.model.QueryType, "profileType", t.model.ProfileTypeID, "took", took.String()}
	fields = append(append(fields, t.origin.fields...), t.asked()...)
	for _, stat := range t.stats() {
		fields = append(fields, stat.DisplayName, stat.Value)
	}
	if err != nil {
		fields = append(fields, "error", err)
	}
	missing := t.missing()
	if missing != nil {
		fields = append(fields, "missingBlocks", missing.Blocks, "missingBytes", missing.Bytes, "reason", missing.Err)
	}
	logger := backend.Logger.FromContext(ctx)
	switch refusal := (*queryfrontend.Refusal)(nil); {
	case errors.As(err, &refusal):
		logger.Info("Query was refused", fields...)
	case wasCancelled(err):
		logger.Info("Query was cancelled", fields...)
	case err != nil:
		logger.Warn("Query failed", fields...)
	case missing != nil:
		logger.Warn("Query was answered in part", fields...)
	case took > slowQuery:
		logger.Warn("Query was slow", append(fields, "slow", true)...)
	default:
		logger.Info("Query", fields...)
	}
}

// asked are the fields that say what was asked of the cluster, or, where nothing
// was, what the target wants.
func (t *target) asked() []any {
	var fields []any
	for _, scope := range t.scopes() {
		if scope.Start != 0 {
			fields = append(fields, "query", shortened(executedQuery(scope)))
		}
	}
	if fields == nil {
		r := t.query.TimeRange
		fields = append(fields, "query", fmt.Sprintf("%s from %s to %s", shortened(t.model.LabelSelector), formatTime(r.From.UnixMilli()), formatTime(r.To.UnixMilli())))
	}
	return fields
}

func wasCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || connect.CodeOf(err) == connect.CodeCanceled
}
