package transport

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc"
)

// retryWindow bounds the time that a call spends on retries; its deadline can be sooner. It is enough for a metastore
// to elect a leader and for a process to restart, and short enough to tell a user that nothing is there.
const retryWindow = 15 * time.Second

// RPC is one call of a generated client: it must send through the connection that it is given.
type RPC[T any] func(ctx context.Context, conn grpc.ClientConnInterface) (T, error)

// Call sends an RPC to an endpoint that the pool's policy picks. Transient failures (Unavailable, a busy server's
// ResourceExhausted, a connection lost before the answer) are retried, elsewhere where there is an elsewhere, within
// the deadline, the retry window and the budget. The context's deadline or the pool's timeout, whichever is sooner, goes
// with every attempt. Errors that are a server's answer are returned as they are; others are *Error.
func Call[T any](ctx context.Context, p *Pool, rpc RPC[T]) (T, error) {
	var none T
	if err := p.enter(); err != nil {
		return none, err
	}
	defer p.leave()
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()

	c := call{pool: p, started: time.Now()}
	for {
		if err := p.refresh(ctx, c.last != nil); err != nil {
			return none, c.ended(ctx, nil)
		}
		v, failed := round(ctx, &c, rpc)
		if failed == nil {
			p.budget.put()
			return v, nil
		}
		if failed.outcome != transient {
			return none, failed.err
		}
		if err := c.next(ctx, failed); err != nil {
			return none, err
		}
	}
}

// call is the state of one Call.
type call struct {
	pool    *Pool
	started time.Time
	tried   []*Endpoint
	// attempts counts the RPCs, hedges included.
	attempts int
	retries  int
	last     *failure
}

// failure is why a round of attempts had no answer.
type failure struct {
	err      error
	endpoint *Endpoint // nil: there was none to try
	outcome  outcome
	verdict  Verdict
}

// round makes an attempt, and hedges where it hangs.
func round[T any](ctx context.Context, c *call, rpc RPC[T]) (T, *failure) {
	e := c.pool.acquire(c.tried, nil)
	if e == nil {
		var none T
		return none, &failure{err: c.pool.noEndpoints(), outcome: transient}
	}
	r := race[T]{ctx: ctx, call: c, rpc: rpc, done: make(chan struct{})}
	return r.run(e)
}

// next prepares the next round, or returns the error to end the call with.
func (c *call) next(ctx context.Context, f *failure) error {
	p := c.pool
	c.last = f
	if f.endpoint != nil && !slices.Contains(c.tried, f.endpoint) {
		c.tried = append(c.tried, f.endpoint)
	}
	if p.hopeless() || time.Since(c.started) >= p.retryFor {
		return c.failed("")
	}
	if p.allTried(c.tried) {
		c.tried = c.tried[:0]
	}
	c.retries++
	if !f.verdict.Elsewhere || c.retries > maxHops {
		if err := c.wait(ctx, pause(c.retries)); err != nil {
			return err
		}
	}
	for !p.budget.take() {
		if time.Since(c.started) >= p.retryFor {
			return c.failed("retries are throttled")
		}
		if err := c.wait(ctx, pause(maxHops)); err != nil {
			return err
		}
	}
	p.observer.Retry(p.service, c.retries, f.err)
	return nil
}

// maxHops bounds the retries without a pause: nodes can name each other as the leader for a moment.
const maxHops = 3

// wait pauses. A pause that the deadline would cut short is not begun.
func (c *call) wait(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && time.Until(deadline) <= d {
		return c.failed("the deadline is too near for another attempt")
	}
	if !sleep(ctx, d) {
		return c.ended(ctx, nil)
	}
	return nil
}

// allTried tells whether every endpoint has been tried.
func (p *Pool) allTried(tried []*Endpoint) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !slices.ContainsFunc(p.endpoints, func(e *Endpoint) bool { return !e.gone && !slices.Contains(tried, e) })
}
