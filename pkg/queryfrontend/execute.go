package queryfrontend

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"golang.org/x/sync/errgroup"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// planQuery tells the planner what parts of one selection read: their queries,
// over the range that covers them all.
func (f *Frontend) planQuery(parts ...*part) queryplan.Query {
	q := queryplan.Query{
		Tenants:  parts[0].tenants,
		Matchers: parts[0].matchers,
		Start:    parts[0].readStart,
		End:      parts[0].end,
		Seed:     rand.Uint64(),
	}
	for _, p := range parts {
		q.Start, q.End = min(q.Start, p.readStart), max(q.End, p.end)
		if !slices.ContainsFunc(q.Queries, p.query.EqualVT) {
			q.Queries = append(q.Queries, p.query)
		}
		q.Diagnostics = q.Diagnostics || p.diagnostics
	}
	return q
}

// discover sends the metadata requests that the planner wants, at the same time.
func (f *Frontend) discover(ctx context.Context, q queryplan.Query, stats Stats) ([]*metastorev1.QueryMetadataResponse, Stats, error) {
	ctx, span := startSpan(ctx, "metadata", q)
	defer span.End()
	began := time.Now()
	requests := queryplan.Discovery(q)
	answers := make([]*metastorev1.QueryMetadataResponse, len(requests))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, request := range requests {
		group.Go(func() error {
			return contain(func() (err error) {
				answers[i], err = f.metastore.QueryMetadata(groupCtx, request)
				return clusterError("metastore", err)
			})
		})
	}
	err := group.Wait()
	endSpan(span, err, attribute.Int("pyrofront.metadata_requests", len(requests)))
	stats.Metadata = time.Since(began)
	for _, answer := range answers {
		stats.MetadataBytes += answer.SizeVT()
	}
	return answers, stats, err
}

// execute plans over the metadata and sends the plan to a query-backend. An empty
// plan is not sent.
func (f *Frontend) execute(ctx context.Context, q queryplan.Query, metadata []*metastorev1.QueryMetadataResponse, stats Stats) (*Answer, error) {
	ctx, span := startSpan(ctx, "execute", q)
	defer span.End()
	began := time.Now()
	plan, err := queryplan.Build(q, metadata, queryplan.Options{})
	if err != nil {
		return nil, malformed("metastore", err)
	}
	summary := plan.Summary()
	span.SetAttributes(
		attribute.Int("pyrofront.blocks", summary.Blocks),
		attribute.Int("pyrofront.data_sets", summary.DataSets),
		attribute.Int("pyrofront.leaves", summary.Leaves),
		attribute.Int64("pyrofront.estimated_bytes", int64(summary.Bytes)),
	)
	stats.Planning = time.Since(began)
	if plan.Empty() {
		return &Answer{Plan: plan, Summary: summary, Stats: stats}, nil
	}
	began = time.Now()
	response, symbols, err := f.invoke(ctx, plan)
	stats.Execution = time.Since(began)
	if symbols != nil {
		stats.Execution -= symbols.Took
	}
	answer := &Answer{Plan: plan, Summary: summary, Stats: stats, Reports: response.GetReports(), Diagnostics: response.GetDiagnostics(), Symbols: symbols}
	endSpan(span, err, attribute.Int64("pyrofront.fetched_bytes", int64(answer.BytesFetched())))
	if err != nil {
		return nil, clusterError("query-backend", err)
	}
	return answer, nil
}
