package profile

import (
	"iter"
	"slices"
)

// otherName is the name of the node that stands for truncated siblings.
const otherName = "other"

// A Tree is a call tree as columns: one entry a node, in the order of the wire.
// That is depth first, and of a node's children the last in name order comes
// first. Siblings have different names. An empty tree has no nodes; else the
// first is the nameless root.
//
// The columns are what a tree is decoded into and all that is kept of it. What
// follows from them, such as totals, is worked out where it is needed.
type Tree struct {
	// Names are the function names, each once. Some may be of no node.
	Names []string
	// Name is, by node, an index of Names.
	Name []int32
	// Level is the depth: 0 for the root. With the order of nodes, it says which
	// node is whose child.
	Level []int32
	// Self is the value of the stacks that end at the node.
	Self []int64
}

// A Node is one call path of a Tree.
type Node struct {
	Name, Level int32
	Self        int64
	// Total is Self and the totals of the children.
	Total int64
}

// newTree is a tree with room for as many nodes, none of which is named.
func newTree(nodes int) *Tree {
	return &Tree{Name: make([]int32, nodes), Level: make([]int32, nodes), Self: make([]int64, nodes)}
}

// Len is how many nodes there are, the root included.
func (t *Tree) Len() int { return len(t.Name) }

// Total is the value of all stacks.
func (t *Tree) Total() (total int64) {
	for _, self := range t.Self {
		total += self
	}
	return total
}

// Rows visits the nodes from the last to the first. With each goes its row in
// the order of flame graphs, which is depth first too, but with siblings in name
// order: before a node go its ancestors, and all that comes behind its subtree
// in the tree.
func (t *Tree) Rows() iter.Seq2[int, Node] {
	return func(yield func(int, Node) bool) {
		type sum struct {
			total int64
			nodes int
		}
		below := make([]sum, t.levels()+1) // by level: of the nodes that were visited, and whose parent was not
		for i := len(t.Level) - 1; i >= 0; i-- {
			level := t.Level[i]
			subtree := below[level+1]
			subtree.total += t.Self[i]
			subtree.nodes++
			below[level+1] = sum{}
			below[level].total += subtree.total
			below[level].nodes += subtree.nodes
			row := int(level) + len(t.Level) - i - subtree.nodes
			if !yield(row, Node{Name: t.Name[i], Level: level, Self: t.Self[i], Total: subtree.total}) {
				return
			}
		}
	}
}

// levels is how many levels there are.
func (t *Tree) levels() int {
	if len(t.Level) == 0 {
		return 0
	}
	return int(slices.Max(t.Level)) + 1
}

// totals are the totals of the nodes.
func (t *Tree) totals() []int64 {
	totals := slices.Clone(t.Self)
	t.addUp(totals)
	return totals
}

// addUp makes totals of self values, in place.
func (t *Tree) addUp(values []int64) {
	below := make([]int64, t.levels()+1) // by level: of the nodes that were seen, and whose parent was not
	for i := len(values) - 1; i >= 0; i-- {
		level := t.Level[i]
		values[i] += below[level+1]
		below[level+1] = 0
		below[level] += values[i]
	}
}

// takeApart makes self values of totals, in place.
func (t *Tree) takeApart(totals []int64) {
	below := make([]int64, t.levels()+1) // as in addUp
	for i := len(totals) - 1; i >= 0; i-- {
		level, total := t.Level[i], totals[i]
		totals[i] -= below[level+1]
		below[level+1] = 0
		below[level] += total
	}
}

// end is where the subtree of a node ends.
func (t *Tree) end(i int) int {
	end := i + 1
	for end < len(t.Level) && t.Level[end] > t.Level[i] {
		end++
	}
	return end
}

// ends are where the subtrees of the nodes end.
func (t *Tree) ends() []int32 {
	ends := make([]int32, len(t.Level))
	open := make([]int32, 0, t.levels()) // the nodes whose subtree goes on
	for i, level := range t.Level {
		for len(open) > int(level) {
			ends[open[len(open)-1]] = int32(i)
			open = open[:len(open)-1]
		}
		open = append(open, int32(i))
	}
	for _, i := range open {
		ends[i] = int32(len(ends))
	}
	return ends
}

// append adds a node behind the others.
func (t *Tree) append(name, level int32, self int64) {
	t.Name = append(t.Name, name)
	t.Level = append(t.Level, level)
	t.Self = append(t.Self, self)
}

// numberOf is the number of a name, a new one if need be. The names of other
// trees with the same table stay as they are.
func (t *Tree) numberOf(name string) int32 {
	if i := slices.Index(t.Names, name); i >= 0 {
		return int32(i)
	}
	t.Names = append(t.Names[:len(t.Names):len(t.Names)], name)
	return int32(len(t.Names) - 1)
}
