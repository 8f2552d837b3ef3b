package querybackend

import (
	"fmt"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A refsTreeQuery wants one call tree of all stacks, native code without symbols
// among them: SYMBOL_MODE_REFS. What has no such code, is reported by name.
type refsTreeQuery struct{ treeQuery }

func (q refsTreeQuery) collect() collector { return q.start() }
func (q refsTreeQuery) merge() merger      { return q.start() }

func (q refsTreeQuery) start() *refsTree {
	return &refsTree{query: q, refs: newSymbolRefs(), builder: profile.NewTreeBuilder()}
}

// refsTree builds its tree of names that are keys of refs.
type refsTree struct {
	profilesOnly
	query    refsTreeQuery
	marked   bool
	refs     *symbolRefs
	builder  *profile.TreeBuilder
	keys     []string // reused from stack to stack
	exceeded error
}

// native is called for datasets that are marked. In others, locations without
// lines are left out, as they are from trees of names.
func (c *refsTree) native() { c.marked = true }

func (c *refsTree) profile(_ []*typesv1.LabelPair, p *blockstore.Profile) {
	if c.exceeded != nil {
		return
	}
	// The call site is compared with functions alone, here too.
	for sample := range c.query.selector.samples(p) {
		c.builder.AddStack(sample.Value, c.keysOf(sample.Stack))
	}
	c.exceeded = c.checkLimit()
}

// keysOf is a stack, root first.
func (c *refsTree) keysOf(stack []blockstore.Location) []string {
	c.keys = c.keys[:0]
	for i := len(stack) - 1; i >= 0; i-- {
		lines := stack[i].Lines
		for j := len(lines) - 1; j >= 0; j-- {
			c.keys = append(c.keys, c.refs.name(lines[j].Function))
		}
		if len(lines) == 0 && c.marked {
			c.keys = append(c.keys, c.refs.stored(&stack[i]))
		}
	}
	return c.keys
}

func (c *refsTree) checkLimit() error {
	limit := c.query.source.MaxUnresolvedLocations
	if limit > 0 && int64(len(c.refs.locations)) > limit {
		return fmt.Errorf("too many unresolved locations (limit %d)", limit)
	}
	return nil
}

func (c *refsTree) add(r *queryv1.Report) error {
	source := r.GetTree()
	if source.GetSymbolRefs() == nil {
		return c.addNames(source.GetTree())
	}
	nodes, err := decodeLocationTree(source.Tree)
	if err != nil {
		return err
	}
	part := newKeyTree()
	for i, n := range nodes {
		key := ""
		if i > 0 {
			if key, err = c.refs.key(source.SymbolRefs, n.location); err != nil {
				return fmt.Errorf("call tree, node %d: %w", i, err)
			}
		}
		part.add(key, n.level, n.self)
	}
	c.builder.AddTree(&part.Tree)
	return c.checkLimit()
}

func (c *refsTree) addNames(b []byte) error {
	part, err := profile.UnmarshalTree(b)
	if err != nil {
		return err
	}
	for i, name := range part.Names {
		part.Names[i] = c.refs.name(name)
	}
	c.builder.AddTree(part)
	return nil
}

// report truncates only what has all its names: references may turn out to be
// of one function, and large together.
func (c *refsTree) report() (*queryv1.Report, error) {
	if c.exceeded != nil {
		return nil, c.exceeded
	}
	report := &queryv1.TreeReport{Query: clone(c.query.source)}
	whole := c.builder.Tree(0)
	if len(c.refs.locations) == 0 {
		report.Tree = c.named(whole).Marshal()
		return &queryv1.Report{Tree: report}, nil
	}
	table := c.refs.table()
	nodes := make([]locationNode, whole.Len())
	for i, name := range whole.Name {
		nodes[i] = locationNode{level: whole.Level[i], self: whole.Self[i]}
		if i == 0 {
			continue
		}
		var err error
		if nodes[i].location, err = table.ref(whole.Names[name]); err != nil {
			return nil, fmt.Errorf("call tree, node %d: %w", i, err)
		}
	}
	report.Tree, report.SymbolRefs = encodeLocationTree(nodes), table.SymbolRefTable
	return &queryv1.Report{Tree: report}, nil
}

// named is a tree of keys that are all of names.
func (c *refsTree) named(whole *profile.Tree) *profile.Tree {
	names := map[string]string{keyOfOther: otherName}
	for _, name := range c.refs.names {
		names[c.refs.name(name)] = name
	}
	for i, key := range whole.Names {
		whole.Names[i] = names[key]
	}
	builder := profile.NewTreeBuilder()
	builder.AddTree(whole)
	return builder.Tree(c.query.source.MaxNodes)
}

// A keyTree is a tree that is written node by node, for a builder to add. The
// builder does not look at the root's key.
type keyTree struct {
	profile.Tree
	numbers map[string]int32
}

func newKeyTree() *keyTree { return &keyTree{numbers: map[string]int32{}} }

func (t *keyTree) add(key string, level int32, self int64) {
	number, ok := t.numbers[key]
	if !ok {
		number = int32(len(t.Names))
		t.Names = append(t.Names, key)
		t.numbers[key] = number
	}
	t.Name, t.Level, t.Self = append(t.Name, number), append(t.Level, level), append(t.Self, self)
}
