package queryfrontend

import (
	"context"
	"errors"
	"slices"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/sync/errgroup"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/memory"
)

// partsAtOnce is how many parts of a query are read at the same time: all of its portions,
// as a cluster that could read the whole at once would stand idle else.
const partsAtOnce = 16

// partsForRefreshes is how many are read at the same time where those who asked of late did
// not wait for the answer, as dashboards do that are refreshed sooner. Of all at the same
// time, none would be read to its end. It takes longer where there are many query-backends.
const partsForRefreshes = 4

// errShort is for a part of which less was read than there is: a block was gone.
var errShort = errors.New("a block was not there")

// executeSlices reads what is to be read of a plan in parts, keeps what is to be kept, and
// merges it with what was kept before. One part that fails fails all: nobody would see
// what is missing. Of a failure no memory is left: the plan may be executed as a whole.
func (f *Frontend) executeSlices(ctx context.Context, queries []*queryv1.Query, s *slicing, answer *Answer) (err error) {
	account, taken := memory.From(ctx), int64(0)
	take := func(bytes int64) error {
		err := account.Take(ctx, bytes)
		if err == nil {
			taken += bytes
		}
		return memoryError(err)
	}
	defer func() {
		if err != nil {
			account.Give(taken)
		}
	}()
	var reports []*queryv1.Report
	if s.growing != nil { // who looks has it first; else it would only take room
		if reports, err = s.reuseReports(take); err != nil {
			return err
		}
		s.growing.keep(reports, answer.Summary.ReusedBytes)
	}
	read := partsReading{frontend: f, slicing: s, responses: make([]*queryv1.InvokeResponse, len(s.requests)), accounts: make([]*memory.Account, len(s.requests))}
	defer read.close()
	if err := read.all(ctx); err != nil {
		return err
	}
	if s.growing == nil {
		if reports, err = s.reuseReports(take); err != nil {
			return err
		}
	}
	root := &queryv1.ExecutionNode{Type: queryv1.QueryNode_MERGE, Stats: new(queryv1.ExecutionStats)}
	for i, response := range read.responses[:len(s.requests)] {
		reports = append(reports, response.GetReports()...)
		node := response.GetDiagnostics().GetExecutionNode()
		cleanExecution(node)
		if node.GetExecutor() != "" { // else it tells the bytes only
			s.parts[len(s.reused)+i].Diagnostics = response.GetDiagnostics()
		}
		root.Stats.BytesFetched += node.GetStats().GetBytesFetched()
	}
	o := s.merge
	o.Take = take
	merged, err := merge(reports, o)
	if err != nil {
		if connect.CodeOf(err) != connect.CodeResourceExhausted {
			s.forget()
		}
		return err
	}
	answer.Reports = merged.Reports
	if answer.tree, answer.Symbols, err = f.treeOf(ctx, merged, queries, take); err != nil {
		return err
	}
	answer.Diagnostics = &queryv1.Diagnostics{ExecutionNode: root}
	answer.Summary = s.plan.SummarizeParts(s.parts)
	if answer.Plan != nil {
		answer.Parts = s.parts
	}
	return nil
}

// reuseReports decodes what was kept from before.
func (s *slicing) reuseReports(take func(int64) error) (reports []*queryv1.Report, err error) {
	for _, kept := range s.reused {
		decoded, err := decodeReports(kept.Reports, take)
		if err != nil {
			return nil, err
		}
		reports = append(reports, decoded...)
	}
	return reports, nil
}

// partsReading is the parts of a plan that are being read.
type partsReading struct {
	frontend  *Frontend
	slicing   *slicing
	responses []*queryv1.InvokeResponse
	accounts  []*memory.Account
}

// all reads them at the same time. Portions begin one after the other, so that the small
// ones come first also where a cluster gives larger ones more of itself.
func (r *partsReading) all(ctx context.Context) error {
	s, reader := r.slicing, ctx
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	if s.look != nil && len(s.portions) > 0 {
		if s.look.Left {
			group.SetLimit(partsForRefreshes)
		}
		defer func() { s.look.Leave(errors.Is(reader.Err(), context.Canceled)) }()
	}
	for i := 0; i < len(s.requests); i++ { //nolint:intrange // joinRest leaves fewer
		done := make(chan struct{})
		group.Go(func() error {
			defer close(done)
			return r.one(ctx, i)
		})
		switch {
		case i == 0 && s.trial:
			began := time.Now()
			if waitFor(ctx, done, trialTime) {
				s.joinRest(time.Since(began))
			} else {
				waitFor(ctx, done, firstHeadStart*s.headStart)
			}
		case i == 0:
			waitFor(ctx, done, firstHeadStart*s.headStart)
		case len(s.portions) > 0:
			waitFor(ctx, done, s.headStart)
		}
	}
	return group.Wait()
}

// waitFor waits for something, but no longer than so long, and tells whether it came.
func waitFor(ctx context.Context, done <-chan struct{}, most time.Duration) bool {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func (r *partsReading) one(ctx context.Context, i int) error {
	// Each has an account of its own: one that waits for room while it has some would
	// keep others from ending.
	r.accounts[i] = r.frontend.memory.Open()
	return contain(func() error {
		s := r.slicing
		request, plan := s.requests[i], s.parts[len(s.reused)+i].Plan
		response, refused, err := r.frontend.invoke(memory.With(ctx, r.accounts[i]), request, plan.Unsymbolized())
		if err == nil {
			err = checkReports(request.GetQuery(), response.GetReports())
		}
		if err == nil && s.least[i].missed(response) {
			err = errShort
		}
		unasked(response, s.diagnostics)
		if err == nil {
			err = cutRefs(ctx, request.GetQuery(), response, r.accounts[i])
		}
		if err == nil {
			s.keep(i, response, refused)
			s.growing.add(response.GetReports(), r.accounts[i], plan.Summary().Bytes)
		}
		r.responses[i] = response
		return err
	})
}

func (r *partsReading) close() {
	for _, a := range r.accounts {
		a.Close()
	}
}

// keep puts the answer to a fresh part into the cache.
func (s *slicing) keep(i int, response *queryv1.InvokeResponse, refused refusal) {
	fresh := s.fresh[i]
	if fresh == nil {
		return
	}
	encoded, err := encodeReports(response.GetReports())
	if err != nil {
		return // what cannot be written was still read
	}
	fresh.Reports, fresh.Lasts = encoded, refused.lasts()
	fresh.Bytes = response.GetDiagnostics().GetExecutionNode().GetStats().GetBytesFetched()
	if fresh.Bytes == 0 {
		fresh.Bytes = s.parts[len(s.reused)+i].Plan.Summary().Bytes
	}
	s.look.Keep(fresh)
}

// forget lets go of all that was kept or reused: one of it cannot be read, or does not go
// with the rest, and would be an error for as long as its blocks are there.
func (s *slicing) forget() {
	if s.look != nil {
		s.look.Forget(slices.Concat(s.reused, s.fresh)...)
	}
}
