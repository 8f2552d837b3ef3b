package querybackend_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
)

// simple is a request that succeeds on a server of a treeBlock.
func simple() *queryv1.InvokeRequest {
	return request(readNode(only(treeBlock(), 0)), treeOf(&queryv1.TreeQuery{}))
}

// invokeAsync calls in the background and delivers the error.
func invokeAsync(ctx context.Context, c queryv1.QueryBackendServiceClient, r *queryv1.InvokeRequest) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := c.Invoke(ctx, r)
		done <- err
	}()
	return done
}

func TestFailures(t *testing.T) {
	s, c := start(t, newStorage(treeBlock()))
	for name, tc := range map[string]struct {
		share, of uint32
		want      string // F: the call fails
	}{
		"never":       {0, 1, "......"},
		"always":      {1, 1, "FFFFFF"},
		"every third": {1, 3, "..F..F..F"},
		"two of five": {2, 5, "..F.F..F.F"},
		"no calls":    {1, 0, "..."},
	} {
		t.Run(name, func(t *testing.T) {
			s.Faults().Fail(codes.ResourceExhausted, tc.share, tc.of)
			got := ""
			for range tc.want {
				_, err := c.Invoke(testContext(t), simple())
				switch status.Code(err) {
				case codes.OK:
					got += "."
				case codes.ResourceExhausted:
					got += "F"
				default:
					require.NoError(t, err)
				}
			}
			require.Equal(t, tc.want, got)
		})
	}
	s.Faults().Clear()
	_, err := c.Invoke(testContext(t), simple())
	require.NoError(t, err)
	require.Equal(t, int64(6+6+9+10+3+1), s.Faults().Requests())
	require.Equal(t, int64(0), s.Faults().InFlight())
}

func TestHangUntilCancelled(t *testing.T) {
	s, c := start(t, newStorage(treeBlock()))
	s.Faults().SetHang(true)
	ctx, cancel := context.WithCancel(testContext(t))
	first, second := invokeAsync(ctx, c, simple()), invokeAsync(ctx, c, simple())
	require.NoError(t, s.Faults().AwaitInFlight(testContext(t), 2))
	require.Equal(t, int64(2), s.Faults().InFlight())

	s.Faults().SetHang(false)
	_, err := c.Invoke(testContext(t), simple())
	require.NoError(t, err, "calls that come later do not hang")
	cancel()
	require.Equal(t, codes.Canceled, status.Code(<-first))
	require.Equal(t, codes.Canceled, status.Code(<-second))
	require.NoError(t, s.Faults().AwaitInFlight(testContext(t), 0))
}

// AwaitInFlight ends with its context.
func TestAwaitInFlightEnds(t *testing.T) {
	s, _ := start(t, newStorage())
	ctx, cancel := context.WithCancel(testContext(t))
	cancel()
	require.ErrorIs(t, s.Faults().AwaitInFlight(ctx, 1), context.Canceled)
}

func TestDelay(t *testing.T) {
	s, c := start(t, newStorage(treeBlock()))
	s.Faults().SetDelay(time.Millisecond)
	_, err := c.Invoke(testContext(t), simple())
	require.NoError(t, err)

	s.Faults().SetDelay(time.Hour)
	ctx, cancel := context.WithCancel(testContext(t))
	done := invokeAsync(ctx, c, simple())
	require.NoError(t, s.Faults().AwaitInFlight(testContext(t), 1))
	cancel()
	require.Equal(t, codes.Canceled, status.Code(<-done))
	require.NoError(t, s.Faults().AwaitInFlight(testContext(t), 0), "the server does not wait on")
}

// A delayed failure: first the delay, then the error.
func TestDelayedFailure(t *testing.T) {
	s, c := start(t, newStorage(treeBlock()))
	s.Faults().SetDelay(time.Millisecond)
	s.Faults().Fail(codes.Unavailable, 1, 1)
	_, err := c.Invoke(testContext(t), simple())
	require.Equal(t, codes.Unavailable, status.Code(err))
}

func TestDieMidCallAndRestart(t *testing.T) {
	s, c := start(t, newStorage(treeBlock()))
	address := s.Addr()
	s.Faults().DieOnNextCall()
	_, err := c.Invoke(testContext(t), simple())
	require.Equal(t, codes.Unavailable, status.Code(err), "%v", err)
	_, err = c.Invoke(testContext(t), simple())
	require.Equal(t, codes.Unavailable, status.Code(err), "it stays dead")

	require.NoError(t, s.Restart())
	require.Equal(t, address, s.Addr())
	_, err = c.Invoke(testContext(t), simple(), grpc.WaitForReady(true))
	require.NoError(t, err)
}

func TestStopCancelsCalls(t *testing.T) {
	s, c := start(t, newStorage(treeBlock()))
	s.Faults().SetHang(true)
	done := invokeAsync(testContext(t), c, simple())
	require.NoError(t, s.Faults().AwaitInFlight(testContext(t), 1))
	s.Stop()
	require.Equal(t, codes.Unavailable, status.Code(<-done))
	require.Equal(t, int64(0), s.Faults().InFlight(), "Stop has waited")
	s.Stop() // once more does nothing
}

func TestServerLifecycle(t *testing.T) {
	_, err := querybackend.New(querybackend.Config{})
	require.ErrorContains(t, err, "block reader")

	s, _ := start(t, newStorage())
	require.ErrorContains(t, s.Start(), "runs already")

	taken, err := querybackend.New(querybackend.Config{Blocks: newStorage(), Address: s.Addr()})
	require.NoError(t, err)
	require.ErrorContains(t, taken.Start(), s.Addr())
	taken.Stop() // of what never ran
}

func TestHealth(t *testing.T) {
	s, _ := start(t, newStorage())
	conn, err := grpc.NewClient("passthrough:///"+s.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	for _, service := range []string{"", queryv1.QueryBackendService_ServiceDesc.ServiceName} {
		answer, err := grpc_health_v1.NewHealthClient(conn).Check(testContext(t), &grpc_health_v1.HealthCheckRequest{Service: service})
		require.NoError(t, err)
		require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, answer.Status)
	}
	require.Zero(t, s.Faults().Requests(), "health checks are not counted")
}
