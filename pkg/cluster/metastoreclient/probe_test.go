package metastoreclient_test

import (
	"context"
	"testing"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/pyrofront/pyrofront/internal/grpctest"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// tenants is what a metastore knows of tenants; nil: it lacks the service.
type tenants map[string]*metastorev1.TenantStats

type tenantServer struct {
	metastorev1.UnimplementedMetadataQueryServiceServer
	metastorev1.UnimplementedTenantServiceServer
	tenants tenants
}

func (s tenantServer) GetTenant(ctx context.Context, r *metastorev1.GetTenantRequest) (*metastorev1.GetTenantResponse, error) {
	if s.tenants == nil {
		return s.UnimplementedTenantServiceServer.GetTenant(ctx, r)
	}
	return &metastorev1.GetTenantResponse{Stats: s.tenants[r.GetTenantId()]}, nil
}

func (tenantServer) QueryMetadataLabels(context.Context, *metastorev1.QueryMetadataLabelsRequest) (*metastorev1.QueryMetadataLabelsResponse, error) {
	return &metastorev1.QueryMetadataLabelsResponse{}, nil
}

func TestProbeTellsOfTenantsWithoutBlocks(t *testing.T) {
	known := tenants{"full": {DataIngested: true}, "empty": {}}
	for name, test := range map[string]struct {
		tenants  tenants
		tenant   string
		noBlocks bool
	}{
		"data":         {known, "full", false},
		"no data":      {known, "empty", true},
		"unknown":      {known, "other", true},
		"not tellable": {nil, "other", false},
	} {
		t.Run(name, func(t *testing.T) {
			server := grpc.NewServer()
			service := tenantServer{tenants: test.tenants}
			metastorev1.RegisterMetadataQueryServiceServer(server, service)
			metastorev1.RegisterTenantServiceServer(server, service)
			probe, err := client(t, transport.Config{Address: at(grpctest.Serve(t, server, "127.0.0.1:0"))}).Probe(t.Context(), test.tenant)
			require.NoError(t, err)
			require.Equal(t, test.noBlocks, probe.NoBlocks)
		})
	}
}
