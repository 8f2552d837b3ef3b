package queryfrontend

import (
	"context"
	"errors"

	"connectrpc.com/connect"
	"golang.org/x/sync/errgroup"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/reportmerge"
)

// partsAtOnce is how many parts of a query are read at the same time.
const partsAtOnce = 8

// errShort is for a part of which less was read than there is: a block was gone.
var errShort = errors.New("a block was not there")

// executeSlices reads what is to be read of a plan in parts, keeps what is to be kept, and
// merges it with what was kept before. One part that fails fails all: nobody would see
// what is missing.
func (f *Frontend) executeSlices(ctx context.Context, queries []*queryv1.Query, s *slicing, answer *Answer) error {
	responses := make([]*queryv1.InvokeResponse, len(s.requests))
	accounts := make([]*memory.Account, len(s.requests))
	defer func() {
		for _, a := range accounts {
			a.Close()
		}
	}()
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	for i, request := range s.requests {
		// Each has an account of its own: one that waits for room while it has some would
		// keep others from ending.
		accounts[i] = f.memory.Open()
		group.Go(func() error {
			return contain(func() (err error) {
				responses[i], err = f.backend.Invoke(memory.With(groupCtx, accounts[i]), request)
				if err == nil {
					err = checkReports(request.GetQuery(), responses[i].GetReports())
				}
				if err == nil && s.least[i].missed(responses[i]) {
					err = errShort
				}
				unasked(responses[i], s.diagnostics)
				if err == nil {
					s.keep(i, responses[i])
				}
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	take := func(bytes int64) error { return memoryError(memory.From(ctx).Take(ctx, bytes)) }
	var reports []*queryv1.Report
	for _, kept := range s.reused {
		decoded, err := decodeReports(kept.Reports, take)
		if err != nil {
			return err
		}
		reports = append(reports, decoded...)
	}
	root := &queryv1.ExecutionNode{Type: queryv1.QueryNode_MERGE, Stats: new(queryv1.ExecutionStats)}
	for i, response := range responses {
		reports = append(reports, response.GetReports()...)
		node := response.GetDiagnostics().GetExecutionNode()
		cleanExecution(node)
		if node.GetExecutor() != "" { // else it tells the bytes only
			s.parts[len(s.reused)+i].Diagnostics = response.GetDiagnostics()
		}
		root.Stats.BytesFetched += node.GetStats().GetBytesFetched()
	}
	s.merge.Take = take
	merged, err := reportmerge.Merge(reports, s.merge)
	if err != nil {
		if connect.CodeOf(err) == connect.CodeResourceExhausted {
			return err // there is no memory for it
		}
		return malformed("query-backend", err)
	}
	answer.Reports = merged.Reports
	if merged.Tree != nil {
		answer.tree = cutTree(merged.Tree, queries)
	}
	answer.Diagnostics = &queryv1.Diagnostics{ExecutionNode: root}
	if answer.Plan != nil {
		answer.Parts = s.parts
	}
	return nil
}

// keep puts the answer to a fresh part into the cache.
func (s *slicing) keep(i int, response *queryv1.InvokeResponse) {
	fresh := s.fresh[i]
	if fresh == nil {
		return
	}
	encoded, err := encodeReports(response.GetReports())
	if err != nil {
		return // what cannot be written was still read
	}
	fresh.Reports = encoded
	fresh.Bytes = response.GetDiagnostics().GetExecutionNode().GetStats().GetBytesFetched()
	if fresh.Bytes == 0 {
		fresh.Bytes = s.parts[len(s.reused)+i].Plan.Summary().Bytes
	}
	s.look.Keep(fresh)
}

// cutTree cuts a merged tree as a query-backend would have cut it.
func cutTree(tree *profile.Tree, queries []*queryv1.Query) *profile.Tree {
	for _, q := range queries {
		if q.GetTree() != nil {
			return profile.Truncate(tree, q.GetTree().GetMaxNodes())
		}
	}
	return tree
}
