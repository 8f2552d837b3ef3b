package queryfrontend

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

// A keptStep is the place of one step's answer among those that are kept.
//
// Steps stand on a grid of the clock, so a refresh asks for the same ones again, and for
// the newest. The answer to one is kept as it came, under its range and all that it was
// read from: parts of blocks that the step cuts are in it, which no slice has. It costs
// no request, and is right as long as the plan reads the same.
type keptStep struct {
	key    slicecache.Key
	of     queryplan.ReadID
	answer *slicecache.Slice // nil where it is to be read
}

// keptStep finds the place of a step's answer, and the answer if it is there. It is nil
// for parts that are no steps, and where answers are not kept.
func (f *Frontend) keptStep(ctx context.Context, parts []*part, q queryplan.Query, plan *queryplan.Plan) *keptStep {
	if f.slices == nil || len(parts) == 0 || slices.ContainsFunc(parts, func(p *part) bool { return !p.oneOfMany || p.diagnostics }) ||
		plan.Empty() || namesNative(plan, q.Queries) || plan.Summary().Reads > slicedReads {
		return nil
	}
	account, names := memory.From(ctx), readNameBytes*int64(plan.Summary().Reads)
	if account.Take(ctx, names) != nil {
		return nil
	}
	defer account.Give(names)
	base := sliceKey(parts, q)
	ranged := binary.AppendVarint(binary.AppendVarint(base[:], q.Start), q.End)
	s := &keptStep{key: sha256.Sum256(ranged), of: plan.ReadsID()}
	s.answer = f.slices.Whole(s.key, s.of)
	return s
}

// reused is the plan's summary where nothing of it is read.
func (s *keptStep) reused(plan *queryplan.Plan) queryplan.Summary {
	return plan.SummarizeParts([]queryplan.AnsweredPart{{Plan: plan, Reused: true, Bytes: s.answer.Bytes}})
}

// fill makes the answer of what was kept.
func (s *keptStep) fill(ctx context.Context, answer *Answer) error {
	account := memory.From(ctx)
	reports, err := decodeReports(s.answer.Reports, func(bytes int64) error { return memoryError(account.Take(ctx, bytes)) })
	answer.Reports = reports
	return err
}

// keepStep keeps an answer that was read as it was planned, is whole, and can be shown: else
// it would be an error for as long as its blocks are there.
func (f *Frontend) keepStep(s *keptStep, answer *Answer) {
	if answer.Short || answer.Missing != nil || answer.tree != nil {
		return
	}
	for _, report := range answer.Reports {
		if _, err := profile.CountNodes(report.GetTree().GetTree()); err != nil {
			return
		}
	}
	encoded, err := encodeReports(answer.Reports)
	if err != nil {
		return // what cannot be written was still read
	}
	whole := &slicecache.Slice{Reads: []queryplan.ReadID{s.of}, Bytes: answer.BytesFetched(), Reports: encoded}
	if whole.Bytes == 0 {
		whole.Bytes = answer.Summary.Bytes
	}
	f.slices.KeepWhole(s.key, whole)
}
