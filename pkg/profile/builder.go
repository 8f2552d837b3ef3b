package profile

import (
	"cmp"
	"math"
	"slices"
)

// A TreeBuilder collects stacks and trees, in any order, into one call tree.
// It is not safe for concurrent use.
type TreeBuilder struct {
	names []string
	table nameTable
	nodes []builderNode
	// child finds a node by its parent and name.
	child map[childKey]int32
}

// A builderNode comes after its parent in TreeBuilder.nodes.
type builderNode struct {
	parent, name int32
	self         int64
}

type childKey struct{ parent, name int32 }

// NewTreeBuilder makes a builder of an empty tree.
func NewTreeBuilder() *TreeBuilder {
	b := &TreeBuilder{child: map[childKey]int32{}}
	b.table = newNameTable(&b.names)
	b.nodes = append(b.nodes, builderNode{name: b.table.string("")})
	return b
}

// AddStack adds value to the call path stack, root first. Nothing is added by
// a value below 1 or by an empty stack. Sums stop at the largest int64.
func (b *TreeBuilder) AddStack(value int64, stack []string) {
	if value < 1 || len(stack) == 0 {
		return
	}
	var node int32
	for _, name := range stack {
		node = b.descend(node, b.table.string(name))
	}
	b.add(node, value)
}

// AddTree adds a tree, node by node.
func (b *TreeBuilder) AddTree(t *Tree) {
	if len(t.Nodes) == 0 {
		return
	}
	names := make([]int32, len(t.Names))
	for i, name := range t.Names {
		names[i] = b.table.string(name)
	}
	path := make([]int32, 1, 64) // path[level]: the builder's node there
	b.add(0, t.Nodes[0].Self)
	for _, n := range t.Nodes[1:] {
		node := b.descend(path[n.Level-1], names[n.Name])
		path = append(path[:n.Level], node)
		b.add(node, n.Self)
	}
}

func (b *TreeBuilder) descend(parent, name int32) int32 {
	key := childKey{parent, name}
	node, ok := b.child[key]
	if !ok {
		node = int32(len(b.nodes))
		b.nodes = append(b.nodes, builderNode{parent: parent, name: name})
		b.child[key] = node
	}
	return node
}

func (b *TreeBuilder) add(node int32, value int64) {
	b.nodes[node].self = addSaturated(b.nodes[node].self, value)
}

// Tree is what was added, in wire order, with no more nodes than about
// maxNodes: see Truncate. A maxNodes below 1 is no limit. The builder stays
// usable.
func (b *TreeBuilder) Tree(maxNodes int64) *Tree {
	if len(b.nodes) == 1 && b.nodes[0].self == 0 {
		return &Tree{}
	}
	return Truncate(b.sorted(), maxNodes)
}

// sorted lays the nodes out in wire order.
func (b *TreeBuilder) sorted() *Tree {
	firstChild, nextSibling := b.orderChildren()
	// Sizes and totals: children come after parents, so backwards is upwards.
	size := make([]int32, len(b.nodes))
	total := make([]int64, len(b.nodes))
	for i := len(b.nodes) - 1; i >= 0; i-- {
		size[i]++
		total[i] = addSaturated(total[i], b.nodes[i].self)
		if i > 0 {
			parent := b.nodes[i].parent
			size[parent] += size[i]
			total[parent] = addSaturated(total[parent], total[i])
		}
	}

	t := &Tree{Names: slices.Clone(b.names), Nodes: make([]Node, 0, len(b.nodes))}
	node, level := int32(0), int32(0)
	for {
		t.Nodes = append(t.Nodes, Node{Name: b.nodes[node].name, Level: level, Size: size[node], Self: b.nodes[node].self, Total: total[node]})
		if firstChild[node] > 0 {
			node = firstChild[node]
			level++
			continue
		}
		for node > 0 && nextSibling[node] == 0 {
			node = b.nodes[node].parent
			level--
		}
		if node == 0 {
			return t
		}
		node = nextSibling[node]
	}
}

// orderChildren links every node's children in wire order: the last name
// first. 0 ends a list, as the root is nobody's child.
func (b *TreeBuilder) orderChildren() (firstChild, nextSibling []int32) {
	byName := make([]int32, len(b.names)) // name ids in ascending order
	for i := range byName {
		byName[i] = int32(i)
	}
	slices.SortFunc(byName, func(x, y int32) int { return cmp.Compare(b.names[x], b.names[y]) })

	// Bucket the nodes by name, then prepend them to their parents' lists in
	// ascending order of name: each list ends up descending.
	bucket := make([]int32, len(b.names))
	next := make([]int32, len(b.nodes))
	for i := len(b.nodes) - 1; i > 0; i-- {
		name := b.nodes[i].name
		next[i], bucket[name] = bucket[name], int32(i)
	}
	firstChild = make([]int32, len(b.nodes))
	nextSibling = make([]int32, len(b.nodes))
	for _, name := range byName {
		for i := bucket[name]; i > 0; i = next[i] {
			parent := b.nodes[i].parent
			nextSibling[i], firstChild[parent] = firstChild[parent], i
		}
	}
	return firstChild, nextSibling
}

func addSaturated(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
