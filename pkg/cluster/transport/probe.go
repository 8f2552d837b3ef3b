package transport

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
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
func (c *Client) Check(ctx context.Context, rpc RPC[struct{}]) (Probe, error) {
	ctx, k, end, err := c.begin(ctx)
	if err != nil {
		return Probe{}, err
	}
	defer end()
	c.conn.Connect()
	select {
	case <-c.table.first:
		c.table.refresh(c.refreshEvery, true)
	case <-ctx.Done():
		return Probe{}, k.ended(ctx, nil)
	}
	for {
		e, endpoints := c.table.untried(k.tried)
		if e == nil {
			if k.last == nil {
				k.last = &failure{attempt: new(attempt), err: errNoEndpoint}
			}
			return Probe{Endpoints: endpoints}, k.failed("")
		}
		began := time.Now()
		err := k.checkOne(ctx, e, endpoints, rpc)
		switch {
		case err == nil:
			return Probe{Endpoints: endpoints, Endpoint: e.describe(), Latency: time.Since(began)}, nil
		case ctx.Err() != nil:
			return Probe{Endpoints: endpoints}, k.ended(ctx, k.last)
		case status.Code(err) == codes.DeadlineExceeded:
			k.last.err = status.Errorf(codes.DeadlineExceeded, "no answer within %s", time.Since(began).Round(time.Millisecond))
		case !transient(err):
			return Probe{Endpoints: endpoints}, c.final(err)
		}
		k.tried = append(k.tried, e)
	}
}

func (k *call) checkOne(ctx context.Context, e *Endpoint, endpoints int, rpc RPC[struct{}]) error {
	// The time is shared out among the endpoints, so that one that hangs does not hide the others.
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(1+endpoints-len(k.tried)))
		defer cancel()
	}
	a := &attempt{call: k, only: e}
	_, failed := try(ctx, k, a, rpc)
	if failed == nil {
		return nil
	}
	a.endpoint = e
	k.last = failed
	return failed.err
}

// untried picks an endpoint that was not asked yet, and returns how many there are in all.
func (t *table) untried(tried []*Endpoint) (*Endpoint, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var candidates []Candidate
	for _, e := range t.endpoints {
		c := Candidate{Endpoint: e, Health: Connecting, InFlight: e.inFlight}
		if e.state == connectivity.Ready {
			c.Health = Ready
		}
		if !slices.Contains(tried, e) {
			candidates = append(candidates, c)
		}
	}
	if len(candidates) == 0 {
		return nil, len(t.endpoints)
	}
	return t.policy.Pick(candidates).Endpoint, len(t.endpoints)
}
