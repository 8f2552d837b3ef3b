package querybackend

import (
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A treeQuery wants one call tree of all stacks, by function name.
type treeQuery struct {
	source   *queryv1.TreeQuery
	selector sampleSelector
}

func prepareTree(_ *request, q *queryv1.Query) (query, error) {
	source := q.Tree
	if source == nil {
		return nil, errors.New("no parameters")
	}
	mode, err := symbolMode(source)
	if err != nil {
		return nil, err
	}
	selector, err := newSampleSelector(source.SpanSelector, source.TraceIdSelector, source.ProfileIdSelector, source.StackTraceSelector)
	if err != nil {
		return nil, err
	}
	plain := treeQuery{source, selector}
	switch mode {
	case queryv1.SymbolMode_SYMBOL_MODE_REFS:
		return refsTreeQuery{plain}, nil
	}
	return plain, nil
}

// symbolMode is how the tree's nodes are to be named. The boolean that came
// before the mode still counts where the mode is unset.
func symbolMode(source *queryv1.TreeQuery) (queryv1.SymbolMode, error) {
	mode := source.SymbolMode
	if source.FullSymbols { //nolint:staticcheck // deprecated, and still on the wire
		if mode != queryv1.SymbolMode_SYMBOL_MODE_UNSPECIFIED {
			return mode, errors.New("full_symbols and symbol_mode cannot be combined")
		}
		return queryv1.SymbolMode_SYMBOL_MODE_FULL, errNoFullSymbols()
	}
	switch mode {
	case queryv1.SymbolMode_SYMBOL_MODE_UNSPECIFIED, queryv1.SymbolMode_SYMBOL_MODE_NAME:
		return queryv1.SymbolMode_SYMBOL_MODE_NAME, nil
	case queryv1.SymbolMode_SYMBOL_MODE_FULL:
		return mode, errNoFullSymbols()
	case queryv1.SymbolMode_SYMBOL_MODE_REFS:
		return mode, nil
	default:
		return mode, status.Errorf(codes.InvalidArgument, "unknown symbol_mode %s", mode)
	}
}

// errNoFullSymbols is for a mode that nothing here asks for.
func errNoFullSymbols() error {
	return status.Error(codes.Unimplemented, "the stand-in has no trees of full symbols: nothing asks for them")
}

func (q treeQuery) start() *tree       { return &tree{query: q, builder: profile.NewTreeBuilder()} }
func (q treeQuery) collect() collector { return q.start() }
func (q treeQuery) merge() merger      { return q.start() }

type tree struct {
	profilesOnly
	query   treeQuery
	builder *profile.TreeBuilder
}

func (c *tree) profile(_ []*typesv1.LabelPair, p *blockstore.Profile) {
	for sample, names := range c.query.selector.samples(p) {
		c.builder.AddStack(sample.Value, names)
	}
}

func (c *tree) add(r *queryv1.Report) error {
	part, err := profile.UnmarshalTree(r.GetTree().GetTree())
	if err != nil {
		return err
	}
	c.builder.AddTree(part)
	return nil
}

func (c *tree) report() (*queryv1.Report, error) {
	return &queryv1.Report{Tree: &queryv1.TreeReport{
		Query: clone(c.query.source),
		Tree:  c.builder.Tree(c.query.source.MaxNodes).Marshal(),
	}}, nil
}
