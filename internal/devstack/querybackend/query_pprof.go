package querybackend

import (
	"errors"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A pprofQuery wants one profile of all stacks, with all that is known of
// their locations.
type pprofQuery struct {
	source   *queryv1.PprofQuery
	selector sampleSelector
	pgo      *typesv1.GoPGO
	// profileType is the type that the label selector names. It is empty if
	// that names none.
	profileType profile.Type
	end         int64 // Unix milliseconds
}

func preparePprof(r *request, q *queryv1.Query) (query, error) {
	source := q.Pprof
	if source == nil {
		return nil, errors.New("no parameters")
	}
	prepared := pprofQuery{source: source, pgo: source.GetStackTraceSelector().GetGoPgo(), end: r.end}
	site := source.StackTraceSelector
	if prepared.pgo != nil {
		site = nil // types.v1.StackTraceSelector: the call site is then ignored
	}
	var err error
	prepared.selector, err = newSampleSelector(source.SpanSelector, source.TraceIdSelector, source.ProfileIdSelector, site)
	if err != nil {
		return nil, err
	}
	for _, m := range r.matchers {
		if m.Name == profile.LabelProfileType && m.Type == labels.MatchEqual {
			if t, err := profile.ParseType(m.Value); err == nil {
				prepared.profileType = t
				break
			}
		}
	}
	return prepared, nil
}

func (q pprofQuery) collect() collector {
	return &pprofCollector{query: q, symbols: newSymbols(), byStack: map[string]int{}}
}

func (q pprofQuery) merge() merger { return &pprofMerge{query: q} }

// A pprofCollector sums samples by their stack.
type pprofCollector struct {
	profilesOnly
	query   pprofQuery
	symbols *symbols
	stacks  []pprofStack
	byStack map[string]int
}

// A pprofStack is one sample of the profile to be.
type pprofStack struct {
	locations []uint64 // leaf first
	functions []string // root first
	value     int64
}

func (c *pprofCollector) profile(_ []*typesv1.LabelPair, p *blockstore.Profile) {
	for sample, names := range c.query.selector.samples(p) {
		c.add(sample, names)
	}
}

func (c *pprofCollector) add(sample *blockstore.Sample, names []string) {
	stack := sample.Stack
	if pgo := c.query.pgo; pgo != nil {
		if stack = trimForPGO(stack, pgo); len(stack) == 0 {
			return
		}
	}
	locations := make([]uint64, len(stack))
	for i := range stack {
		locations[i] = uint64(c.symbols.stored(&stack[i]))
	}
	key := string(appendNumbers(nil, locations...))
	i, ok := c.byStack[key]
	if !ok {
		i = len(c.stacks)
		c.stacks = append(c.stacks, pprofStack{locations: locations, functions: slices.Clone(names)})
		c.byStack[key] = i
	}
	c.stacks[i].value += sample.Value
}

// trimForPGO keeps the innermost locations, and takes the line number from the
// leaf, so that samples of one callee become one.
func trimForPGO(stack []blockstore.Location, pgo *typesv1.GoPGO) []blockstore.Location {
	if n := int(pgo.KeepLocations); n > 0 && len(stack) > n {
		stack = stack[:n]
	}
	if !pgo.AggregateCallees || len(stack) == 0 || len(stack[0].Lines) == 0 {
		return stack
	}
	stack = slices.Clone(stack)
	stack[0].Lines = slices.Clone(stack[0].Lines)
	stack[0].Lines[0].Line = 0
	stack[0].Address = 0 // differs from line to line
	return stack
}

func (c *pprofCollector) report() (*queryv1.Report, error) {
	if limit := c.query.source.MaxNodes; limit > 0 && c.query.pgo == nil {
		c.stacks = truncateStacks(c.stacks, c.symbols, limit)
	}
	return c.query.reportOf(c.query.encode(c.stacks, c.symbols.table))
}

func (q pprofQuery) reportOf(pprof []byte, err error) (*queryv1.Report, error) {
	if err != nil {
		return nil, err
	}
	return &queryv1.Report{Pprof: &queryv1.PprofReport{Query: clone(q.source), Pprof: pprof}}, nil
}
