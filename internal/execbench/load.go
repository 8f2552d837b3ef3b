package execbench

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
	"github.com/pyrofront/pyrofront/pkg/cluster/querybackendclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// Load is what is asked of the cluster.
type Load string

// The loads.
const (
	Alone   Load = "alone"          // one query after the other
	Beside  Load = "beside"         // the same, with a steady load of quick look-ups
	Twice   Load = "twice"          // twice as many at once as the cluster can run; the others wait in it
	Refused Load = "twice, refused" // the same; the cluster turns the others away
)

// Case is a row: so many backends, which take so long, under a load.
type Case struct {
	Backends int
	Takes    time.Duration
	Load     Load
}

// Result is what a case cost, in all queries together.
type Result struct {
	Queries, Failed, Sent, Executed int64
}

// warm is how many quick calls come before: connections are there, and latencies are known.
const warm = 64

// Run runs a case.
func (c Case) Run(ctx context.Context) (Result, error) {
	cluster, err := start(c.Backends, c.Takes, c.Load == Refused)
	if err != nil {
		return Result{}, err
	}
	defer cluster.stop()
	address, err := naming.ParseAddress(cluster.address)
	if err != nil {
		return Result{}, err
	}
	client, err := querybackendclient.NewClient(transport.Config{Address: address, Timeout: 5 * time.Minute})
	if err != nil {
		return Result{}, err
	}
	defer func() { _ = client.Close() }()
	ask := func(tenant string) error {
		_, err := client.Invoke(ctx, &queryv1.InvokeRequest{Tenant: []string{tenant}})
		return err
	}
	for range warm {
		if err := ask(quickTenant); err != nil {
			return Result{}, err
		}
	}
	end := func() {}
	if c.Load == Beside {
		end = lookUps(ask)
	}
	callers, each := c.callers()
	if c.Load == Refused {
		together(callers, 20, func() { _ = ask(warmTenant) }) // what it takes at once is known, too
	}
	var failed atomic.Int64
	together(callers, each, func() {
		if ask("anonymous") != nil {
			failed.Add(1)
		}
	})
	end()
	r := Result{Queries: int64(callers * each), Failed: failed.Load()}
	r.Sent, r.Executed = cluster.counts()
	return r, nil
}

// together has callers ask side by side, each so often.
func together(callers, each int, ask func()) {
	var running sync.WaitGroup
	for range callers {
		running.Go(func() {
			for range each {
				ask()
			}
		})
	}
	running.Wait()
}

// callers is who asks at once, and how often each. The slower the cluster, the fewer.
func (c Case) callers() (callers, each int) {
	switch {
	case c.Load == Twice || c.Load == Refused:
		callers, each = 2*places*c.Backends, 4
		if c.Takes > 10*time.Second {
			each = 2
		}
	case c.Takes > 10*time.Second:
		callers, each = 1, 3
	default:
		callers, each = 1, 5
	}
	return callers, each
}

// lookUps asks quick queries, until it is ended.
func lookUps(ask func(tenant string) error) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for range 2 {
		running.Go(func() {
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					_ = ask(quickTenant) // what is measured is the other queries
				case <-ctx.Done():
					return
				}
			}
		})
	}
	return func() { cancel(); running.Wait() }
}
