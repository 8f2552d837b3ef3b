package querybackend

import (
	"fmt"
	"strconv"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A fullTreeQuery wants one call tree of all stacks, by location, and with it
// all that is known of the locations: SYMBOL_MODE_FULL.
type fullTreeQuery struct{ treeQuery }

func (q fullTreeQuery) collect() collector { return q.start() }
func (q fullTreeQuery) merge() merger      { return q.start() }

func (q fullTreeQuery) start() *fullTree {
	return &fullTree{query: q, symbols: newSymbols(), builder: profile.NewTreeBuilder()}
}

// fullTree builds its tree of names that are location numbers, so that it
// merges and truncates as every tree does.
type fullTree struct {
	profilesOnly
	query   fullTreeQuery
	symbols *symbols
	builder *profile.TreeBuilder
	names   []string // reused from stack to stack
	stack   []string
}

// otherName is the node that truncation leaves.
const otherName = "other"

// locationName has a fixed length, so that names are in the order of numbers.
func locationName(location int) string { return fmt.Sprintf("%010d", location) }

func (c *fullTree) profile(_ []*typesv1.LabelPair, p *blockstore.Profile) {
	selector := c.query.selector
	if !selector.wantsProfile(p) {
		return
	}
	for i := range p.Samples {
		sample := &p.Samples[i]
		if !selector.wantsSample(sample) {
			continue
		}
		c.names = functionNames(c.names[:0], sample.Stack)
		if !selector.wantsStack(c.names) {
			continue
		}
		c.stack = c.stack[:0]
		for j := len(sample.Stack) - 1; j >= 0; j-- {
			c.stack = append(c.stack, locationName(c.symbols.stored(&sample.Stack[j])))
		}
		c.builder.AddStack(sample.Value, c.stack)
	}
}

func (c *fullTree) add(r *queryv1.Report) error {
	nodes, err := decodeLocationTree(r.GetTree().GetTree())
	if err != nil {
		return err
	}
	source := c.symbols.from(r.GetTree().GetSymbols())
	part := newKeyTree()
	for i, n := range nodes {
		name := ""
		switch {
		case i == 0: // the root
		case n.location == otherLocation:
			name = otherName
		default:
			location, err := source.location(n.location)
			if err != nil {
				return fmt.Errorf("call tree, node %d: %w", i, err)
			}
			name = locationName(location)
		}
		part.add(name, n.level, n.self)
	}
	c.builder.AddTree(&part.Tree)
	return nil
}

// report numbers the locations that truncation left afresh.
func (c *fullTree) report() (*queryv1.Report, error) {
	whole := c.builder.Tree(c.query.source.MaxNodes)
	kept := newSymbols()
	source := kept.from(c.symbols.table)
	nodes := make([]locationNode, whole.Len())
	for i, number := range whole.Name {
		nodes[i] = locationNode{level: whole.Level[i], self: whole.Self[i]}
		switch name := whole.Names[number]; {
		case i == 0:
		case name == otherName:
			nodes[i].location = otherLocation
		default:
			number, err := strconv.ParseUint(name, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("call tree, node %d: %w", i, err)
			}
			location, err := source.location(number)
			if err != nil {
				return nil, fmt.Errorf("call tree, node %d: %w", i, err)
			}
			nodes[i].location = uint64(location)
		}
	}
	return &queryv1.Report{Tree: &queryv1.TreeReport{
		Query:   clone(c.query.source),
		Tree:    encodeLocationTree(nodes),
		Symbols: kept.table,
	}}, nil
}
