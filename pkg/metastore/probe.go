package metastore

import (
	"context"
	"time"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/transport"
)

// Probe asks a cheap question, about the tenant, of one node after the other until one answers, for a health check.
// There are no retries, so a failure shows at once; the error says what failed.
func (c *Client) Probe(ctx context.Context, tenant string) (transport.Probe, error) {
	return c.pool.Check(ctx, func(ctx context.Context, conn grpc.ClientConnInterface) (struct{}, error) {
		_, err := metastorev1.NewTenantServiceClient(conn).GetTenant(ctx, &metastorev1.GetTenantRequest{TenantId: tenant})
		if status.Code(err) == codes.Unimplemented {
			// A metastore without the tenant service: the labels of the last second are as cheap.
			now := time.Now()
			_, err = metastorev1.NewMetadataQueryServiceClient(conn).QueryMetadataLabels(ctx, &metastorev1.QueryMetadataLabelsRequest{
				TenantId:  []string{tenant},
				StartTime: now.Add(-time.Second).UnixMilli(),
				EndTime:   now.UnixMilli(),
				Query:     "{}",
				Labels:    []string{"service_name"},
			})
		}
		return struct{}{}, err
	})
}
