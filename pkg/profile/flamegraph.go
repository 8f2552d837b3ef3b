package profile

import (
	"slices"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
)

// FlameGraph lays a call tree out as querier.v1.FlameGraph. Levels go from the
// root down, and from the first sibling in name order to the last. Of the nodes
// below the root, the maxNodes-th largest total is the least that is shown; a
// maxNodes below 1 is no limit. A node's smaller children, and those already
// called "other", are shown as one "other", after its other children. Names
// come in the order of a walk, depth first, from the last child to the first.
func FlameGraph(t *Tree, maxNodes int64) *querierv1.FlameGraph {
	if t.Len() == 0 {
		t = newTree(1)
		t.Names = []string{""}
	}
	l := layOut(rootIsNamedTotal, shown(t, maxNodes))
	return &querierv1.FlameGraph{
		Names:   l.names,
		Levels:  l.levels,
		Total:   t.Total(),
		MaxSelf: l.maxSelf,
	}
}

// shown is what a flame graph shows of a tree.
func shown(t *Tree, maxNodes int64) *Tree {
	totals := t.totals()
	least := t.leastTotal(totals, maxNodes)
	other := int32(slices.Index(t.Names, otherName))
	if least == 0 && other < 0 {
		return t
	}
	return collapse([]*Tree{t}, [][]int64{totals}, func(i int) bool { return totals[i] < least || t.Name[i] == other })[0]
}
