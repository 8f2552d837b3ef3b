package profile

import querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

// diffValues is how many numbers querier.v1.FlameGraphDiff has for a node:
// offset, total and self of the left side, the same of the right side, and the
// index of the name.
const diffValues = 7

// Diff lays two call trees out as querier.v1.FlameGraphDiff: NewDiffTree says
// what is shown and which errors there are. Levels and names are in the same
// order as in FlameGraph.
func Diff(left, right *Tree, maxNodes int64) (*querierv1.FlameGraphDiff, error) {
	d, err := NewDiffTree(left, right, maxNodes)
	if err != nil {
		return nil, err
	}
	return d.FlameGraph(), nil
}

// FlameGraph is the tree as querier.v1.FlameGraphDiff.
func (d *DiffTree) FlameGraph() *querierv1.FlameGraphDiff {
	levels := newLevels(diffValues, countLevels(d.Nodes, func(n *DiffNode) int32 { return n.Level }))
	names := newShownNames(d.Names, rootIsNameless)
	endLeft := make([]int64, len(levels.values)+1)
	endRight := make([]int64, len(levels.values)+1)
	endLeft[0], endRight[0] = d.Nodes[0].TotalLeft, d.Nodes[0].TotalRight
	var maxSelf int64
	for i := range d.Nodes {
		n := &d.Nodes[i]
		startLeft, startRight := endLeft[n.Level]-n.TotalLeft, endRight[n.Level]-n.TotalRight
		endLeft[n.Level+1], endRight[n.Level+1] = endLeft[n.Level], endRight[n.Level]
		endLeft[n.Level], endRight[n.Level] = startLeft, startRight
		maxSelf = max(maxSelf, n.SelfLeft, n.SelfRight)

		v := levels.prepend(n.Level)
		v[0], v[1], v[2] = startLeft, n.TotalLeft, n.SelfLeft
		v[3], v[4], v[5] = startRight, n.TotalRight, n.SelfRight
		v[6] = names.show(n.Name, i == 0)
	}
	levels.deltas(0)
	levels.deltas(3)
	root := &d.Nodes[0]
	return &querierv1.FlameGraphDiff{
		Names:      names.names,
		Levels:     levels.proto(),
		Total:      root.TotalLeft + root.TotalRight,
		MaxSelf:    maxSelf,
		LeftTicks:  root.TotalLeft,
		RightTicks: root.TotalRight,
	}
}
