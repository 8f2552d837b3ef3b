package transport_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/pyrofront/pyrofront/internal/grpctest"
	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Bounds of waiting for a condition; no test waits that long unless it fails.
const (
	waitLimit = 10 * time.Second
	poll      = time.Millisecond
)

type handler func(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error)

// server is a real gRPC server on loopback. The query-backend's service serves as any service here.
type server struct {
	queryv1.UnimplementedQueryBackendServiceServer
	address string
	options []grpc.ServerOption
	handle  atomic.Pointer[handler]
	calls   atomic.Int64
	grpc    *grpc.Server
	health  *health.Server
}

// serve starts a server; with no handler it answers at once.
func serve(t testing.TB, h handler, options ...grpc.ServerOption) *server {
	t.Helper()
	s := &server{options: options}
	s.set(h)
	s.start(t, "127.0.0.1:0")
	return s
}

func (s *server) start(t testing.TB, address string) {
	t.Helper()
	s.grpc = grpc.NewServer(s.options...)
	queryv1.RegisterQueryBackendServiceServer(s.grpc, s)
	s.health = health.NewServer()
	grpc_health_v1.RegisterHealthServer(s.grpc, s.health)
	s.address = grpctest.Serve(t, s.grpc, address)
}

func (s *server) set(h handler) {
	if h == nil {
		h = func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
			return &queryv1.InvokeResponse{}, nil
		}
	}
	s.handle.Store(&h)
}

func (s *server) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	s.calls.Add(1)
	return (*s.handle.Load())(ctx, r)
}

// client makes a client that is closed at the test's end.
func client(t testing.TB, c transport.Config) *transport.Client {
	t.Helper()
	p, err := transport.NewClient("query-backend", c, &transport.LeastLoaded{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func invoke(ctx context.Context, p *transport.Client) (*queryv1.InvokeResponse, error) {
	return transport.Call(ctx, p, func(ctx context.Context, conn grpc.ClientConnInterface) (*queryv1.InvokeResponse, error) {
		return queryv1.NewQueryBackendServiceClient(conn).Invoke(ctx, &queryv1.InvokeRequest{})
	})
}

// unusedAddress is an address at which nothing listens.
func unusedAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}

func fails(err error) handler {
	return func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) { return nil, err }
}

// hangs never answers; it tells the channel, when there is one, that it has been cancelled.
func hangs(cancelled chan<- struct{}) handler {
	return func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		<-ctx.Done()
		if cancelled != nil {
			cancelled <- struct{}{}
		}
		return nil, ctx.Err()
	}
}

func contextWithTimeout(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

// warmUp asks until all servers have taken part: they are connected then.
func warmUp(t testing.TB, p *transport.Client, servers ...*server) {
	t.Helper()
	for _, s := range servers {
		require.Eventually(t, func() bool {
			_, err := invoke(t.Context(), p)
			require.NoError(t, err)
			return s.calls.Load() > 0
		}, waitLimit, poll)
	}
}

// at parses an address that is right.
func at(address string) naming.Address {
	a, err := naming.ParseAddress(address)
	if err != nil {
		panic(err)
	}
	return a
}
