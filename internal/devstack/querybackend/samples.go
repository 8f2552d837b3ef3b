package querybackend

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A sampleSelector picks the samples of a tree or pprof query. Empty, it picks
// all.
type sampleSelector struct {
	profiles map[uuid.UUID]struct{}
	spans    map[uint64]struct{}
	traces   map[[16]byte]struct{}
	callSite []string // root first
}

// newSampleSelector parses the selectors of a request.
func newSampleSelector(spans, traces, profiles []string, site *typesv1.StackTraceSelector) (sampleSelector, error) {
	var s sampleSelector
	if len(spans) > 0 && len(traces) > 0 {
		return s, errors.New("span_selector and trace_id_selector cannot be combined")
	}
	for _, text := range spans {
		id, err := profile.ParseSpanID(text)
		if err != nil {
			return s, fmt.Errorf("span_selector: %w", err)
		}
		put(&s.spans, id)
	}
	for _, text := range traces {
		id, err := profile.ParseTraceID(text)
		if err != nil {
			return s, fmt.Errorf("trace_id_selector: %w", err)
		}
		put(&s.traces, id)
	}
	for _, text := range profiles {
		id, err := profile.ParseProfileID(text)
		if err != nil {
			return s, fmt.Errorf("profile_id_selector: %w", err)
		}
		put(&s.profiles, id)
	}
	for _, location := range site.GetCallSite() {
		s.callSite = append(s.callSite, location.GetName())
	}
	return s, nil
}

func put[K comparable](set *map[K]struct{}, key K) {
	if *set == nil {
		*set = map[K]struct{}{}
	}
	(*set)[key] = struct{}{}
}

// samples are the samples of a profile that are wanted, with the names of their
// functions, root first, which are good until the next sample.
func (s sampleSelector) samples(p *blockstore.Profile) iter.Seq2[*blockstore.Sample, []string] {
	return func(yield func(*blockstore.Sample, []string) bool) {
		if !s.wantsProfile(p) {
			return
		}
		var names []string
		for i := range p.Samples {
			sample := &p.Samples[i]
			if !s.wantsSample(sample) {
				continue
			}
			names = functionNames(names[:0], sample.Stack)
			if s.wantsStack(names) && !yield(sample, names) {
				return
			}
		}
	}
}

func (s sampleSelector) wantsProfile(p *blockstore.Profile) bool {
	if s.profiles == nil {
		return true
	}
	_, ok := s.profiles[p.ID]
	return ok
}

// wantsSample leaves the call site aside: wantsStack looks at that.
func (s sampleSelector) wantsSample(sample *blockstore.Sample) bool {
	if s.spans != nil {
		_, ok := s.spans[sample.SpanID]
		return ok && sample.SpanID != 0
	}
	if s.traces != nil {
		_, ok := s.traces[sample.TraceID]
		return ok && sample.TraceID != [16]byte{}
	}
	return true
}

// wantsStack says whether a stack of function names, root first, begins with
// the call site.
func (s sampleSelector) wantsStack(names []string) bool {
	return len(names) >= len(s.callSite) && slices.Equal(names[:len(s.callSite)], s.callSite)
}

// functionNames appends a stack's function names, root first, inlined calls
// included. Native code without symbols has no name and is left out.
func functionNames(names []string, stack []blockstore.Location) []string {
	for i := len(stack) - 1; i >= 0; i-- {
		lines := stack[i].Lines
		for j := len(lines) - 1; j >= 0; j-- {
			names = append(names, lines[j].Function)
		}
	}
	return names
}
