package transport

import (
	"errors"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
)

// balancerName is how the service config names the balancer. gRPC's registry is the process': a plugin has its own.
const balancerName = "pyrofront"

func init() { balancer.Register(builder{}) }

type builder struct{}

// Name implements balancer.Builder.
func (builder) Name() string { return balancerName }

// Build implements balancer.Builder. The table comes with the first addresses.
func (builder) Build(cc balancer.ClientConn, _ balancer.BuildOptions) balancer.Balancer {
	return &balanced{cc: cc}
}

// Endpoint is one server of a service.
type Endpoint struct {
	location naming.Location
	conn     balancer.SubConn

	// What follows is guarded by the table's lock.

	state connectivity.State
	// fault is why it cannot be connected to, or says that it is not serving; nil when it is ready.
	fault     error
	inFlight  int
	failures  int       // in a row
	restUntil time.Time // after failures: others are preferred until then
	room      room
}

// Address is where the endpoint connects to, for example 10.0.0.1:9095.
func (e *Endpoint) Address() string { return e.location.Dial }

// Authority is the configured name that led to the endpoint, for example metastore-0.metastore:9095.
func (e *Endpoint) Authority() string { return e.location.Authority }

// describe names an endpoint: the configured name, and the address where that says more.
func (e *Endpoint) describe() string {
	if e.location.Unix || e.location.Authority == e.location.Dial {
		return e.location.Dial
	}
	return e.location.Authority + " (" + e.location.Dial + ")"
}

// table is the endpoints of a service, shared by its client, its resolver and its balancer.
type table struct {
	// lookUp asks the resolver for another look-up; first is closed after the first.
	lookUp, first chan struct{}
	once          sync.Once

	mu        sync.Mutex
	policy    Policy
	endpoints []*Endpoint
	wake      func()    // has the attempts that wait pick again
	lookups   []error   // of the last look-up, by target
	resolved  time.Time // when it ended
}

// resolution is what the resolver hands to the balancer.
type resolution struct {
	table     *table
	locations []naming.Location
}

type resolutionKey struct{}

// balanced is a balancer: it keeps a connection to every location, and gRPC a picker over those that are ready. gRPC
// calls its methods and listeners one at a time.
type balanced struct {
	cc    balancer.ClientConn
	table *table
}

// UpdateClientConnState makes the endpoints those of the last resolution.
func (b *balanced) UpdateClientConnState(s balancer.ClientConnState) error {
	r, ok := s.ResolverState.Attributes.Value(resolutionKey{}).(resolution)
	if !ok {
		return balancer.ErrBadResolverState
	}
	if b.table == nil { // it is always the same, and read by the attempts that end
		b.table = r.table
	}
	b.table.mu.Lock()
	old := make(map[naming.Location]*Endpoint, len(b.table.endpoints))
	for _, e := range b.table.endpoints {
		old[e.location] = e
	}
	endpoints := make([]*Endpoint, 0, len(r.locations))
	for _, l := range r.locations {
		e := old[l]
		if e == nil {
			e = b.connect(l)
		}
		delete(old, l)
		if e != nil {
			endpoints = append(endpoints, e)
		}
	}
	for _, e := range old {
		e.conn.Shutdown() // the calls under way end first
	}
	b.table.endpoints, b.table.wake = endpoints, b.publish
	b.table.mu.Unlock()
	b.publish()
	return nil
}

// connect makes an endpoint, whose connection starts at once in the background.
func (b *balanced) connect(l naming.Location) *Endpoint {
	e := &Endpoint{location: l}
	// The name of an address is the authority of its calls, and what its certificate has to be for.
	address := resolver.Address{Addr: l.Dial, ServerName: l.Authority}
	if l.Unix {
		address.Addr = unixPrefix + l.Dial
	}
	//nolint:staticcheck // it is deprecated for more than one address, and has no successor yet
	conn, err := b.cc.NewSubConn([]resolver.Address{address}, balancer.NewSubConnOptions{
		HealthCheckEnabled: true,
		StateListener:      func(s balancer.SubConnState) { b.changed(e, s) },
	})
	if err != nil { // the channel is closing
		return nil
	}
	e.conn = conn
	conn.Connect()
	return e
}

func (b *balanced) changed(e *Endpoint, s balancer.SubConnState) {
	b.table.mu.Lock()
	e.state = s.ConnectivityState
	switch {
	case s.ConnectivityState == connectivity.Ready:
		e.fault = nil
	case s.ConnectionError != nil:
		e.fault = s.ConnectionError // and it stays while another attempt to connect is under way
	}
	b.table.mu.Unlock()
	if s.ConnectivityState == connectivity.Idle {
		e.conn.Connect()
	}
	b.publish()
}

// publish hands gRPC a new picker, which wakes the calls that wait for one.
func (b *balanced) publish() {
	b.table.mu.Lock()
	state := connectivity.TransientFailure
	for _, e := range b.table.endpoints {
		switch {
		case e.state == connectivity.Ready:
			state = connectivity.Ready
		case e.fault == nil && state != connectivity.Ready:
			state = connectivity.Connecting
		}
	}
	b.table.mu.Unlock()
	b.cc.UpdateState(balancer.State{ConnectivityState: state, Picker: picker{b.table}})
}

// ResolverError is not called: look-ups that fail come with the resolution.
func (b *balanced) ResolverError(error) {}

// UpdateSubConnState is not called: the connections have listeners.
func (b *balanced) UpdateSubConnState(balancer.SubConn, balancer.SubConnState) {}

// ExitIdle does nothing: no connection is ever left idle.
func (b *balanced) ExitIdle() {}

// Close does nothing: gRPC closes the connections with the channel.
func (b *balanced) Close() {}

// picker chooses the endpoint of each attempt.
type picker struct{ table *table }

// errUnreachable makes gRPC end an attempt at once; the attempt knows more.
var errUnreachable = errors.New("no endpoint can be reached")

// Pick implements balancer.Picker.
func (p picker) Pick(info balancer.PickInfo) (balancer.PickResult, error) {
	a, ok := info.Ctx.Value(attemptKey{}).(*attempt)
	if !ok {
		return balancer.PickResult{}, status.Error(codes.Internal, "a call that did not come through transport.Call")
	}
	p.table.mu.Lock()
	defer p.table.mu.Unlock()
	e, err := p.table.pick(a, time.Now())
	if err != nil {
		return balancer.PickResult{}, err
	}
	e.inFlight++
	return balancer.PickResult{SubConn: e.conn, Done: func(d balancer.DoneInfo) { p.table.done(a, e, d) }}, nil
}

// pick has the policy choose among the endpoints that are ready or may soon be.
func (t *table) pick(a *attempt, now time.Time) (*Endpoint, error) {
	var candidates []Candidate
	var failing, full *Endpoint
	for _, e := range t.endpoints {
		switch {
		case !a.allows(e):
		case e.state != connectivity.Ready && e.fault != nil:
			failing = e
		case e.room.full(e.inFlight):
			full = e
		default:
			candidates = append(candidates, Candidate{Endpoint: e, Health: a.health(e, now), InFlight: e.inFlight})
		}
	}
	if len(candidates) == 0 && full != nil {
		a.endpoint = full
		return nil, balancer.ErrNoSubConnAvailable // the attempt waits for a place
	}
	if len(candidates) == 0 {
		if a.endpoint = failing; failing != nil {
			a.fault = failing.fault
		}
		return nil, errUnreachable
	}
	a.endpoint = t.policy.Pick(candidates).Endpoint
	if a.endpoint.state != connectivity.Ready {
		return nil, balancer.ErrNoSubConnAvailable // the attempt waits for it
	}
	return a.endpoint, nil
}

// elsewhere tells whether an endpoint other than an attempt's could take a call at once.
func (t *table) elsewhere(a *attempt) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(t.endpoints, func(e *Endpoint) bool { return e != a.endpoint && e.state == connectivity.Ready })
}

// done counts an attempt out and learns from how it ended.
func (t *table) done(a *attempt, e *Endpoint, d balancer.DoneInfo) {
	t.mu.Lock()
	e.inFlight--
	a.sent, a.answered = d.BytesSent, d.BytesReceived
	wasFull := e.room.limit > 0
	switch {
	case transient(d.Err):
		if a.verdict = t.policy.Report(e, d.Err, t.endpoints); !a.verdict.Elsewhere {
			e.rest(time.Now())
		}
		if status.Code(d.Err) == codes.ResourceExhausted {
			e.room.refused(e.inFlight, time.Now())
		}
	case d.BytesReceived && !gaveUp(d.Err): // an answer, or an error that is the answer
		e.failures, e.restUntil = 0, time.Time{}
		e.room.answered(time.Now())
		t.policy.Report(e, nil, nil)
	}
	// Else the caller did not wait for the end: that says nothing about the endpoint. Slow is not failed.
	wake := t.wake
	t.mu.Unlock()
	if wasFull && wake != nil {
		wake()
	}
}
