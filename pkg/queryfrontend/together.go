package queryfrontend

import (
	"context"
	"encoding/binary"
	"strconv"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// A result is what became of one part.
type result struct {
	answer *Answer
	err    error
}

// askTogether reads parts that share metadata. When the same parts are under way
// already, as when a dashboard is open on many screens, it waits for their answers
// instead. Answers are shared then, and never changed.
func (f *Frontend) askTogether(ctx context.Context, parts []*part) []reading {
	readings := make([]reading, len(parts))
	key := flightKey(parts)
	if w, watched := ctx.Value(watchKey{}).(*Watch); watched {
		growth := f.growths.enter(key, len(parts), w)
		defer f.growths.leave(key, growth, w)
		w.at(parts, growth)
	}
	err := contain(func() error {
		answer, _, err := f.flight.Do(ctx, key, func(ctx context.Context) (shared, error) {
			began := time.Now()
			admission.Doing(ctx, "waiting for its turn")
			release, err := f.admission.Admit(ctx, parts[0].class)
			if err != nil {
				return shared{}, admissionError(err)
			}
			defer release()
			account := f.memory.Open()
			results := f.run(f.growths.with(memory.With(ctx, account), key), parts, Stats{Queue: time.Since(began)})
			return shared{results: results, account: account}, nil
		})
		memory.Adopt(ctx, answer.account)
		for i, result := range answer.results {
			readings[i] = reading{answer: result.answer, err: result.err, account: answer.account}
		}
		if answer.results == nil {
			return clusterError("query", err)
		}
		return nil
	})
	for i, p := range parts {
		readings[i].part = p
		if err != nil {
			readings[i].err = err
		}
	}
	return readings
}

// flightKey is the same for parts that have the same answers and wait in the same
// line.
func flightKey(parts []*part) string {
	var key []byte
	add := func(piece string) { key = append(binary.AppendUvarint(key, uint64(len(piece))), piece...) }
	key = binary.AppendUvarint(key, uint64(parts[0].class))
	key = binary.AppendUvarint(key, uint64(len(parts[0].tenants)))
	for _, tenant := range parts[0].tenants {
		add(tenant)
	}
	add(parts[0].selector())
	for _, p := range parts {
		key = binary.AppendVarint(key, p.readStart)
		key = binary.AppendVarint(key, p.end)
		add(strconv.FormatBool(p.diagnostics))
		add(strconv.FormatBool(p.partial))
		add(strconv.FormatBool(p.oneOfMany))
		// Strings that are no UTF-8 were refused before: nothing else fails.
		query, _ := proto.MarshalOptions{Deterministic: true}.Marshal(p.query)
		add(string(query))
	}
	return string(key)
}

// maxInvokes is how many requests of one run a cluster sees at once: a run counts as one
// query, and may be asked in many steps.
const maxInvokes = 4

// letGo lets go of the plan, and gives back what its memory was taken for but for the
// request: of many plans over the same metadata, one is made at a time.
func (p *planned) letGo(ctx context.Context, metadata []queryplan.Metadata) {
	p.answer.Plan = nil
	kept := int64(p.answer.Summary.Reads)*planBlockBytes + int64(p.answer.Summary.Datasets)*planDatasetBytes
	memory.From(ctx).Give(planBytes(metadata) - kept)
}

// run discovers, plans and executes. The metadata is let go before anything is
// executed: a large store's takes far more memory than the plans. Whoever watches is told
// what there is of each part.
func (f *Frontend) run(ctx context.Context, parts []*part, stats Stats) []result {
	growth := growthFrom(ctx)
	results := make([]result, len(parts))
	index := make(map[*part]int, len(parts))
	for i, p := range parts {
		index[p] = i
	}
	invokes, err := f.planAll(ctx, parts, stats)
	if err != nil {
		for i := range results {
			results[i].err = err
		}
		return results
	}
	var running sync.WaitGroup
	turns := make(chan struct{}, maxInvokes)
	for _, in := range invokes {
		running.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			var answer *Answer
			err := in.err
			of := make([]int, len(in.parts))
			for i, p := range in.parts {
				of[i] = index[p]
			}
			if s := in.planned.slicing; growth != nil && s != nil {
				s.growing = s.grow(f, growth, in.planned.answer, in.query.Queries)
				growth.set(of, grown{slices: s.growing})
				defer s.growing.end()
			}
			if err == nil {
				err = contain(func() (err error) {
					answer, err = f.execute(ctx, in.query, in.planned)
					return err
				})
			}
			for _, i := range of {
				results[i] = result{answer: answer, err: err}
			}
			growth.set(of, grown{whole: true, result: results[of[0]]})
		})
	}
	running.Wait()
	return results
}

// An invoke is parts that are executed together.
type invoke struct {
	parts   []*part
	query   queryplan.Query
	planned planned
	err     error
}

// planAll asks for the metadata and makes a plan of it for each Invoke.
func (f *Frontend) planAll(ctx context.Context, parts []*part, stats Stats) ([]invoke, error) {
	metadata, stats, err := f.discover(ctx, f.planQuery(parts...), stats)
	if err != nil {
		return nil, err
	}
	var invokes []invoke
	for _, parts := range groupBy(parts, canShareInvoke) {
		in := invoke{parts: parts, query: f.planQuery(parts...)}
		in.err = contain(func() (err error) {
			in.planned, err = f.plan(ctx, parts, in.query, metadata, stats)
			in.planned.partial, in.planned.oneOfMany = parts[0].partial, parts[0].oneOfMany
			if err == nil && parts[0].oneOfMany {
				in.planned.letGo(ctx, metadata)
			}
			return err
		})
		stats.Abandoned = nil // each attempt for the metadata counts once
		invokes = append(invokes, in)
	}
	return invokes, nil
}
