package profile

import querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

// Diff lays two call trees out as querier.v1.FlameGraphDiff: NewDiffTree says
// what is shown and which errors there are. Levels and names are in the same
// order as in FlameGraph. Of a node there are offset, total and self of the left
// side, the same of the right side, and the index of the name.
func Diff(left, right *Tree, maxNodes int64) (*querierv1.FlameGraphDiff, error) {
	d, err := NewDiffTree(left, right, maxNodes)
	if err != nil {
		return nil, err
	}
	l := layOut(rootIsNameless, d.Left, d.Right)
	return &querierv1.FlameGraphDiff{
		Names:      l.names,
		Levels:     l.levels,
		Total:      d.Left.Total() + d.Right.Total(),
		MaxSelf:    l.maxSelf,
		LeftTicks:  d.Left.Total(),
		RightTicks: d.Right.Total(),
	}, nil
}
