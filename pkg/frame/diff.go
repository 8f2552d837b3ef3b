package frame

import (
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Diff makes a flame graph frame of two call trees laid over each other. The
// frame is as FlameGraph makes it, with two more fields: value and self are the
// baseline's (left) alone, valueRight and selfRight those of the profile that is
// compared with it. Grafana's panel draws a bar as wide as value and valueRight
// together, and colours it by how the two sides' parts of their wholes differ.
func Diff(tree *profile.DiffTree, t profile.Type) *data.Frame {
	nodes := tree.Left.Len()
	level := newIntField("level", nodes)
	value, valueRight := newIntField("value", nodes), newIntField("valueRight", nodes)
	self, selfRight := newIntField("self", nodes), newIntField("selfRight", nodes)
	// The root has a name of its own: other nodes may be nameless too.
	label := newLabelField(nodes, append(slices.Clone(tree.Left.Names), rootLabel))
	for row, n := range tree.Left.Rows() {
		setInt(level, row, int64(n.Level))
		setInt(value, row, n.Total)
		setInt(self, row, n.Self)
		label.set(row, uint32(n.Name))
	}
	for row, n := range tree.Right.Rows() {
		setInt(valueRight, row, n.Total)
		setInt(selfRight, row, n.Self)
	}
	label.set(0, uint32(len(tree.Left.Names)))
	unit := UnitOf(t).Sample
	return flameGraphFrame(
		level,
		withUnit(value, unit),
		withUnit(self, unit),
		label.Field,
		withUnit(valueRight, unit),
		withUnit(selfRight, unit),
	)
}
