package metastoreclient

import (
	"context"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	"github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1/metastorev1connect"
	"google.golang.org/grpc"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// Service is what errors and metrics call the other side.
const Service = "metastore"

// Client asks the metastore. Its calls are small and change nothing, so that one that takes unusually long may be made
// twice. It is safe for concurrent use.
type Client struct {
	transport *transport.Client
}

// NewClient makes a client. It connects when first asked; an error is one of the configuration.
func NewClient(c transport.Config) (*Client, error) {
	policy := &leaderPolicy{observer: c.Observer}
	if policy.observer == nil {
		policy.observer = transport.Nobody{}
	}
	t, err := transport.NewClient(Service, c, policy)
	if err != nil {
		return nil, err
	}
	return &Client{transport: t}, nil
}

// QueryMetadata asks for the blocks of a query (metastore.v1.MetadataQueryService). The answer is an encoded
// metastore.v1.QueryMetadataResponse, as it came: it may list 100,000 blocks, and the planner reads them in place.
func (c *Client) QueryMetadata(ctx context.Context, r *metastorev1.QueryMetadataRequest) ([]byte, error) {
	return transport.CallHedged(ctx, c.transport, "QueryMetadata", func(ctx context.Context, conn grpc.ClientConnInterface) ([]byte, error) {
		var answer []byte
		err := conn.Invoke(ctx, metastorev1connect.MetadataQueryServiceQueryMetadataProcedure, r, &answer)
		return answer, err
	})
}

// QueryMetadataLabels asks for the label sets of datasets (metastore.v1.MetadataQueryService).
func (c *Client) QueryMetadataLabels(ctx context.Context, r *metastorev1.QueryMetadataLabelsRequest) (*metastorev1.QueryMetadataLabelsResponse, error) {
	return transport.CallHedged(ctx, c.transport, "QueryMetadataLabels", func(ctx context.Context, conn grpc.ClientConnInterface) (*metastorev1.QueryMetadataLabelsResponse, error) {
		return metastorev1.NewMetadataQueryServiceClient(conn).QueryMetadataLabels(ctx, r)
	})
}

// GetTenant asks whether a tenant has data, and of which time (metastore.v1.TenantService).
func (c *Client) GetTenant(ctx context.Context, r *metastorev1.GetTenantRequest) (*metastorev1.GetTenantResponse, error) {
	return transport.CallHedged(ctx, c.transport, "GetTenant", func(ctx context.Context, conn grpc.ClientConnInterface) (*metastorev1.GetTenantResponse, error) {
		return metastorev1.NewTenantServiceClient(conn).GetTenant(ctx, r)
	})
}

// GetTenants lists the tenants that have data in compacted blocks (metastore.v1.TenantService).
func (c *Client) GetTenants(ctx context.Context, r *metastorev1.GetTenantsRequest) (*metastorev1.GetTenantsResponse, error) {
	return transport.CallHedged(ctx, c.transport, "GetTenants", func(ctx context.Context, conn grpc.ClientConnInterface) (*metastorev1.GetTenantsResponse, error) {
		return metastorev1.NewTenantServiceClient(conn).GetTenants(ctx, r)
	})
}

// Close lets no further call in. The connections close when the last call under way ends; Close does not wait for it.
func (c *Client) Close() error { return c.transport.Close() }
