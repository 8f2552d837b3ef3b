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
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

func read(ctx context.Context, c *transport.Client, method string) error {
	_, err := transport.CallHedged(ctx, c, method, func(ctx context.Context, conn grpc.ClientConnInterface) (*queryv1.InvokeResponse, error) {
		return queryv1.NewQueryBackendServiceClient(conn).Invoke(ctx, &queryv1.InvokeRequest{})
	})
	return err
}

func (o *observer) hedged() int64 { return o.hedges.Load() }

// A read that hangs is answered by another endpoint, once its method's latencies are known. Losing is no failure.
func TestReadIsHedged(t *testing.T) {
	// A server that takes a while: on a busy machine, one that answers at once would be hedged by chance.
	usual := func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		time.Sleep(30 * time.Millisecond)
		return &queryv1.InvokeResponse{}, nil
	}
	one, two := serve(t, usual), serve(t, usual)
	o := &observer{}
	c := client(t, transport.Config{Address: at(one.address + "," + two.address), Observer: o})
	warmUp(t, c, one, two)
	for range 60 {
		require.NoError(t, read(t.Context(), c, "Read"))
	}
	before := o.hedged()
	cancelled := make(chan struct{}, 10)
	one.set(hangs(cancelled))
	for range 2 { // one of the two goes there first
		require.NoError(t, read(t.Context(), c, "Read"))
	}
	require.Contains(t, []int64{before + 1, before + 2}, o.hedged(), "the one that hangs, and at most the other by chance")
	<-cancelled
	require.Eventually(t, func() bool { return len(o.abandoned()) > 0 }, waitLimit, poll)
	require.Subset(t, []transport.Reason{transport.Overtaken}, o.abandoned())
	require.Zero(t, o.retries.Load())

	one.set(usual)
	calls := one.calls.Load()
	for range 4 {
		require.NoError(t, read(t.Context(), c, "Read"))
	}
	require.GreaterOrEqual(t, one.calls.Load(), calls+2, "it keeps its place")
}

// A query is not hedged, whatever is known of other calls, and neither is a read of which nothing is known.
func TestQueriesAreNotHedged(t *testing.T) {
	one, two := serve(t, nil), serve(t, nil)
	o := &observer{}
	c := client(t, transport.Config{Address: at(one.address + "," + two.address), Observer: o})
	warmUp(t, c, one, two)
	for range 60 {
		require.NoError(t, read(t.Context(), c, "Read"))
	}
	before := o.hedged()
	slow := func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		select {
		case <-time.After(1500 * time.Millisecond):
		case <-ctx.Done():
		}
		return &queryv1.InvokeResponse{}, nil
	}
	one.set(slow)
	two.set(slow)
	calls := one.calls.Load() + two.calls.Load()
	var running sync.WaitGroup
	for range 2 {
		running.Go(func() {
			if _, err := invoke(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
		running.Go(func() {
			if err := read(t.Context(), c, "Another"); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	require.Equal(t, before, o.hedged())
	require.Equal(t, calls+4, one.calls.Load()+two.calls.Load())
	require.Empty(t, o.abandoned())
}

// However slow a service becomes, hedges are a tenth of its answers at most.
func TestHedgesHaveABudget(t *testing.T) {
	var slow atomic.Bool
	answer := func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		if slow.Load() {
			select {
			case <-time.After(120 * time.Millisecond):
			case <-ctx.Done():
			}
		}
		return &queryv1.InvokeResponse{}, nil
	}
	one, two := serve(t, answer), serve(t, answer)
	o := &observer{}
	c := client(t, transport.Config{Address: at(one.address + "," + two.address), Observer: o})
	warmUp(t, c, one, two)
	answered := int64(0)
	for range 50 {
		require.NoError(t, read(t.Context(), c, "Read"))
		answered++
	}
	slow.Store(true)
	for range 20 {
		require.NoError(t, read(t.Context(), c, "Read"))
		answered++
	}
	require.Positive(t, o.hedged())
	require.LessOrEqual(t, o.hedged(), answered/10)
}

// Of two attempts, an error that is the answer ends the call; one that another endpoint may not meet does not.
func TestHedgeWithAFailure(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want codes.Code
	}{
		"answer":    {status.Error(codes.InvalidArgument, "no"), codes.InvalidArgument},
		"transient": {status.Error(codes.Unavailable, "not now"), codes.OK},
	} {
		t.Run(name, func(t *testing.T) {
			one, two := serve(t, nil), serve(t, nil)
			c := client(t, transport.Config{Address: at(one.address + "," + two.address)})
			warmUp(t, c, one, two)
			for range 60 {
				require.NoError(t, read(t.Context(), c, "Read"))
			}
			var first atomic.Bool
			respond := func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
				if !first.Swap(true) {
					select {
					case <-time.After(300 * time.Millisecond):
					case <-ctx.Done():
					}
					return &queryv1.InvokeResponse{}, nil
				}
				return nil, test.err
			}
			one.set(respond)
			two.set(respond)
			require.Equal(t, test.want, status.Code(read(t.Context(), c, "Read")))
		})
	}
}
