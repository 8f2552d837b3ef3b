package queryfrontend

import (
	"context"
	"fmt"
	"time"

	"connectrpc.com/connect"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// checkedRange is how far back a check looks for a block.
const checkedRange = time.Hour

// A Check is what a try of a query found out about a tenant.
type Check struct {
	// NoData says that the metastore knows of no data of the tenant at all.
	NoData bool
	// Block is the id of the block that was read, empty where there is none to read,
	// or where none was to be read.
	Block string
}

// Check asks what a query of a tenant asks, for as little as that can cost: the
// metastore for the blocks of an hour, the last one or that of the newest data, and,
// if blocks are to be read, a query-backend for the label names of one of them.
// Without waiting for a turn: whoever looks whether a busy data source works has to
// know.
func (f *Frontend) Check(ctx context.Context, tenant string, read bool) (check Check, err error) {
	err = contain(func() (err error) {
		check, err = f.check(ctx, tenant, read)
		return err
	})
	return check, err
}

func (f *Frontend) check(ctx context.Context, tenant string, read bool) (check Check, err error) {
	newest := f.now()
	// Metastores without this service answer queries all the same: its errors say
	// nothing of those.
	if stats, err := f.metastore.GetTenant(ctx, &metastorev1.GetTenantRequest{TenantId: tenant}); err == nil {
		check.NoData = !stats.GetStats().GetDataIngested()
		if last := time.UnixMilli(stats.GetStats().GetNewestProfileTime()); !check.NoData && last.Before(newest.Add(-checkedRange)) {
			newest = last
		}
	}
	query := queryplan.Query{
		Tenants: []string{tenant},
		Start:   newest.Add(-checkedRange).UnixMilli(),
		End:     newest.UnixMilli(),
		Queries: []*queryv1.Query{{QueryType: queryv1.QueryType_QUERY_LABEL_NAMES, LabelNames: new(queryv1.LabelNamesQuery)}},
	}
	metadata, _, err := f.discover(ctx, query, Stats{})
	if err != nil {
		return check, err
	}
	block, alone, err := newestBlock(metadata)
	if err != nil || block == nil {
		return check, err
	}
	check.NoData = false
	if !read {
		return check, nil
	}
	plan, err := queryplan.Build(query, []queryplan.Metadata{alone}, queryplan.Options{})
	if err != nil {
		return check, malformed("metastore", err)
	}
	if plan.Empty() {
		return check, nil
	}
	response, err := f.backend.Invoke(ctx, plan.Request())
	if err != nil {
		return check, clusterError("query-backend", fmt.Errorf("reading block %s: %w", block.GetId(), err))
	}
	for _, report := range response.GetReports() {
		if len(report.GetLabelNames().GetLabelNames()) > 0 {
			check.Block = block.GetId()
			return check, nil
		}
	}
	return check, connect.NewError(connect.CodeDataLoss, fmt.Errorf(
		"query-backend read block %s and found nothing in it: does it read the object storage that the cluster writes to?", block.GetId()))
}

// newestBlock is the block with the latest profiles, nil where there is none, and
// metadata that lists no other.
func newestBlock(metadata []queryplan.Metadata) (newest *metastorev1.BlockMeta, alone queryplan.Metadata, err error) {
	for _, answer := range metadata {
		var blocks metastorev1.QueryMetadataResponse
		if err := blocks.UnmarshalVT(answer.Response); err != nil {
			return nil, alone, malformed("metastore", err)
		}
		for _, block := range blocks.GetBlocks() {
			if newest == nil || block.GetMaxTime() > newest.GetMaxTime() {
				newest, alone.Request = block, answer.Request
			}
		}
	}
	if newest != nil {
		alone.Response, err = (&metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{newest}}).MarshalVT()
	}
	return newest, alone, err
}
