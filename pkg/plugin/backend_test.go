package plugin_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/grpctest"
)

// invokeFunc is a query-backend that answers what a test wants.
type invokeFunc func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error)

type fakeBackend struct {
	queryv1.UnimplementedQueryBackendServiceServer
	invoke invokeFunc
}

func (b fakeBackend) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	return b.invoke(ctx, r)
}

// serveBackend serves a query-backend on loopback, and returns its address.
func serveBackend(t testing.TB, invoke invokeFunc) string {
	t.Helper()
	return serve(t, func(server *grpc.Server) {
		queryv1.RegisterQueryBackendServiceServer(server, fakeBackend{invoke: invoke})
	})
}

func serve(t testing.TB, register func(*grpc.Server)) string {
	t.Helper()
	server := grpc.NewServer()
	register(server)
	return grpctest.Serve(t, server, "127.0.0.1:0")
}
