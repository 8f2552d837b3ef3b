package metastore

import (
	"context"
	"maps"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// An Index lists the metadata of all blocks. The server does not modify what
// it gets, and asks anew for each request.
type Index interface {
	Blocks() []*metastorev1.BlockMeta
}

// A FixedIndex is an index that does not change, such as a recorded one.
type FixedIndex []*metastorev1.BlockMeta

// Blocks returns the list itself.
func (i FixedIndex) Blocks() []*metastorev1.BlockMeta { return i }

// A Server answers metadata and tenant queries from an index.
type Server struct {
	metastorev1.UnimplementedMetadataQueryServiceServer
	metastorev1.UnimplementedTenantServiceServer

	index Index
}

// NewServer returns a server over the index.
func NewServer(index Index) *Server { return &Server{index: index} }

// Register adds both of the server's services.
func (s *Server) Register(r grpc.ServiceRegistrar) {
	metastorev1.RegisterMetadataQueryServiceServer(r, s)
	metastorev1.RegisterTenantServiceServer(r, s)
}

// QueryMetadata implements metastore.v1.MetadataQueryService. Without a tenant,
// or with a selector that does not parse, the status is InvalidArgument.
func (s *Server) QueryMetadata(_ context.Context, r *metastorev1.QueryMetadataRequest) (*metastorev1.QueryMetadataResponse, error) {
	q, err := newQuery(r.TenantId, r.StartTime, r.EndTime, r.Query, r.Labels)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &metastorev1.QueryMetadataResponse{Blocks: q.blocks(s.index.Blocks())}, nil
}

// QueryMetadataLabels implements metastore.v1.MetadataQueryService. Errors are
// those of QueryMetadata.
func (s *Server) QueryMetadataLabels(_ context.Context, r *metastorev1.QueryMetadataLabelsRequest) (*metastorev1.QueryMetadataLabelsResponse, error) {
	q, err := newQuery(r.TenantId, r.StartTime, r.EndTime, r.Query, r.Labels)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &metastorev1.QueryMetadataLabelsResponse{Labels: q.labelSets(s.index.Blocks())}, nil
}

// GetTenant implements metastore.v1.TenantService. As in the real metastore,
// only blocks that belong to one tenant count, so a tenant whose data is all
// in segments yet seems to have none, and its newest data is not accounted for.
func (s *Server) GetTenant(_ context.Context, r *metastorev1.GetTenantRequest) (*metastorev1.GetTenantResponse, error) {
	return &metastorev1.GetTenantResponse{Stats: tenantStats(s.index.Blocks(), r.TenantId)}, nil
}

// GetTenants implements metastore.v1.TenantService. Segments are of no tenant here either.
func (s *Server) GetTenants(context.Context, *metastorev1.GetTenantsRequest) (*metastorev1.GetTenantsResponse, error) {
	found := make(map[string]struct{})
	for _, b := range s.index.Blocks() {
		if tenant := lookup(b.StringTable, b.Tenant); tenant != "" {
			found[tenant] = struct{}{}
		}
	}
	return &metastorev1.GetTenantsResponse{TenantIds: slices.Sorted(maps.Keys(found))}, nil
}

func tenantStats(blocks []*metastorev1.BlockMeta, tenant string) *metastorev1.TenantStats {
	stats := new(metastorev1.TenantStats)
	for _, b := range blocks {
		if lookup(b.StringTable, b.Tenant) != tenant {
			continue
		}
		if !stats.DataIngested {
			stats.DataIngested = true
			stats.OldestProfileTime, stats.NewestProfileTime = b.MinTime, b.MaxTime
			continue
		}
		stats.OldestProfileTime = min(stats.OldestProfileTime, b.MinTime)
		stats.NewestProfileTime = max(stats.NewestProfileTime, b.MaxTime)
	}
	return stats
}
