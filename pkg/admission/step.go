package admission

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// stepKey is the context's key of what a run is doing.
type stepKey struct{}

// Doing tells what the run of a context is about to do, such as to ask a service. Who leaves it then is told.
func Doing(ctx context.Context, step string) {
	if p, ok := ctx.Value(stepKey{}).(*atomic.Pointer[string]); ok {
		p.Store(&step)
	}
}

// Left is the error of a caller whose time was over while the run, which others wait for, goes on.
type Left struct {
	Step  string
	After time.Duration
	cause error
}

func left(step *string, after time.Duration, cause error) error {
	l := &Left{Step: "the query", After: after, cause: cause}
	if step != nil {
		l.Step = *step
	}
	return l
}

// Error names the step.
func (l *Left) Error() string {
	return fmt.Sprintf("%s: no answer within %s", l.Step, l.After.Round(time.Millisecond))
}

// Unwrap returns the context's error.
func (l *Left) Unwrap() error { return l.cause }
