package queryfrontend

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A result is what became of one part.
type result struct {
	answer *Answer
	err    error
}

// askTogether answers parts that share metadata. When the same parts are under way
// already, as when a dashboard is open on many screens, it waits for their answers
// instead. Answers are shared then, and never changed.
func (f *Frontend) askTogether(ctx context.Context, parts []*part) {
	results, _, err := f.flight.Do(ctx, flightKey(parts), func(ctx context.Context) ([]result, error) {
		began := time.Now()
		release, err := f.admit(ctx)
		if err != nil {
			return nil, admissionError(err)
		}
		defer release()
		return f.run(ctx, parts, Stats{Queue: time.Since(began)}), nil
	})
	for i, p := range parts {
		if err != nil {
			p.err = clusterError("query", err)
			continue
		}
		p.answer, p.err = results[i].answer, results[i].err
	}
}

// flightKey is the same for parts that have the same answers.
func flightKey(parts []*part) string {
	var key []byte
	for _, tenant := range parts[0].tenants {
		key = append(binary.AppendUvarint(key, uint64(len(tenant))), tenant...)
	}
	key = append(key, profile.FormatSelector(parts[0].matchers)...)
	for _, p := range parts {
		key = binary.AppendVarint(key, p.readStart)
		key = binary.AppendVarint(key, p.end)
		if p.diagnostics {
			key = append(key, 1)
		}
		// Marshalling fails on invalid UTF-8 only. The key of such a query is shorter,
		// and the query itself fails when it is sent.
		key, _ = proto.MarshalOptions{Deterministic: true}.MarshalAppend(key, p.query)
	}
	return string(key)
}

// run discovers, plans and executes.
func (f *Frontend) run(ctx context.Context, parts []*part, stats Stats) []result {
	results := make([]result, len(parts))
	index := make(map[*part]int, len(parts))
	for i, p := range parts {
		index[p] = i
	}
	metadata, stats, err := f.discover(ctx, f.planQuery(parts...), stats)
	if err != nil {
		for i := range results {
			results[i].err = err
		}
		return results
	}
	var running sync.WaitGroup
	for _, parts := range groupBy(parts, canShareInvoke) {
		running.Go(func() {
			var answer *Answer
			err := contain(func() (err error) {
				answer, err = f.execute(ctx, f.planQuery(parts...), metadata, stats)
				return err
			})
			for _, p := range parts {
				results[index[p]] = result{answer: answer, err: err}
			}
		})
	}
	running.Wait()
	return results
}
