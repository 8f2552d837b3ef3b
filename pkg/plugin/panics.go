package plugin

import (
	"context"
	"errors"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/pyrofront/pyrofront/pkg/panics"
)

// logPanic leaves the trace of a contained panic in the log.
func logPanic(ctx context.Context, panicked *panics.Error) {
	backend.Logger.FromContext(ctx).Error("A query panicked", "panic", panicked.Value, "stack", string(panicked.Stack))
}

// logIfPanic does so where an error is one.
func logIfPanic(ctx context.Context, err error) {
	if panicked := (*panics.Error)(nil); errors.As(err, &panicked) {
		logPanic(ctx, panicked)
	}
}

// containPanics makes an error of a resource's panic.
func containPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := panics.Contain(func() error {
			next.ServeHTTP(w, r)
			return nil
		})
		if err != nil {
			writeError(w, r, err)
		}
	})
}
