package querybackend

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// maxBlocks bounds how many blocks of one READ node are read at a time.
const maxBlocks = 8

// A blockRead is what reading one block came to.
type blockRead struct {
	reports   []*queryv1.Report
	execution *queryv1.BlockExecution
	bytes     uint64
}

// read runs the queries over the blocks of a READ node, and merges the reports
// of all their datasets.
func (s *Server) read(ctx context.Context, r *request, blocks []*metastorev1.BlockMeta, merged *reports, node *queryv1.ExecutionNode) error {
	if len(blocks) == 0 {
		return invalid("query plan: a READ node without blocks")
	}
	plans := make([]blockPlan, len(blocks))
	for i, meta := range blocks {
		var err error
		if plans[i], err = planBlock(r, meta); err != nil {
			return err
		}
	}
	reads := make([]blockRead, len(blocks))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxBlocks)
	for i, plan := range plans {
		group.Go(func() error {
			var err error
			reads[i], err = s.readBlock(ctx, r, plan)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, read := range reads {
		if err := merged.add(read.reports); err != nil {
			return err
		}
		node.Stats.BytesFetched += read.bytes
		node.Stats.BlocksRead++
		node.Stats.DatasetsProcessed += int64(len(plans[i].meta.Datasets))
		if read.execution != nil {
			node.Stats.BlockExecutions = append(node.Stats.BlockExecutions, read.execution)
		}
	}
	return nil
}

func (s *Server) readBlock(ctx context.Context, r *request, plan blockPlan) (blockRead, error) {
	started := time.Now()
	if err := s.faults.block(plan.meta.Id); err != nil {
		return blockRead{}, err
	}
	block, err := s.blocks.Read(plan.meta.Id)
	if errors.Is(err, blockstore.ErrNotFound) {
		// A block that compaction has removed since the plan was made: the
		// real one goes on without it.
		return blockRead{}, nil
	}
	if err != nil {
		return blockRead{}, status.Errorf(codes.Internal, "query-backend: block %q: %v", plan.meta.Id, err)
	}
	selected, err := plan.selectDatasets(r, block)
	if err != nil {
		return blockRead{}, err
	}
	if err := s.faults.read(ctx, selected.bytes); err != nil {
		return blockRead{}, err
	}
	read := blockRead{bytes: selected.bytes}
	for _, part := range selected.parts {
		reports, err := scan(ctx, r, part)
		if err != nil {
			return blockRead{}, err
		}
		read.reports = append(read.reports, reports...)
	}
	read.execution = &queryv1.BlockExecution{
		BlockId:           plan.meta.Id,
		StartTimeNs:       started.UnixNano(),
		EndTimeNs:         time.Now().UnixNano(),
		DatasetsProcessed: int64(len(selected.parts)),
		Size:              plan.meta.Size,
		Shard:             plan.meta.Shard,
		CompactionLevel:   plan.meta.CompactionLevel,
	}
	return read, nil
}

// scan makes the one pass over a part of a block for all queries.
func scan(ctx context.Context, r *request, part selectedPart) ([]*queryv1.Report, error) {
	collectors := make([]collector, len(r.queries))
	for i, q := range r.queries {
		collectors[i] = q.query.collect()
		if c, ok := collectors[i].(nativeCollector); ok && part.marked {
			c.native()
		}
	}
	for _, set := range part.sets {
		for _, series := range set.Series {
			if err := ctx.Err(); err != nil {
				return nil, status.FromContextError(err).Err()
			}
			if matches(series.Labels, r.matchers) {
				r.scanSeries(series, collectors)
			}
		}
	}
	var all []*queryv1.Report
	for i, c := range collectors {
		report, err := c.report()
		if err != nil {
			return nil, status.Errorf(codes.Internal, "query-backend: report of type %s: %v", r.queries[i].kind.report, err)
		}
		report.ReportType = r.queries[i].kind.report
		all = append(all, report)
	}
	return all, nil
}

func (r *request) scanSeries(series *blockstore.Series, collectors []collector) {
	sampled := labelValue(series.Labels, labelSampled) == "true"
	var readers []collector
	for i, c := range collectors {
		indexOnly := r.queries[i].kind.reads.indexOnly()
		if indexOnly || !sampled {
			c.series(series.Labels)
		}
		if !indexOnly && !sampled {
			readers = append(readers, c)
		}
	}
	if len(readers) == 0 {
		return
	}
	for _, p := range series.Profiles {
		if p.Timestamp < r.start || p.Timestamp > r.end {
			continue
		}
		for _, c := range readers {
			c.profile(series.Labels, p)
		}
	}
}

// hasSeries says whether any series of a dataset matches.
func hasSeries(set *blockstore.Dataset, matchers []*labels.Matcher) bool {
	return slices.ContainsFunc(set.Series, func(series *blockstore.Series) bool {
		return matches(series.Labels, matchers)
	})
}
