package profile

import (
	"slices"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
)

// flameValues is how many numbers querier.v1.FlameGraph has for a node: the
// offset from the end of the node before it in its level, total, self, and the
// index of the name.
const flameValues = 4

// FlameGraph lays a call tree out as querier.v1.FlameGraph. Levels go from the
// root down, and from the first sibling in name order to the last. Of the nodes
// below the root, the maxNodes-th largest total is the least that is shown; a
// maxNodes below 1 is no limit. A node's smaller children, and those already
// called "other", are shown as one "other", after its other children. Names
// come in the order of a walk, depth first, from the last child to the first.
func FlameGraph(t *Tree, maxNodes int64) *querierv1.FlameGraph {
	if len(t.Nodes) == 0 {
		t = &Tree{Names: []string{""}, Nodes: []Node{{Size: 1}}}
	}
	shown := collapse(t, minTotal(t, maxNodes))
	levels := newLevels(flameValues, countLevels(shown.Nodes, func(n *Node) int32 { return n.Level }))
	names := newShownNames(shown.Names, rootIsNamedTotal)
	// end[level] is where the next node of that level ends: siblings come from
	// the last to the first, so they fill their parent from its right.
	end := make([]int64, len(levels.values)+1)
	end[0] = shown.Total()
	var maxSelf int64
	for i := range shown.Nodes {
		n := &shown.Nodes[i]
		start := end[n.Level] - n.Total
		end[n.Level+1] = end[n.Level]
		end[n.Level] = start
		maxSelf = max(maxSelf, n.Self)

		v := levels.prepend(n.Level)
		v[0], v[1], v[2], v[3] = start, n.Total, n.Self, names.show(n.Name, i == 0)
	}
	levels.deltas(0)
	return &querierv1.FlameGraph{
		Names:   names.names,
		Levels:  levels.proto(),
		Total:   shown.Total(),
		MaxSelf: maxSelf,
	}
}

// collapse gathers every node's children that have less than the given total,
// or are called "other", in one leaf "other" that is the first in wire order.
func collapse(t *Tree, least int64) *Tree {
	other := int32(slices.Index(t.Names, otherName))
	if least == 0 && other < 0 {
		return t
	}
	c := &Tree{Names: t.Names}
	if other < 0 {
		other = int32(len(t.Names))
		c.Names = append(t.Names[:len(t.Names):len(t.Names)], otherName)
	}
	for i := 0; i < len(t.Nodes); {
		n := t.Nodes[i]
		if i > 0 && (n.Total < least || n.Name == other) {
			i += int(n.Size)
			continue
		}
		var rest int64
		for child, last := i+1, i+int(n.Size); child < last; child += int(t.Nodes[child].Size) {
			if x := &t.Nodes[child]; x.Total < least || x.Name == other {
				rest += x.Total
			}
		}
		// FlameGraph needs no subtree sizes.
		c.Nodes = append(c.Nodes, Node{Name: n.Name, Level: n.Level, Self: n.Self, Total: n.Total})
		if rest > 0 {
			c.Nodes = append(c.Nodes, Node{Name: other, Level: n.Level + 1, Self: rest, Total: rest})
		}
		i++
	}
	return c
}
