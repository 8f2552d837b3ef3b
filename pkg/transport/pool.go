package transport

import (
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Pool is the endpoints of one service and the calls to them. It is safe for concurrent use. In the steady state it
// runs no goroutines but those of its gRPC connections.
type Pool struct {
	service    string
	timeout    time.Duration
	observer   Observer
	policy     Policy
	lookups    lookups
	connector  *connector
	budget     *budget
	latencies  *latencies
	maxMessage int
	// refreshEvery and retryFor are refreshInterval and retryWindow, but in tests.
	refreshEvery, retryFor time.Duration

	// background ends the lookups when the pool closes.
	background context.Context
	cancel     context.CancelFunc

	mu        sync.Mutex
	endpoints []*Endpoint
	answers   []answer      // the last resolution, by target
	resolved  time.Time     // when it ended
	resolving chan struct{} // closed when the resolution under way ends; nil: none is
	calls     int           // under way
	closed    bool
}

// NewPool makes a pool for the service of that name; the name is for messages and for the observer. It does not connect
// before the first call.
func NewPool(service string, c Config, policy Policy) (*Pool, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	address, err := ParseAddress(c.Address)
	if err != nil {
		return nil, err
	}
	k, err := newConnector(c)
	if err != nil {
		return nil, err
	}
	p := &Pool{
		service:    service,
		timeout:    c.timeout(),
		observer:   c.Observer,
		policy:     policy,
		lookups:    lookups{targets: address.Targets, resolver: c.Resolver, literal: c.Dialer != nil},
		connector:  k,
		budget:     newBudget(time.Now),
		latencies:  &latencies{},
		maxMessage: c.maxMessageBytes(),

		refreshEvery: refreshInterval,
		retryFor:     retryWindow,
	}
	if p.observer == nil {
		p.observer = Nobody{}
	}
	p.background, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// Close lets no further call in. The connections close when the last call under way ends; Close does not wait for it.
// It is safe to call more than once.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	drop := p.dropLocked()
	p.mu.Unlock()
	return closeAll(drop)
}

// enter counts a call in.
func (p *Pool) enter() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return status.Errorf(codes.Unavailable, "%s: the client is closed", p.service)
	}
	p.calls++
	return nil
}

// hold counts in a hedge, which can outlive its call for a moment. It needs no check: its call has not left yet.
func (p *Pool) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
}

// leave counts a call out; the last one out of a closed pool closes the connections.
func (p *Pool) leave() {
	p.mu.Lock()
	p.calls--
	drop := p.dropLocked()
	p.mu.Unlock()
	_ = closeAll(drop)
}

// dropLocked takes out the endpoints that nobody needs any more: all, when the pool is closed and idle, and else those
// that are gone and have no call.
func (p *Pool) dropLocked() []*Endpoint {
	all := p.closed && p.calls == 0
	if all {
		p.cancel()
	}
	var drop []*Endpoint
	keep := p.endpoints[:0]
	for _, e := range p.endpoints {
		if all || (e.gone && e.inFlight == 0) {
			drop = append(drop, e)
		} else {
			keep = append(keep, e)
		}
	}
	clear(p.endpoints[len(keep):])
	p.endpoints = keep
	return drop
}

// liveLocked returns the endpoints that the names lead to now.
func (p *Pool) liveLocked() []*Endpoint {
	live := make([]*Endpoint, 0, len(p.endpoints))
	for _, e := range p.endpoints {
		if !e.gone {
			live = append(live, e)
		}
	}
	return live
}

// closeAll closes connections, outside of the pool's lock.
func closeAll(endpoints []*Endpoint) error {
	var errs []error
	for _, e := range endpoints {
		errs = append(errs, e.conn.Close())
	}
	return errors.Join(errs...)
}

// refresh makes sure that the names are resolved: it waits for the first resolution, and starts later ones when they
// are due. It returns an error only when ctx ends first.
func (p *Pool) refresh(ctx context.Context, failed bool) error {
	p.mu.Lock()
	first := p.answers == nil
	due := first
	if !first && p.lookups.dynamic() {
		age := time.Since(p.resolved)
		due = age >= p.refreshEvery || ((failed || len(p.endpoints) == 0) && age >= refreshAfterFailure)
	}
	if due && p.resolving == nil {
		p.resolving = make(chan struct{})
		go p.resolveNow(p.resolving)
	}
	wait := p.resolving
	p.mu.Unlock()
	if !first {
		return nil
	}
	select {
	case <-wait:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Pool) resolveNow(done chan struct{}) {
	defer close(done)
	answers := p.lookups.resolve(p.background)
	p.mu.Lock()
	p.resolved = time.Now()
	p.resolving = nil
	for i := range answers {
		// A name that fails to resolve keeps the addresses that it had.
		if answers[i].err != nil && p.answers != nil {
			answers[i].locations = p.answers[i].locations
		}
	}
	p.answers = answers
	drop := p.updateLocked()
	p.mu.Unlock()
	_ = closeAll(drop)
}

// updateLocked makes the endpoints those of the answers.
func (p *Pool) updateLocked() (drop []*Endpoint) {
	old := make(map[location]*Endpoint, len(p.endpoints))
	for _, e := range p.endpoints {
		e.gone = true
		old[e.location] = e
	}
	for i := range p.answers {
		for _, l := range p.answers[i].locations {
			if e := old[l]; e != nil {
				e.gone = false
				continue
			}
			if (p.closed && p.calls == 0) || len(p.endpoints) >= maxEndpointsOfOnePool {
				continue
			}
			e, err := p.connector.connect(l)
			if err != nil {
				p.answers[i].err = err
				continue
			}
			old[l] = e
			p.endpoints = append(p.endpoints, e)
		}
	}
	return p.dropLocked()
}

// lookupError tells why there are no endpoints.
func (p *Pool) lookupError() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, a := range p.answers {
		errs = append(errs, a.err)
	}
	return errors.Join(errs...)
}
