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

// FlameGraph makes a flame graph frame of a call tree.
//
// The frame is a nested set, depth first, siblings in name order, with one row a
// node: level (int64, the root is 0), value and self (int64, in the unit of the
// type) and label (enum; string when there are more than 65,536 different
// names). Values are sums over the time range, not rates. The root is named
// "total".
//
// An empty tree gives the root alone, with value 0: Grafana's panel fails on a
// flame graph with no rows.
func FlameGraph(tree *profile.Tree, t profile.Type) (*data.Frame, TreeSummary) {
	if tree.Len() == 0 {
		tree = &profile.Tree{Names: []string{""}, Name: []int32{0}, Level: []int32{0}, Self: []int64{0}}
	}
	labels := nodeLabelsOf(tree)
	level := newIntField("level", tree.Len())
	value := newIntField("value", tree.Len())
	self := newIntField("self", tree.Len())
	label := newLabelField(tree.Len(), labels.texts)
	summary := TreeSummary{Nodes: tree.Len()}
	for row, n := range tree.Rows() {
		setInt(level, row, int64(n.Level))
		setInt(value, row, n.Total)
		setInt(self, row, n.Self)
		number := labels.of(n)
		label.set(row, number)
		if number == labels.other {
			summary.Other += n.Self
		}
		summary.Total += n.Self
	}
	unit := UnitOf(t).Sample
	return flameGraphFrame(
		level,
		withUnit(value, unit),
		withUnit(self, unit),
		label.Field,
	), summary
}

// nodeLabels are the names of a flame graph, numbered in the order in which the tree
// uses them: of a tree that was cut, not all are left. The root has a label of its
// own, 0: other nodes may be nameless too.
type nodeLabels struct {
	texts   []string
	numbers []uint32 // by name of the tree
	other   uint32   // the number of the nodes that truncation leaves; 0: there are none
}

func nodeLabelsOf(tree *profile.Tree) nodeLabels {
	l := nodeLabels{texts: append(make([]string, 0, len(tree.Names)+1), rootLabel), numbers: make([]uint32, len(tree.Names))}
	for _, name := range tree.Name[1:] {
		if l.numbers[name] > 0 {
			continue
		}
		l.numbers[name] = uint32(len(l.texts))
		if tree.Names[name] == otherLabel {
			l.other = l.numbers[name]
		}
		l.texts = append(l.texts, tree.Names[name])
	}
	return l
}

func (l nodeLabels) of(n profile.Node) uint32 {
	if n.Level == 0 {
		return 0
	}
	return l.numbers[n.Name]
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
