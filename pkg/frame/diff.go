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
	nodes := len(tree.Nodes)
	level := newColumn[int64]("level", data.FieldTypeInt64, nodes)
	value := newColumn[int64]("value", data.FieldTypeInt64, nodes)
	self := newColumn[int64]("self", data.FieldTypeInt64, nodes)
	label := newLabelColumn(nodes)
	valueRight := newColumn[int64]("valueRight", data.FieldTypeInt64, nodes)
	selfRight := newColumn[int64]("selfRight", data.FieldTypeInt64, nodes)
	for i, n := range tree.Nodes {
		// The tree has siblings backwards. Before a node go its ancestors, and
		// all that comes behind its subtree in the tree.
		row := int(n.Level) + nodes - i - int(n.Size)
		level.values[row] = int64(n.Level)
		value.values[row], self.values[row] = n.TotalLeft, n.SelfLeft
		valueRight.values[row], selfRight.values[row] = n.TotalRight, n.SelfRight
		label.set(row, uint32(n.Name))
	}
	// The root has a name of its own: other nodes may be nameless too.
	names := append(slices.Clip(tree.Names), rootLabel)
	if nodes > 0 {
		label.set(0, uint32(len(tree.Names)))
	}
	unit := UnitOf(t).Sample
	return flameGraphFrame(
		level.field,
		withUnit(value.field, unit),
		withUnit(self.field, unit),
		label.field(names),
		withUnit(valueRight.field, unit),
		withUnit(selfRight.field, unit),
	)
}
