package frame

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

const (
	// rootLabel is what the flame graph calls the nameless root of a call tree.
	rootLabel = "total"
	// otherLabel is the name of the nodes that truncation leaves.
	otherLabel = "other"
)

// A TreeSummary tells about the call tree that a flame graph was made of.
type TreeSummary struct {
	// Nodes is the number of nodes, the root included.
	Nodes int
	// Total is the value of all stacks, in the profile type's unit.
	Total int64
	// Other is how much of Total is in nodes named "other": stacks that were
	// left out to stay within the maximum number of nodes.
	Other int64
}

// FlameGraph makes a flame graph frame straight from the bytes of a call tree
// (query.v1.TreeReport.tree).
//
// The frame is a nested set, depth first, siblings in name order, with one row a
// node: level (int64, the root is 0), value and self (int64, in the unit of the
// type) and label (enum; string when there are more than 65,536 different
// names). Values are sums over the time range, not rates. The root is named
// "total".
//
// No bytes give the root alone, with value 0: Grafana's panel fails on a flame
// graph with no rows. Bytes that are no call tree are an error.
func FlameGraph(tree []byte, t profile.Type) (*data.Frame, TreeSummary, error) {
	if len(tree) == 0 {
		tree = []byte{0, 0, 0}
	}
	nodes, err := checkTree(tree)
	if err != nil {
		return nil, TreeSummary{}, err
	}
	level := newColumn[int64]("level", data.FieldTypeInt64, nodes)
	value := newColumn[int64]("value", data.FieldTypeInt64, nodes)
	self := newColumn[int64]("self", data.FieldTypeInt64, nodes)
	label, names := newLabelColumn(nodes), newNameTable(rootLabel, nodes)
	summary := TreeSummary{Nodes: nodes}

	// The wire has siblings backwards, so the rows are filled from the end. Of
	// a node at some depth whose subtree ends with the read-th node of the wire,
	// all that is still to be read, and its ancestors, go before it, and all
	// else that was read goes behind. So its row is known when its subtree is
	// complete, and so is its total.
	type openNode struct {
		children    uint32 // still to come
		label       uint32 // the number of its name
		self, total int64
	}
	open := make([]openNode, 0, 64)
	offset := 0
	for read := 1; read <= nodes; read++ {
		var n treeNode
		n, offset = readNode(tree, offset)
		done := openNode{children: uint32(n.children), self: int64(n.self), total: int64(n.self)}
		if read > 1 {
			name := tree[n.nameStart:n.nameEnd]
			done.label = names.number(name)
			if string(name) == otherLabel {
				summary.Other += done.self
			}
		}
		if n.children > 0 {
			open = append(open, done)
			continue
		}
		for {
			depth := len(open)
			row := depth + nodes - read
			level.values[row] = int64(depth)
			value.values[row] = done.total
			self.values[row] = done.self
			label.set(row, done.label)
			if depth == 0 {
				break
			}
			parent := &open[depth-1]
			parent.total += done.total
			parent.children--
			if parent.children > 0 {
				break
			}
			done = *parent
			open = open[:depth-1]
		}
	}
	summary.Total = value.values[0]

	unit := UnitOf(t).Sample
	return flameGraphFrame(
		level.field,
		withUnit(value.field, unit),
		withUnit(self.field, unit),
		label.field(names.names()),
	), summary, nil
}

// flameGraphFrame is a frame for Grafana's flame graph panel, which finds the
// fields by their names.
func flameGraphFrame(fields ...*data.Field) *data.Frame {
	return data.NewFrame("response", fields...).SetMeta(&data.FrameMeta{
		PreferredVisualization: data.VisTypeFlameGraph,
	})
}

func withUnit(f *data.Field, unit string) *data.Field {
	return f.SetConfig(&data.FieldConfig{Unit: unit})
}
