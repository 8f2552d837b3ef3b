package faulttest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// silence is how long a query may wait for a backend that has fallen silent: a keepalive ping after 10 s, and 5 s for
// its answer. A part that one backend sent to another waits for that one's pings as well.
const silence = 15 * time.Second

// silences are backends of which the connection looks alive. Each falls silent under the load.
var silences = []struct {
	name  string
	shape queryplan.Options
	most  time.Duration
	// of returns the address of the third backend, and what silences it.
	of func(t *testing.T, store *blockstore.Store, third *querybackend.Server) (address string, silence func())
}{
	{"a process is frozen (SIGSTOP)", queryplan.Options{}, silence, frozen},
	{"a process is frozen (SIGSTOP), with MERGE nodes", merged, 2 * silence, frozen},
	{"a half-open connection", queryplan.Options{}, silence, halfOpen},
	{"a load balancer drops silently", queryplan.Options{}, silence, dropping},
}

// No query fails, and each costs at most the time to find out.
func TestSilentBackends(t *testing.T) {
	store := newStore(t)
	calm := load(t.Context(), newClients(t, newStack(t, store, 3)))
	require.Empty(t, calm.errors)
	for _, s := range silences {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			stack := newStack(t, store, 3)
			third, silenceIt := s.of(t, store, stack.QueryBackends[2])
			addresses := []string{stack.QueryBackends[0].Addr(), stack.QueryBackends[1].Addr(), third}
			for _, b := range stack.QueryBackends {
				b.SetPeers(addresses...)
			}
			c := newClientsOf(t, transport.Config{Address: at(stack.MetastoreAddress())}, transport.Config{Address: at(strings.Join(addresses, ","))})
			c.shape = s.shape
			var r *run
			var once sync.Once
			during(func() { r = load(t.Context(), c) }, func(ctx context.Context) {
				once.Do(func() {
					pause(ctx, 500*time.Millisecond)
					silenceIt()
				})
				<-ctx.Done()
			})
			require.Empty(t, r.errors)
			require.Len(t, r.answers, queries)
			require.Zero(t, r.unlike(calm.answers[0]))
			longest := r.took[len(r.took)-1]
			require.Greater(t, longest, time.Second, "the silence met a query")
			require.Less(t, longest, s.most+5*time.Second)
			t.Logf("%s: %d queries, 0 failed, p50 %s, p99 %s, longest %s", s.name, len(r.took), r.quantile(50), r.quantile(99), longest.Round(time.Millisecond))
		})
	}
}

// childVariable makes this test's binary a query-backend.
const childVariable = "PYROFRONT_FAULTTEST_BACKEND"

// runChild serves the same blocks as newStore's until its input ends. It prints its address, and is its own only peer.
func runChild() {
	store := blockstore.New()
	recordings, err := devstack.Recordings()
	if err == nil {
		err = devstack.Load(store, tenant, recordings, dataFrom)
	}
	var server *querybackend.Server
	if err == nil {
		server, err = querybackend.New(querybackend.Config{Blocks: store})
	}
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(server.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// frozen is a query-backend in a process of its own, which is stopped where it stands.
func frozen(t *testing.T, _ *blockstore.Store, _ *querybackend.Server) (string, func()) {
	if stop == nil {
		t.Skip("processes cannot be stopped here")
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"=1")
	child.Stderr = os.Stderr
	input, err := child.StdinPipe()
	require.NoError(t, err)
	output, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() {
		_ = input.Close()
		_ = child.Process.Kill()
		_ = child.Wait()
	})
	address, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(address), func() {
		if err := stop(child.Process); err != nil {
			t.Error(err)
		}
	}
}

// halfOpen is a connection of which the other end is gone: what is written goes nowhere, and nothing comes.
func halfOpen(t *testing.T, _ *blockstore.Store, third *querybackend.Server) (string, func()) {
	return proxied(t, third.Addr(), func(c net.Conn) { _ = c.Close() })
}

// dropping is a load balancer that has lost its way to the backend and keeps its own connections open.
func dropping(t *testing.T, _ *blockstore.Store, third *querybackend.Server) (string, func()) {
	return proxied(t, third.Addr(), func(net.Conn) {})
}

// proxied puts a proxy before a backend. Once silent, it takes bytes, and new connections, and passes nothing on; lost is
// what it does to its connections to the backend then.
func proxied(t *testing.T, backend string, lost func(net.Conn)) (string, func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var silent atomic.Bool
	var group sync.WaitGroup
	var mu sync.Mutex
	var all []net.Conn
	keep := func(c net.Conn) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, c)
	}
	copySome := func(to, from net.Conn) {
		buffer := make([]byte, 32<<10)
		for {
			n, err := from.Read(buffer)
			if silent.Load() {
				if err != nil {
					return
				}
				continue
			}
			if n > 0 {
				_, _ = to.Write(buffer[:n])
			}
			if err != nil {
				_ = to.Close()
				return
			}
		}
	}
	group.Go(func() {
		for {
			front, err := listener.Accept()
			if err != nil {
				return
			}
			keep(front)
			if silent.Load() {
				continue
			}
			back, err := net.Dial("tcp", backend)
			if err != nil {
				_ = front.Close()
				continue
			}
			keep(back)
			group.Go(func() { copySome(back, front) })
			group.Go(func() { copySome(front, back) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for _, c := range all {
			_ = c.Close()
		}
		mu.Unlock()
		group.Wait()
	})
	return listener.Addr().String(), func() {
		silent.Store(true)
		mu.Lock()
		defer mu.Unlock()
		for _, c := range all {
			if c.RemoteAddr().String() == backend {
				lost(c)
			}
		}
	}
}
