package profile

import (
	"math"
	"slices"
)

// A TreeBuilder collects stacks and trees, in any order, into one call tree.
// It is not safe for concurrent use.
type TreeBuilder struct {
	names *nameTable
	rows  *Tree // as gather takes them
	// path is the rows from the root to the last.
	path []int32
	// gathered is how many rows were left when they were gathered last.
	gathered int
	room     int64 // how much more fits into an int64
}

// minGather is how many rows are too few to gather them.
const minGather = 4096

// NewTreeBuilder makes a builder of an empty tree.
func NewTreeBuilder() *TreeBuilder {
	b := &TreeBuilder{names: newNameTable(0, ""), rows: &Tree{}, path: []int32{0}, room: math.MaxInt64}
	b.rows.append(0, 0, 0)
	return b
}

// AddStack adds value to the call path stack, root first. Nothing is added by
// a value below 1 or by an empty stack. The sum of all stops at the largest
// int64.
func (b *TreeBuilder) AddStack(value int64, stack []string) {
	if value < 1 || len(stack) == 0 {
		return
	}
	for i, function := range stack {
		b.descend(int32(i)+1, b.names.string(function))
	}
	b.add(len(stack), value)
	b.gatherSometimes()
}

// AddTree adds a tree, node by node.
func (b *TreeBuilder) AddTree(t *Tree) {
	names := b.names.numbers(t.Names)
	for i, level := range t.Level {
		if i > 0 {
			b.descend(level, names[t.Name[i]])
		}
		b.add(int(level), t.Self[i])
	}
	b.gatherSometimes()
}

// descend goes to a child, at the level, of the row above it on the path. It is
// a new row, behind all others, where the path does not go there already.
func (b *TreeBuilder) descend(level, name int32) {
	if int(level) < len(b.path) && b.rows.Name[b.path[level]] == name {
		return
	}
	b.path = append(b.path[:level], int32(b.rows.Len()))
	b.rows.append(name, level, 0)
}

// add adds to the row on the path at the level.
func (b *TreeBuilder) add(level int, value int64) {
	value = min(value, b.room)
	b.room -= value
	b.rows.Self[b.path[level]] += value
}

func (b *TreeBuilder) gatherSometimes() {
	if b.rows.Len() > max(minGather, 2*b.gathered) {
		b.gather()
	}
}

func (b *TreeBuilder) gather() {
	b.rows.Names = b.names.list
	b.rows = b.rows.gather(b.rows.Len())
	b.gathered = b.rows.Len()
	b.path = b.path[:1]
}

// Tree is what was added, with no more nodes than about maxNodes: see Truncate.
// A maxNodes below 1 is no limit. The builder stays usable.
func (b *TreeBuilder) Tree(maxNodes int64) *Tree {
	b.gather()
	if b.rows.Len() == 1 && b.rows.Self[0] == 0 {
		return &Tree{}
	}
	return Truncate(&Tree{
		Names: slices.Clone(b.rows.Names), Name: slices.Clone(b.rows.Name), Level: slices.Clone(b.rows.Level), Self: slices.Clone(b.rows.Self),
	}, maxNodes)
}
