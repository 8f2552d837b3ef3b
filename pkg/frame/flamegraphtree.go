package frame

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// FlameGraphOf makes the frame that FlameGraph makes, of a call tree that is decoded already: one that was changed here.
func FlameGraphOf(tree *profile.Tree, t profile.Type) (*data.Frame, TreeSummary, error) {
	if len(tree.Nodes) == 0 {
		return FlameGraph(nil, t)
	}
	nodes := len(tree.Nodes)
	level := newColumn[int64]("level", data.FieldTypeInt64, nodes)
	value := newColumn[int64]("value", data.FieldTypeInt64, nodes)
	self := newColumn[int64]("self", data.FieldTypeInt64, nodes)
	label := newLabelColumn(nodes)
	summary := TreeSummary{Nodes: nodes, Total: tree.Total()}
	// Names are numbered in the order of their first use: of a tree that was cut, few
	// are left. The root has a name of its own, 0: other nodes may be nameless too.
	names, numbers := []string{rootLabel}, make([]uint32, len(tree.Names))
	for i, n := range tree.Nodes {
		// The tree has siblings backwards. Before a node go its ancestors, and
		// all that comes behind its subtree in the tree.
		row := int(n.Level) + nodes - i - int(n.Size)
		level.values[row] = int64(n.Level)
		value.values[row], self.values[row] = n.Total, n.Self
		if i == 0 {
			continue
		}
		if numbers[n.Name] == 0 {
			numbers[n.Name] = uint32(len(names))
			names = append(names, tree.Names[n.Name])
		}
		label.set(row, numbers[n.Name])
		if tree.Names[n.Name] == otherLabel {
			summary.Other += n.Self
		}
	}
	unit := UnitOf(t).Sample
	return flameGraphFrame(
		level.field,
		withUnit(value.field, unit),
		withUnit(self.field, unit),
		label.field(names),
	), summary, nil
}
