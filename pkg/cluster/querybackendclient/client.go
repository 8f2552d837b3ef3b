// Package querybackendclient is the client of Pyroscope's query-backends. Any of them can run a plan: the client balances the
// plans over all that the configured address leads to, and goes to another one where one is lost, or says that it is busy.
// A plan that takes long is never sent a second time.
package querybackendclient

import (
	"context"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"google.golang.org/grpc"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// Service is what errors and metrics call the other side.
const Service = "query-backend"

// Client asks the query-backends. It is safe for concurrent use.
type Client struct {
	transport *transport.Client
}

// NewClient makes a client. It connects when first asked; an error is one of the configuration.
func NewClient(c transport.Config) (*Client, error) {
	t, err := transport.NewClient(Service, c, &transport.LeastLoaded{})
	if err != nil {
		return nil, err
	}
	return &Client{transport: t}, nil
}

// Invoke sends a plan's root to one query-backend (query.v1.QueryBackendService).
func (c *Client) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	return transport.Call(ctx, c.transport, func(ctx context.Context, conn grpc.ClientConnInterface) (*queryv1.InvokeResponse, error) {
		return queryv1.NewQueryBackendServiceClient(conn).Invoke(ctx, r)
	})
}

// Close lets no further call in. The connections close when the last call under way ends; Close does not wait for it.
func (c *Client) Close() error { return c.transport.Close() }
