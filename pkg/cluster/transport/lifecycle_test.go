package transport_test

import (
	"context"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// counting counts a config's open connections.
func counting(c transport.Config, open *atomic.Int64) transport.Config {
	c.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		open.Add(1)
		return &countedConn{Conn: conn, open: open}, nil
	}
	return c
}

type countedConn struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

func TestCloseLetsTheLastCallEnd(t *testing.T) {
	arrived, finish := make(chan struct{}), make(chan struct{})
	s := serve(t, func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		close(arrived)
		<-finish
		return &queryv1.InvokeResponse{}, nil
	})
	var open atomic.Int64
	p := client(t, counting(transport.Config{Address: at(s.address)}, &open))
	done := make(chan error, 1)
	go func() {
		_, err := invoke(t.Context(), p)
		done <- err
	}()
	<-arrived
	require.NoError(t, p.Close())
	require.Equal(t, int64(1), open.Load())
	_, err := invoke(t.Context(), p)
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.ErrorContains(t, err, "closed")
	close(finish)
	require.NoError(t, <-done)
	require.Eventually(t, func() bool { return open.Load() == 0 }, waitLimit, poll)
}

// Settings that change a thousand times, with queries under way, leave nothing behind.
func TestThousandChangesLeaveNothing(t *testing.T) {
	s, hung := serve(t, nil), serve(t, hangs(nil))
	ignore := goleak.IgnoreCurrent()
	var open atomic.Int64
	var memory [2]runtime.MemStats
	for i := range 1000 {
		if i == 100 {
			runtime.GC()
			runtime.ReadMemStats(&memory[0])
		}
		p, err := transport.NewClient("query-backend", counting(transport.Config{Address: at(s.address)}, &open), &transport.LeastLoaded{})
		require.NoError(t, err)
		if i%2 == 0 {
			_, err = invoke(t.Context(), p)
			require.NoError(t, err)
		}
		if i%100 == 0 {
			other, err := transport.NewClient("query-backend", counting(transport.Config{Address: at(hung.address)}, &open), &transport.LeastLoaded{})
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			before := hung.calls.Load()
			go func() {
				defer close(done)
				_, _ = invoke(ctx, other)
			}()
			require.Eventually(t, func() bool { return hung.calls.Load() > before }, waitLimit, poll)
			require.NoError(t, other.Close())
			cancel()
			<-done
		}
		require.NoError(t, p.Close())
		require.NoError(t, p.Close(), "again")
	}
	require.Eventually(t, func() bool { return open.Load() == 0 }, waitLimit, poll)
	s.grpc.Stop()
	hung.grpc.Stop()
	goleak.VerifyNone(t, ignore)
	runtime.GC()
	runtime.ReadMemStats(&memory[1])
	require.Less(t, int64(memory[1].HeapAlloc)-int64(memory[0].HeapAlloc), int64(8<<20))
}

// Health that the server offers is watched.
func TestUnhealthyEndpointIsAvoided(t *testing.T) {
	a, b := serve(t, nil), serve(t, nil)
	p := client(t, transport.Config{Address: at(a.address + "," + b.address)})
	warmUp(t, p, a, b)
	a.health.SetServingStatus("", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	settled := func(s *server) func() bool {
		return func() bool {
			before := s.calls.Load()
			for range 4 {
				_, err := invoke(t.Context(), p)
				require.NoError(t, err)
			}
			return s.calls.Load() == before
		}
	}
	require.Eventually(t, settled(a), waitLimit, poll)
	a.health.SetServingStatus("", grpc_health_v1.HealthCheckResponse_SERVING)
	require.Eventually(t, func() bool { return !settled(a)() }, waitLimit, poll)
}

// A connection whose other end is gone without a word, in the middle of a call: the packets go nowhere. It costs the call
// a ping's time and its time-out, and not the answer. A lone endpoint's silence ends with the deadline.
func TestHalfOpenConnection(t *testing.T) {
	t.Parallel()
	hole := &blackHole{}
	arrived := make(chan struct{}, 2)
	var working atomic.Bool
	gone := serve(t, func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		if !working.Load() {
			return &queryv1.InvokeResponse{}, nil
		}
		arrived <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	good := serve(t, nil)
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil && address == gone.address {
			return &holedConn{Conn: conn, hole: hole}, nil
		}
		return conn, err
	}
	o := &observer{}
	alone := client(t, transport.Config{Address: at(gone.address), Dialer: dial})
	both := client(t, transport.Config{Address: at(gone.address + "," + good.address), Dialer: dial, Observer: o})
	warmUp(t, both, gone, good)
	working.Store(true)
	began := time.Now()
	done := make(chan error, 1)
	for range 2 { // one of them goes to the one that will be gone
		go func() {
			_, err := invoke(t.Context(), both)
			done <- err
		}()
	}
	<-arrived
	hole.open.Store(true)
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	require.Less(t, time.Since(began), 17*time.Second, "a ping after 10 s, and 5 s for its answer")
	require.Equal(t, int64(1), o.retries.Load())
	require.Equal(t, []transport.Reason{transport.ConnectionLost}, o.abandoned())

	ctx, cancel := contextWithTimeout(t, 300*time.Millisecond)
	defer cancel()
	_, err := invoke(ctx, alone)
	require.Equal(t, codes.DeadlineExceeded, status.Code(err))
	require.ErrorContains(t, err, gone.address+": no answer within")
}

// blackHole swallows, once open, what is written.
type blackHole struct{ open atomic.Bool }

type holedConn struct {
	net.Conn
	hole *blackHole
}

func (c *holedConn) Write(b []byte) (int, error) {
	if c.hole.open.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}
