package queryfrontend

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

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
		plan.Empty() || plan.Summary().Reads > slicedReads {
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

// fillStep makes the answer of what was kept.
func (f *Frontend) fillStep(ctx context.Context, s *keptStep, answer *Answer, queries []*queryv1.Query) (err error) {
	if answer.Reports, err = decodeReports(s.answer.Reports, takeFrom(ctx, memory.From(ctx))); err != nil {
		return err
	}
	answer.tree, answer.Symbols, err = f.nameTree(ctx, answer.Reports, queries)
	return err
}

// keepStep keeps an answer that was read as it was planned, is whole, and can be shown: else
// it would be an error for as long as its blocks are there. Native code in it is kept
// without names: there may be more of them the next time.
func (f *Frontend) keepStep(s *keptStep, answer *Answer, refused refusal) {
	if answer.Short || answer.Missing != nil {
		return
	}
	for _, report := range answer.Reports {
		if tree := report.GetTree(); tree.GetSymbolRefs() == nil { // else it was decoded
			if _, err := profile.CountNodes(tree.GetTree()); err != nil {
				return
			}
		}
	}
	encoded, err := encodeReports(answer.Reports)
	if err != nil {
		return // what cannot be written was still read
	}
	whole := &slicecache.Slice{Reads: []queryplan.ReadID{s.of}, Bytes: answer.BytesFetched(), Reports: encoded, Lasts: refused.lasts()}
	if whole.Bytes == 0 {
		whole.Bytes = answer.Summary.Bytes
	}
	f.slices.KeepWhole(s.key, whole)
}
