// Package admission decides which queries of a data source run, and when: at most so many at a time, fair between
// dashboards and alert rules (Limiter), and identical ones at the same moment only once (Flight).
package admission

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Class is a kind of query. The classes that have queries waiting take turns, however many each has waiting.
type Class int

// The classes of Grafana's queries.
const (
	Dashboard Class = iota
	AlertRule
)

// String is the class as people and metrics name it.
func (c Class) String() string {
	if c == AlertRule {
		return "alert rule"
	}
	return "dashboard"
}

// SettingMaxConcurrent is the data source setting that a Limiter's errors name.
const SettingMaxConcurrent = "maxConcurrentQueries"

// Limits are those of a Limiter.
type Limits struct {
	// Concurrent is how many queries run at a time; 0 means DefaultConcurrent.
	Concurrent int
	// Queued is how many queries of one class wait at most; 0 means DefaultQueued for each that may run. It is bound
	// for each class by itself, so that a flood of one does not turn the other away.
	Queued int
}

// Defaults of Limits.
const (
	DefaultConcurrent = 20
	DefaultQueued     = 10
)

// Limiter lets queries run within its limits. Queries of one class are served in their order. It has no goroutines.
type Limiter struct {
	concurrent, queued int

	mu      sync.Mutex
	running int
	queues  []*queue // one for each class that has queries waiting; the first is served next
	closed  bool
	after   func() // what to run once a closed limiter is idle
}

// queue is the waiting queries of a class.
type queue struct {
	class   Class
	waiting list.List // of chan struct{}, closed to let a query run
}

// NewLimiter makes a limiter. Limits below zero count as zero.
func NewLimiter(l Limits) *Limiter {
	if l.Concurrent <= 0 {
		l.Concurrent = DefaultConcurrent
	}
	if l.Queued <= 0 {
		l.Queued = DefaultQueued * l.Concurrent
	}
	return &Limiter{concurrent: l.Concurrent, queued: l.Queued}
}

// Acquire waits until a query may run. The release function must be called when it has ended; calling it again does
// nothing. The error is a *Refusal: the queue is full, the context ended while the query was waiting, or the limiter is
// closed.
func (l *Limiter) Acquire(ctx context.Context, class Class) (release func(), err error) {
	began := time.Now()
	if ctx.Err() != nil {
		return nil, l.waited(ctx, class, began)
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, &Refusal{reason: "the data source's settings have changed: ask again", code: codes.Unavailable}
	}
	// A free place with queries waiting does not happen: a place that becomes free goes to the next in line.
	if l.running < l.concurrent {
		l.running++
		l.mu.Unlock()
		return sync.OnceFunc(l.release), nil
	}
	q := l.queueOf(class)
	if q.waiting.Len() >= l.queued {
		l.mu.Unlock()
		return nil, &Refusal{code: codes.ResourceExhausted, reason: fmt.Sprintf(
			"too many queries: %d are running (setting %s) and %d of a %s are waiting, which is the most allowed; ask again later, or raise the setting",
			l.concurrent, SettingMaxConcurrent, l.queued, class)}
	}
	turn := make(chan struct{})
	place := q.waiting.PushBack(turn)
	l.mu.Unlock()

	select {
	case <-turn:
		return sync.OnceFunc(l.release), nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	select {
	case <-turn: // both at once: the place is passed on
		l.mu.Unlock()
		l.release()
	default:
		q.waiting.Remove(place)
		l.dropIfEmpty(q)
		l.mu.Unlock()
	}
	return nil, l.waited(ctx, class, began)
}

// Close lets no further query in; those that run or wait already go on. After the last of them has ended, the function
// is run, once: it is the place to close what the queries use. Only the first call of Close counts.
func (l *Limiter) Close(after func()) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	l.closed = true
	if l.running > 0 {
		l.after = after
		after = nil
	}
	l.mu.Unlock()
	if after != nil {
		after()
	}
}

// queueOf returns the queue of a class, and makes it where there is none; l.mu is held.
func (l *Limiter) queueOf(class Class) *queue {
	for _, q := range l.queues {
		if q.class == class {
			return q
		}
	}
	q := &queue{class: class}
	l.queues = append(l.queues, q)
	return q
}

// dropIfEmpty forgets a class with no queries waiting; l.mu is held.
func (l *Limiter) dropIfEmpty(q *queue) {
	if q.waiting.Len() > 0 {
		return
	}
	for i := range l.queues {
		if l.queues[i] == q {
			l.queues = append(l.queues[:i], l.queues[i+1:]...)
			return
		}
	}
}

// release passes a place on to the class whose turn it is, or gives it back.
func (l *Limiter) release() {
	l.mu.Lock()
	if len(l.queues) > 0 {
		q := l.queues[0]
		l.queues = append(l.queues[1:], q)
		close(q.waiting.Remove(q.waiting.Front()).(chan struct{}))
		l.dropIfEmpty(q)
		l.mu.Unlock()
		return
	}
	l.running--
	var after func()
	if l.running == 0 {
		after, l.after = l.after, nil
	}
	l.mu.Unlock()
	if after != nil {
		after()
	}
}

func (l *Limiter) waited(ctx context.Context, class Class, began time.Time) error {
	r := &Refusal{code: codes.Canceled, cause: ctx.Err()}
	what := "was cancelled"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		r.code, what = codes.DeadlineExceeded, "reached its deadline"
	}
	r.reason = fmt.Sprintf("the query of a %s %s after waiting %s for its turn: %d queries run at a time (setting %s)",
		class, what, time.Since(began).Round(time.Millisecond), l.concurrent, SettingMaxConcurrent)
	return r
}

// Refusal is the error of a query that did not get to run. Its gRPC code (status.Code) is ResourceExhausted when the
// queue is full, DeadlineExceeded or Canceled when the context ended first, and Unavailable when the limiter is closed.
type Refusal struct {
	reason string
	code   codes.Code
	cause  error
}

// Error is a sentence for a user; it names the limit and the setting.
func (r *Refusal) Error() string { return r.reason }

// Unwrap returns the context's error, if that was the reason.
func (r *Refusal) Unwrap() error { return r.cause }

// GRPCStatus makes status.Code and status.FromError work on the error.
func (r *Refusal) GRPCStatus() *status.Status { return status.New(r.code, r.reason) }
