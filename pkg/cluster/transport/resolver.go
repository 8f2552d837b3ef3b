package transport

import (
	"context"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc/attributes"
	"google.golang.org/grpc/resolver"

	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
)

// Names are looked up again while calls go on: net.Resolver does not tell how long an answer lives, and gRPC's own DNS
// resolver looks again only after a failure, so that it would not find a service that grows. It happens beside the calls,
// never in their way, but the first time.
const (
	refreshInterval     = 5 * time.Second
	refreshAfterFailure = 500 * time.Millisecond
)

// maxEndpoints bounds what the names of one address lead to.
const maxEndpoints = 4096

// resolverScheme is the scheme of the channel's target. The builder is the channel's own.
const resolverScheme = "pyrofront"

// resolverBuilder makes the resolver of one client.
type resolverBuilder struct {
	lookup naming.Lookup
	table  *table
}

// Scheme implements resolver.Builder.
func (resolverBuilder) Scheme() string { return resolverScheme }

// Build implements resolver.Builder: it starts the first look-up.
func (b resolverBuilder) Build(_ resolver.Target, cc resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watch{resolverBuilder: b, cc: cc, cancel: cancel, done: make(chan struct{})}
	go w.run(ctx)
	return w, nil
}

// watch looks the names of one channel up, when it is asked to.
type watch struct {
	resolverBuilder
	cc     resolver.ClientConn
	cancel context.CancelFunc
	done   chan struct{}
	// last is what each target resolved to. A name that fails to resolve keeps the addresses that it had.
	last []naming.Answer
}

// ResolveNow implements resolver.Resolver. The clients ask for themselves: see table.refresh.
func (w *watch) ResolveNow(resolver.ResolveNowOptions) {}

// Close implements resolver.Resolver.
func (w *watch) Close() {
	w.cancel()
	<-w.done
}

func (w *watch) run(ctx context.Context) {
	defer close(w.done)
	for {
		w.resolve(ctx)
		if !w.lookup.Dynamic() {
			return
		}
		select {
		case <-w.table.lookUp:
		case <-ctx.Done():
			return
		}
	}
}

func (w *watch) resolve(ctx context.Context) {
	answers := w.lookup.Resolve(ctx)
	if ctx.Err() != nil {
		return
	}
	r := resolution{table: w.table}
	seen := make(map[naming.Location]bool)
	failures := make([]error, len(answers))
	for i := range answers {
		failures[i] = answers[i].Err
		if answers[i].Err != nil && w.last != nil {
			answers[i].Locations = w.last[i].Locations
		}
		for _, l := range answers[i].Locations {
			if !seen[l] && len(r.locations) < maxEndpoints {
				seen[l] = true
				r.locations = append(r.locations, l)
			}
		}
	}
	w.last = answers
	w.table.mu.Lock()
	w.table.lookups, w.table.resolved = failures, time.Now()
	w.table.mu.Unlock()
	// The error is that of a balancer that asks for another look-up; ours does not.
	_ = w.cc.UpdateState(resolver.State{Attributes: attributes.New(resolutionKey{}, r)})
	w.table.once.Do(func() { close(w.table.first) })
}

// refresh asks for another look-up if one is due: sooner after a failure.
func (t *table) refresh(every time.Duration, failed bool) {
	t.mu.Lock()
	age := time.Since(t.resolved)
	due := !t.resolved.IsZero() && (age >= every || ((failed || len(t.endpoints) == 0) && age >= refreshAfterFailure))
	t.mu.Unlock()
	if due {
		select {
		case t.lookUp <- struct{}{}:
		default:
		}
	}
}

// unixPrefix tells the dialer a socket's path from host:port.
const unixPrefix = "unix:"

// dial opens the connection of an address that the balancer made.
func (d Dialer) dial(ctx context.Context, address string) (net.Conn, error) {
	if path, ok := strings.CutPrefix(address, unixPrefix); ok {
		return d(ctx, "unix", path)
	}
	return d(ctx, "tcp", address)
}
