package transport

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Probe is what a health check found.
type Probe struct {
	// Endpoints is the number of addresses that the configured names resolve to.
	Endpoints int
	// Endpoint is the one that answered, and Latency how long it took, with connecting where it was not connected yet.
	Endpoint string
	Latency  time.Duration
}

// Check asks endpoints in turn, without retries, until one answers an RPC, and reports on that one. When none does, the
// error is an *Error that says what failed at the last one: the name, the connection, TLS, or the answer. Answers that
// reject the request are errors too; they are returned as they are.
func (p *Pool) Check(ctx context.Context, rpc RPC[struct{}]) (Probe, error) {
	if err := p.enter(); err != nil {
		return Probe{}, err
	}
	defer p.leave()
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	c := call{pool: p, started: time.Now()}
	if err := p.refresh(ctx, false); err != nil {
		return Probe{}, c.ended(ctx, nil)
	}
	var probe Probe
	for {
		e := p.acquire(c.tried, c.tried)
		if e == nil {
			if c.last == nil {
				c.last = &failure{err: p.noEndpoints()}
			}
			return probe, c.failed("")
		}
		probe.Endpoints = p.size()
		c.attempts++
		began := time.Now()
		err := p.checkOne(ctx, &c, e, rpc)
		if err == nil {
			probe.Endpoint, probe.Latency = e.describe(), time.Since(began)
			return probe, nil
		}
		if ctx.Err() != nil {
			return probe, c.ended(ctx, e)
		}
		if status.Code(err) == codes.DeadlineExceeded {
			err = status.Errorf(codes.DeadlineExceeded, "no answer within %s", time.Since(began).Round(time.Millisecond))
		} else if outcomeOf(ctx, err) != transient {
			return probe, p.final(err)
		}
		c.last = &failure{err: err, endpoint: e}
		c.tried = append(c.tried, e)
	}
}

func (p *Pool) checkOne(ctx context.Context, c *call, e *Endpoint, rpc RPC[struct{}]) error {
	// The time is shared out among the endpoints, so that one that hangs does not hide the others.
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(1+p.size()-len(c.tried)))
		defer cancel()
	}
	_, err := rpc(ctx, e.conn)
	p.release(e, err, outcomeOf(ctx, err))
	return err
}

// size is the number of endpoints.
func (p *Pool) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.liveLocked())
}
