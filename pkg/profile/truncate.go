package profile

// Truncate limits a tree as Pyroscope's query-backend does. Of the nodes below
// the root, the maxNodes-th largest total is the least total that is kept:
// children with less are removed, and the parent's child "other" gets their
// sum as its self value. A child that is called "other" already always stays.
// So the answer can have more than maxNodes nodes. With maxNodes below 1, or
// not exceeded, the tree itself is returned.
func Truncate(t *Tree, maxNodes int64) *Tree {
	least := minTotal(t, maxNodes)
	if least == 0 {
		return t
	}
	c := truncation{from: t, names: t.Names, other: -1}
	for i, name := range t.Names {
		if name == otherName {
			c.other = int32(i)
		}
	}
	if c.other < 0 {
		c.other = int32(len(t.Names))
		c.names = append(t.Names[:len(t.Names):len(t.Names)], otherName)
	}
	c.run(least)
	return &Tree{Names: c.names, Nodes: c.nodes}
}

// A truncation is one run of Truncate: it walks the tree in wire order and
// writes what is kept.
type truncation struct {
	from  *Tree
	names []string
	other int32 // the name "other" in names
	nodes []Node
	open  []truncatedNode
}

// A truncatedNode is a node that was kept and whose children are being walked.
type truncatedNode struct {
	end     int   // where its subtree ends in the tree
	index   int32 // where it was written
	removed int64 // the total of children removed, until "other" is written
}

func (c *truncation) run(least int64) {
	for i := 0; i < len(c.from.Nodes); {
		n := c.from.Nodes[i]
		for len(c.open) > 0 && c.open[len(c.open)-1].end <= i {
			c.close()
		}
		if i > 0 && n.Total < least && n.Name != c.other {
			i += int(n.Size) // counted by its parent in keep
			continue
		}
		c.keep(i, least)
		i++
	}
	for len(c.open) > 0 {
		c.close()
	}
}

// keep writes the node at i, and before it the parent's "other" when that comes
// first in wire order.
func (c *truncation) keep(i int, least int64) {
	n := c.from.Nodes[i]
	if len(c.open) > 0 {
		parent := &c.open[len(c.open)-1]
		switch {
		case parent.removed == 0:
		case n.Name == c.other:
			n.Self += parent.removed
			n.Total += parent.removed
			parent.removed = 0
		case c.names[n.Name] < otherName:
			c.writeOther(parent, n.Level)
		}
	}
	end := i + int(n.Size)
	var removed int64
	for child := i + 1; child < end; child += int(c.from.Nodes[child].Size) {
		if x := c.from.Nodes[child]; x.Total < least && x.Name != c.other {
			removed += x.Total
		}
	}
	c.open = append(c.open, truncatedNode{end: end, index: int32(len(c.nodes)), removed: removed})
	c.nodes = append(c.nodes, n)
}

// close ends the node opened last: all of its children are written.
func (c *truncation) close() {
	last := &c.open[len(c.open)-1]
	if last.removed > 0 {
		c.writeOther(last, c.nodes[last.index].Level+1)
	}
	c.nodes[last.index].Size = int32(len(c.nodes)) - last.index
	c.open = c.open[:len(c.open)-1]
}

func (c *truncation) writeOther(parent *truncatedNode, level int32) {
	c.nodes = append(c.nodes, Node{Name: c.other, Level: level, Size: 1, Self: parent.removed, Total: parent.removed})
	parent.removed = 0
}

// minTotal is the least total that a node must have to be shown when a tree is
// limited to maxNodes: 0 when the limit is not exceeded.
func minTotal(t *Tree, maxNodes int64) int64 {
	return leastTotal(len(t.Nodes), maxNodes, func(i int) (int64, int32) { return t.Nodes[i].Total, t.Nodes[i].Size })
}

// leastTotal is minTotal of n nodes, of which it is told the total and the size.
func leastTotal(n int, maxNodes int64, node func(i int) (total int64, size int32)) int64 {
	if maxNodes < 1 || int64(n-1) <= maxNodes {
		return 0
	}
	largest := make(minHeap, 0, maxNodes)
	for i := 1; i < n; {
		total, size := node(i)
		if int64(len(largest)) == maxNodes && total <= largest[0] {
			i += int(size) // no descendant has a larger total
			continue
		}
		largest.offer(total, maxNodes)
		i++
	}
	return largest[0]
}
