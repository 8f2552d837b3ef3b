package transport

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"
)

const (
	// retryWindow bounds the time that a call spends on failures in a row; its deadline can be sooner. It is enough for a
	// metastore to elect a leader and for a process to restart, and short enough to tell a user that nothing is there.
	retryWindow = 15 * time.Second
	// longAttempt is how long an attempt was under way at a server for its loss to begin another window.
	longAttempt = time.Second
	// maxHops bounds the retries without a pause: nodes can name each other as the leader for a moment.
	maxHops = 3
)

// RPC is one call of a generated client: it must send through the connection that it is given.
type RPC[T any] func(ctx context.Context, conn grpc.ClientConnInterface) (T, error)

// Call sends an RPC to an endpoint that the client's policy picks, once, however long it takes. It is sent again, elsewhere
// where there is an elsewhere, only on evidence that the endpoint cannot answer: the connection is refused or lost (a
// keepalive ping that goes unanswered loses it), or the server says so (Unavailable, or a busy server's ResourceExhausted).
//
// The context's deadline or the client's timeout, whichever is sooner, goes with every attempt. Errors that are a server's
// answer are returned as they are; others are *Error.
func Call[T any](ctx context.Context, c *Client, rpc RPC[T]) (T, error) {
	return repeat(ctx, c, func(ctx context.Context, k *call) (T, *failure) {
		return try(ctx, k, &attempt{call: k}, rpc)
	})
}

// repeat makes rounds of a call until one is answered.
func repeat[T any](ctx context.Context, c *Client, round func(context.Context, *call) (T, *failure)) (T, error) {
	var none T
	ctx, k, end, err := c.begin(ctx)
	if err != nil {
		return none, err
	}
	defer end()
	for {
		c.table.refresh(c.refreshEvery, k.last != nil)
		v, failed := round(ctx, k)
		if failed == nil {
			c.retries.put()
			return v, nil
		}
		if reason := failed.reason(ctx); reason != "" {
			c.abandon(ctx, reason)
		}
		switch {
		case over(ctx, failed.err):
			return none, k.ended(ctx, failed)
		case !transient(failed.err):
			return none, c.final(failed.err)
		}
		if err := k.next(ctx, failed); err != nil {
			return none, err
		}
	}
}

// call is the state of one Call.
type call struct {
	client  *Client
	started time.Time
	tried   []*Endpoint
	// attempts counts the RPCs, hedges included.
	attempts atomic.Int64
	retries  int
	failing  time.Time // since when it does nothing but fail
	last     *failure
}

// attempt is one RPC of a call. The picker finds it in the RPC's context, and writes to it under the table's lock.
type attempt struct {
	call *call
	// only, when set, is the endpoint to ask.
	only *Endpoint
	// beside, when set, is an attempt under way; this one has to go to another endpoint.
	beside *attempt

	endpoint *Endpoint // nil: there was none to try
	// fault is why the endpoint could not be connected to.
	fault          error
	verdict        Verdict
	sent, answered bool
}

type attemptKey struct{}

func (a *attempt) allows(e *Endpoint) bool {
	return (a.only == nil || a.only == e) && (a.beside == nil || a.beside.endpoint != e)
}

func (a *attempt) health(e *Endpoint, now time.Time) Health {
	switch {
	case slices.Contains(a.call.tried, e):
		return Tried
	case e.state != connectivity.Ready:
		return Connecting
	case now.Before(e.restUntil):
		return Resting
	}
	return Ready
}

// failure is why an attempt had no answer.
type failure struct {
	*attempt
	err  error
	took time.Duration
}

// try makes one attempt.
func try[T any](ctx context.Context, k *call, a *attempt, rpc RPC[T]) (T, *failure) {
	k.attempts.Add(1)
	began := time.Now()
	v, err := rpc(context.WithValue(ctx, attemptKey{}, a), k.client.conn)
	took, address := time.Since(began), ""
	if a.endpoint != nil {
		address = a.endpoint.location.Dial
	}
	k.client.observer.Attempt(k.client.service, address, took, err)
	if err == nil {
		return v, nil
	}
	if port, ok := httpPortOf(a.fault); ok { // found by watching the server's health
		err = port
	}
	return v, &failure{attempt: a, err: err, took: took}
}

// reason is why an attempt was abandoned; "" where it did not reach a server, or was answered.
func (f *failure) reason(ctx context.Context) Reason {
	switch {
	case !f.sent:
		return ""
	case ctx.Err() == context.Canceled:
		return Cancelled
	case over(ctx, f.err):
		return TimedOut
	case !transient(f.err):
		return ""
	case f.verdict.Elsewhere:
		return Redirected
	case status.Code(f.err) == codes.ResourceExhausted:
		return Busy
	case f.answered:
		return Unavailable
	}
	return ConnectionLost
}

// next prepares the next round, or returns the error to end the call with.
func (k *call) next(ctx context.Context, f *failure) error {
	c := k.client
	k.last = f
	if f.endpoint != nil && !slices.Contains(k.tried, f.endpoint) {
		k.tried = append(k.tried, f.endpoint)
	}
	if k.failing.IsZero() || (f.sent && f.took >= longAttempt) {
		k.failing = time.Now()
	}
	if c.table.hopeless() || time.Since(k.failing) >= c.retryFor {
		return k.failed("")
	}
	k.retries++
	if !f.verdict.Elsewhere || k.retries > maxHops {
		if err := k.wait(ctx, pause(k.retries)); err != nil {
			return err
		}
	}
	for !c.retries.take() {
		if time.Since(k.failing) >= c.retryFor {
			return k.failed("retries are throttled")
		}
		if err := k.wait(ctx, pauseMax); err != nil {
			return err
		}
	}
	c.observer.Retry(c.service, k.retries, f.err)
	return nil
}

// wait pauses. A pause that the deadline would cut short is not begun.
func (k *call) wait(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && time.Until(deadline) <= d {
		return k.failed("the deadline is too near for another attempt")
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return k.ended(ctx, nil)
	}
}

// Pauses between attempts: they double, with jitter, so that calls which failed together do not come back together.
const (
	pauseBase = 20 * time.Millisecond
	pauseMax  = 500 * time.Millisecond
)

// pause is the time to wait before the retry of that number; the first is 1.
func pause(retry int) time.Duration {
	d := pauseMax
	if shift := retry - 1; shift < 5 {
		d = min(pauseMax, pauseBase<<shift)
	}
	return jitter(d)
}
