package faulttest

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		runChild()
		return
	}
	goleak.VerifyTestMain(m)
}

// A fault makes a stack misbehave while the load runs.
type fault struct {
	name     string
	backends int
	// load runs the load, and the fault beside it.
	load func(t *testing.T, store *blockstore.Store, stack *devstack.Stack) *run
}

// faults are those under which no query may fail.
var faults = []fault{
	{"leader moves every 200 ms", 3, func(t *testing.T, _ *blockstore.Store, stack *devstack.Stack) (r *run) {
		c := newClients(t, stack)
		during(func() { r = load(t.Context(), c) }, func(ctx context.Context) {
			pause(ctx, 200*time.Millisecond)
			if err := stack.Metastore.MoveLeader((stack.Metastore.Leader() + 1) % 3); err != nil {
				t.Error(err)
			}
		})
		return r
	}},
	{"leader killed, election takes 1 s", 3, func(t *testing.T, _ *blockstore.Store, stack *devstack.Stack) (r *run) {
		c := newClients(t, stack)
		var once sync.Once
		during(func() { r = load(t.Context(), c) }, func(ctx context.Context) {
			once.Do(func() {
				pause(ctx, 500*time.Millisecond)
				// For a while the others still name the dead one, then nobody, then the new one.
				if err := stack.Metastore.Stop(0); err != nil {
					t.Error(err)
				}
				pause(ctx, 500*time.Millisecond)
				stack.Metastore.NoLeader()
				pause(ctx, 500*time.Millisecond)
				if err := stack.Metastore.MoveLeader(1); err != nil {
					t.Error(err)
				}
			})
			<-ctx.Done()
		})
		return r
	}},
	{"one of three backends killed and restarted in a loop", 3, func(t *testing.T, _ *blockstore.Store, stack *devstack.Stack) (r *run) {
		c := newClients(t, stack)
		during(func() { r = load(t.Context(), c) }, func(ctx context.Context) {
			stack.QueryBackends[1].Stop()
			pause(ctx, 150*time.Millisecond)
			if err := stack.QueryBackends[1].Start(); err != nil {
				t.Error(err)
			}
			pause(ctx, 150*time.Millisecond)
		})
		return r
	}},
	{"one of three backends busy half the time", 3, func(t *testing.T, _ *blockstore.Store, stack *devstack.Stack) *run {
		stack.QueryBackends[0].Faults().Fail(codes.ResourceExhausted, 1, 2)
		return load(t.Context(), newClients(t, stack))
	}},
	{"the only backend busy half the time", 1, func(t *testing.T, _ *blockstore.Store, stack *devstack.Stack) *run {
		stack.QueryBackends[0].Faults().Fail(codes.ResourceExhausted, 1, 2)
		return load(t.Context(), newClients(t, stack).inOneNode())
	}},
	{"one of three backends takes 1 s", 3, slow(time.Second)},
	{"one of three backends takes 4 s", 3, slow(4 * time.Second)},
	{"one of three backends takes 1 s (one READ node)", 3, slowInOneNode(time.Second)},
	{"one of three backends takes 4 s (one READ node)", 3, slowInOneNode(4 * time.Second)},
	{"a name grows from 1 to 5 backends", 1, func(t *testing.T, store *blockstore.Store, stack *devstack.Stack) (r *run) {
		_, port, err := net.SplitHostPort(stack.QueryBackends[0].Addr())
		require.NoError(t, err)
		n := &names{addresses: []string{"127.0.0.1"}}
		c := newClientsOf(t, transport.Config{Address: at(stack.MetastoreAddress())}, transport.Config{Address: at("dns:///backends:" + port), Resolver: n})
		servers := []*querybackend.Server{stack.QueryBackends[0]}
		for i := 2; i <= 5; i++ {
			s, err := querybackend.New(querybackend.Config{Address: fmt.Sprintf("127.0.0.%d:%s", i, port), Blocks: store})
			require.NoError(t, err)
			require.NoError(t, s.Start())
			t.Cleanup(s.Stop)
			servers = append(servers, s)
		}
		var once sync.Once
		during(func() { r = load(t.Context(), c) }, func(ctx context.Context) {
			once.Do(func() {
				for i := 2; i <= 5; i++ {
					pause(ctx, 100*time.Millisecond)
					n.add(fmt.Sprintf("127.0.0.%d", i))
				}
			})
			<-ctx.Done()
		})
		// The names are looked up again while queries go on.
		for _, s := range servers {
			require.Eventually(t, func() bool {
				_, err := c.flameGraph(t.Context())
				require.NoError(t, err)
				return s.Faults().Requests() > 0
			}, deadline, interval, "%s takes part", s.Addr())
		}
		return r
	}},
}

// slow has one backend take so long for each part that it gets. With MERGE nodes nearly every query waits for it.
func slow(d time.Duration) func(*testing.T, *blockstore.Store, *devstack.Stack) *run {
	return func(t *testing.T, _ *blockstore.Store, stack *devstack.Stack) *run {
		stack.QueryBackends[1].Faults().SetDelay(d)
		return loadOf(t.Context(), newClients(t, stack), 4*callers)
	}
}

func slowInOneNode(d time.Duration) func(*testing.T, *blockstore.Store, *devstack.Stack) *run {
	return func(t *testing.T, _ *blockstore.Store, stack *devstack.Stack) *run {
		stack.QueryBackends[1].Faults().SetDelay(d)
		c := newClients(t, stack).inOneNode()
		r := load(t.Context(), c)
		executions := int64(0)
		for _, b := range stack.QueryBackends {
			executions += b.Faults().Requests()
		}
		require.Equal(t, int64(len(r.took)), executions, "each query is executed once")
		return r
	}
}

// TestNoQueryFails has faults of which most show at once. TestSilentBackends has those that only silence tells.
func TestNoQueryFails(t *testing.T) {
	store := newStore(t)
	calmStack := newStack(t, store, 3)
	calm := load(t.Context(), newClients(t, calmStack))
	require.Empty(t, calm.errors)
	answer := calm.answers[0]
	require.NotEmpty(t, answer)
	require.Zero(t, calm.unlike(answer))

	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	row := func(name string, r *run) {
		if len(r.took) == 0 {
			return
		}
		_, err := fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\t%s\t%.1f\t%.1f\n", name, len(r.took), len(r.errors), r.unlike(answer),
			r.quantile(50), r.quantile(99), float64(r.quantile(50))/float64(calm.quantile(50)), float64(r.quantile(99))/float64(calm.quantile(99)))
		require.NoError(t, err)
	}
	_, err := fmt.Fprintln(table, "fault\tqueries\tfailed\tother answers\tp50\tp99\tp50 / calm\tp99 / calm")
	require.NoError(t, err)
	row("calm", calm)
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			r := f.load(t, store, newStack(t, store, f.backends))
			row(f.name, r)
			require.Empty(t, r.errors)
			require.NotEmpty(t, r.answers)
			require.Zero(t, r.unlike(answer))
		})
	}
	require.NoError(t, table.Flush())
	t.Log("\n" + text.String())
}

// names is a name server whose answer grows.
type names struct {
	mu        sync.Mutex
	addresses []string
}

func (n *names) LookupHost(context.Context, string) ([]string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.addresses...), nil
}

// LookupSRV knows no services.
func (n *names) LookupSRV(context.Context, string, string, string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func (n *names) add(address string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addresses = append(n.addresses, address)
}
