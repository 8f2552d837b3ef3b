package transport_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// Pyroscope's servers close the connection of a client that pings more often than once a second, or while no call is
// under way. A query that takes longer than a few pings, and pauses that do, are executed once and lose nothing.
func TestPingsStayWithinPyroscopesPolicy(t *testing.T) {
	t.Parallel()
	s := serve(t, func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		select {
		case <-time.After(22 * time.Second):
			return &queryv1.InvokeResponse{}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}, grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second}))
	var opened atomic.Int64
	o := &observer{}
	c := client(t, counting(transport.Config{Address: at(s.address), Observer: o}, &opened))
	_, err := invoke(t.Context(), c)
	require.NoError(t, err)
	s.set(nil)
	_, err = invoke(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, int64(2), s.calls.Load())
	require.Equal(t, int64(1), opened.Load(), "the connection has stayed")
	require.Empty(t, o.abandoned())
}

// A server that takes so many calls at once, and turns others away, is not asked again and again.
func TestRoomIsLearnt(t *testing.T) {
	const places, callers, each = 3, 12, 20
	place := make(chan struct{}, places)
	s := serve(t, func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		select {
		case place <- struct{}{}:
		default:
			return nil, status.Error(codes.ResourceExhausted, "concurrency limit exceeded")
		}
		time.Sleep(10 * time.Millisecond)
		<-place
		return &queryv1.InvokeResponse{}, nil
	})
	c := client(t, transport.Config{Address: at(s.address)})
	var running sync.WaitGroup
	for range callers {
		running.Go(func() {
			for range each {
				if _, err := invoke(t.Context(), c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	require.Less(t, s.calls.Load(), int64(callers*each*13/10))
}

// A call that finds no place in its time says so.
func TestNoPlace(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	s := serve(t, func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		if first.Swap(true) {
			return nil, status.Error(codes.ResourceExhausted, "concurrency limit exceeded")
		}
		close(begun)
		<-end
		return &queryv1.InvokeResponse{}, nil
	})
	c := client(t, transport.Config{Address: at(s.address)})
	done := make(chan error, 1)
	go func() {
		_, err := invoke(t.Context(), c)
		done <- err
	}()
	<-begun
	ctx, cancel := contextWithTimeout(t, 300*time.Millisecond)
	defer cancel()
	_, err := invoke(ctx, c)
	require.Equal(t, codes.DeadlineExceeded, status.Code(err))
	require.ErrorContains(t, err, "it is busy, and takes no more than 1 at once")
	require.Equal(t, int64(2), s.calls.Load())
	close(end)
	require.NoError(t, <-done)
}

// What a query cost in vain is told to those who ask.
func TestTally(t *testing.T) {
	good, bad := serve(t, nil), serve(t, fails(status.Error(codes.Unavailable, "not now")))
	c := client(t, transport.Config{Address: at(bad.address + "," + good.address)})
	tally := new(transport.Tally)
	for bad.calls.Load() == 0 {
		_, err := invoke(transport.WithTally(t.Context(), tally), c)
		require.NoError(t, err)
	}
	require.Equal(t, map[transport.Abandoned]int{{Service: "query-backend", Reason: transport.Unavailable}: 1}, tally.Counts())

	hung := serve(t, hangs(nil))
	c = client(t, transport.Config{Address: at(hung.address)})
	ctx, cancel := contextWithTimeout(t, 2*time.Second)
	defer cancel()
	tally = new(transport.Tally)
	_, err := invoke(transport.WithTally(ctx, tally), c)
	require.Error(t, err)
	require.Equal(t, map[transport.Abandoned]int{{Service: "query-backend", Reason: transport.TimedOut}: 1}, tally.Counts())
}
