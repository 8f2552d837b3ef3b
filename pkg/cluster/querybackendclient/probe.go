package querybackendclient

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// Probe asks for the health of one query-backend after the other until one is well, for a health check. A server without
// gRPC's health service is well when it answers. There are no retries, so a failure shows at once; the error says what
// failed.
func (c *Client) Probe(ctx context.Context) (transport.Probe, error) {
	return c.transport.Check(ctx, func(ctx context.Context, conn grpc.ClientConnInterface) (struct{}, error) {
		r, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		switch status.Code(err) {
		case codes.Unimplemented, codes.NotFound:
			return struct{}{}, nil
		case codes.OK:
			if s := r.GetStatus(); s != grpc_health_v1.HealthCheckResponse_SERVING && s != grpc_health_v1.HealthCheckResponse_UNKNOWN {
				return struct{}{}, status.Errorf(codes.Unavailable, "the server says that it is not serving (%s)", s)
			}
		}
		return struct{}{}, err
	})
}
