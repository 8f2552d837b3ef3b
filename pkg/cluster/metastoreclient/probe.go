package metastoreclient

import (
	"context"
	"time"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// Probe is what a health check of the metastore found.
type Probe struct {
	transport.Probe
	// NoBlocks says that the metastore lists no compacted block of the tenant. It may have data all the same: that of the
	// last minutes, before its first compaction.
	NoBlocks bool
}

// Probe asks a cheap question, about the tenant, of one node after the other until one answers, for a health check.
// There are no retries, so a failure shows at once; the error says what failed.
func (c *Client) Probe(ctx context.Context, tenant string) (Probe, error) {
	var probe Probe
	var err error
	probe.Probe, err = c.transport.Check(ctx, func(ctx context.Context, conn grpc.ClientConnInterface) (struct{}, error) {
		r, err := metastorev1.NewTenantServiceClient(conn).GetTenant(ctx, &metastorev1.GetTenantRequest{TenantId: tenant})
		probe.NoBlocks = err == nil && !r.GetStats().GetDataIngested()
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
	return probe, err
}
