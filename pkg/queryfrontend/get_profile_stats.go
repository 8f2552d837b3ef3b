package queryfrontend

import (
	"context"

	"connectrpc.com/connect"
	"golang.org/x/sync/errgroup"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/admission"
)

// tenantRequests bounds how many tenants are asked for at a time: GetTenant takes
// one tenant a call.
const tenantRequests = 8

// GetProfileStats tells whether there is any data, from when to when. The answer
// covers all tenants of the data source.
func (f *Frontend) GetProfileStats(ctx context.Context, _ *connect.Request[typesv1.GetProfileStatsRequest]) (*connect.Response[typesv1.GetProfileStatsResponse], error) {
	release, err := f.admission.Admit(ctx, admission.Dashboard)
	if err != nil {
		return nil, admissionError(err)
	}
	defer release()
	stats := make([]*metastorev1.TenantStats, len(f.config.Tenants))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(tenantRequests)
	for i, tenant := range f.config.Tenants {
		group.Go(func() error {
			return contain(func() error {
				response, err := f.metastore.GetTenant(ctx, &metastorev1.GetTenantRequest{TenantId: tenant})
				stats[i] = response.GetStats()
				return clusterError("metastore", err)
			})
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	merged := new(typesv1.GetProfileStatsResponse)
	for _, tenant := range stats {
		if !tenant.GetDataIngested() {
			continue
		}
		if !merged.DataIngested || tenant.GetOldestProfileTime() < merged.OldestProfileTime {
			merged.OldestProfileTime = tenant.GetOldestProfileTime()
		}
		merged.NewestProfileTime = max(merged.NewestProfileTime, tenant.GetNewestProfileTime())
		merged.DataIngested = true
	}
	return connect.NewResponse(merged), nil
}
