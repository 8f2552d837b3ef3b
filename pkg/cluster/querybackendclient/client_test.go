package querybackendclient_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/internal/grpctest"
	"github.com/pyrofront/pyrofront/pkg/cluster/metastoreclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
	"github.com/pyrofront/pyrofront/pkg/cluster/querybackendclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// backend is a real gRPC server on loopback. It answers with the request's tenant as a tree.
type backend struct {
	queryv1.UnimplementedQueryBackendServiceServer
	metastorev1.UnimplementedMetadataQueryServiceServer
	address string
	calls   atomic.Int64
	health  *health.Server
	busy    atomic.Bool // answers ResourceExhausted every second time
}

func serve(t testing.TB, withHealth bool) *backend {
	t.Helper()
	b := &backend{health: health.NewServer()}
	server := grpc.NewServer()
	queryv1.RegisterQueryBackendServiceServer(server, b)
	metastorev1.RegisterMetadataQueryServiceServer(server, b)
	if withHealth {
		grpc_health_v1.RegisterHealthServer(server, b.health)
	}
	b.address = grpctest.Serve(t, server, "127.0.0.1:0")
	return b
}

func (b *backend) Invoke(_ context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	if b.calls.Add(1)%2 == 0 && b.busy.Load() {
		return nil, status.Error(codes.ResourceExhausted, "concurrency limit exceeded")
	}
	return &queryv1.InvokeResponse{Reports: []*queryv1.Report{{Tree: &queryv1.TreeReport{Tree: []byte(r.GetTenant()[0])}}}}, nil
}

func (b *backend) QueryMetadata(context.Context, *metastorev1.QueryMetadataRequest) (*metastorev1.QueryMetadataResponse, error) {
	return &metastorev1.QueryMetadataResponse{}, nil
}

func client(t testing.TB, c transport.Config) *querybackendclient.Client {
	t.Helper()
	cl, err := querybackendclient.NewClient(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cl.Close()) })
	return cl
}

func invoke(ctx context.Context, c *querybackendclient.Client) (string, error) {
	r, err := c.Invoke(ctx, &queryv1.InvokeRequest{Tenant: []string{"anonymous"}})
	if err != nil {
		return "", err
	}
	return string(r.GetReports()[0].GetTree().GetTree()), nil
}

func TestInvokeIsBalanced(t *testing.T) {
	var backends []*backend
	var addresses []string
	for range 3 {
		b := serve(t, true)
		backends, addresses = append(backends, b), append(addresses, b.address)
	}
	c := client(t, transport.Config{Address: at(strings.Join(addresses, ","))})
	for _, b := range backends {
		require.Eventually(t, func() bool {
			_, err := invoke(t.Context(), c)
			require.NoError(t, err)
			return b.calls.Load() > 0
		}, 10*time.Second, time.Millisecond, "all are connected to")
	}
	for _, b := range backends {
		b.calls.Store(0)
	}
	const queries = 90
	for range queries {
		got, err := invoke(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, "anonymous", got)
	}
	for _, b := range backends {
		require.Equal(t, int64(queries/3), b.calls.Load())
	}
}

// One backend alone, that turns away every second query: none fails.
func TestBusyBackend(t *testing.T) {
	b := serve(t, true)
	b.busy.Store(true)
	c := client(t, transport.Config{Address: at(b.address), Timeout: 10 * time.Second})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			for range 3 {
				if _, err := invoke(t.Context(), c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	require.Greater(t, b.calls.Load(), int64(60))
}

func TestProbe(t *testing.T) {
	with, without := serve(t, true), serve(t, false)
	for _, b := range []*backend{with, without} {
		probe, err := client(t, transport.Config{Address: at(b.address)}).Probe(t.Context())
		require.NoError(t, err)
		require.Equal(t, b.address, probe.Endpoint)
		require.Equal(t, 1, probe.Endpoints)
		require.Zero(t, b.calls.Load(), "no query is run")
	}

	with.health.SetServingStatus("", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	_, err := client(t, transport.Config{Address: at(with.address)}).Probe(t.Context())
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.ErrorContains(t, err, "query-backend at "+with.address)
	require.ErrorContains(t, err, "NOT_SERVING")
}

// All that are there say that they are not well: the user reads it in words.
func TestNotServing(t *testing.T) {
	one, two := serve(t, true), serve(t, true)
	for _, b := range []*backend{one, two} {
		b.health.SetServingStatus("", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	}
	c := client(t, transport.Config{Address: at(one.address + "," + two.address), Timeout: 500 * time.Millisecond})
	_, err := invoke(t.Context(), c)
	require.ErrorContains(t, err, "query-backend at 127.0.0.1:")
	require.ErrorContains(t, err, "the server says that it is not serving (NOT_SERVING)")
	require.NotContains(t, err.Error(), "pickfirst")
	require.NotContains(t, err.Error(), "desc =")
	require.Zero(t, one.calls.Load()+two.calls.Load())
}

// One process can be the metastore and the query-backend.
func TestOneProcessIsBoth(t *testing.T) {
	b := serve(t, true)
	config := transport.Config{Address: at(b.address)}
	_, err := invoke(t.Context(), client(t, config))
	require.NoError(t, err)
	m, err := metastoreclient.NewClient(config)
	require.NoError(t, err)
	_, err = m.QueryMetadata(t.Context(), &metastorev1.QueryMetadataRequest{})
	require.NoError(t, err)
	require.NoError(t, m.Close())
}

func TestClosed(t *testing.T) {
	c := client(t, transport.Config{Address: at(serve(t, true).address)})
	require.NoError(t, c.Close())
	_, err := invoke(t.Context(), c)
	require.Equal(t, codes.Unavailable, status.Code(err))
	_, err = c.Probe(t.Context())
	require.Equal(t, codes.Unavailable, status.Code(err))
}

// at parses an address that is right.
func at(address string) naming.Address {
	a, err := naming.ParseAddress(address)
	if err != nil {
		panic(err)
	}
	return a
}
