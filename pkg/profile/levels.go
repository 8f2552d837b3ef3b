package profile

import querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

// sideValues is how many numbers a flame graph has for a node of each tree that
// it shows: the offset from the end of the node before it in its level, total
// and self. Behind those of all trees comes the index of the name.
const sideValues = 3

// A layout is one tree as a flame graph, or several of the same nodes, side by
// side in each node.
type layout struct {
	names   []string
	levels  []*querierv1.Level
	maxSelf int64
}

// layOut lays trees of the same nodes out. Levels go from the root down, and
// from the first sibling in name order to the last. Names come in the order of a
// walk, depth first, from the last child to the first.
func layOut(root namesake, sides ...*Tree) layout {
	t := sides[0]
	width := sideValues*len(sides) + 1
	levels := newLevels(width, t.Level)
	names := newShownNames(t.Names, root)
	for i, level := range t.Level {
		levels.prepend(level)[width-1] = names.show(t.Name[i], i == 0)
	}
	l := layout{names: names.names}
	for s, side := range sides {
		levels.restart()
		totals := side.totals()
		// end[level] is where the next node of that level ends: siblings come from
		// the last to the first, so they fill their parent from its right.
		end := make([]int64, len(levels.values)+1)
		end[0] = totals[0]
		for i, level := range t.Level {
			start := end[level] - totals[i]
			end[level+1], end[level] = end[level], start
			l.maxSelf = max(l.maxSelf, side.Self[i])
			v := levels.prepend(level)[s*sideValues:]
			v[0], v[1], v[2] = start, totals[i], side.Self[i]
		}
		levels.deltas(s * sideValues)
	}
	l.levels = levels.proto()
	return l
}

// levels are the levels of a flame graph while they are being filled, each from
// its end, in one piece of memory.
type levels struct {
	width  int       // numbers a node
	values [][]int64 // by level
	free   []int     // by level: how many numbers at its start are not filled
}

// newLevels makes room for nodes on these levels.
func newLevels(width int, nodes []int32) *levels {
	var counts []int
	for _, level := range nodes {
		if int(level) == len(counts) {
			counts = append(counts, 0)
		}
		counts[level]++
	}
	l := &levels{width: width, values: make([][]int64, len(counts)), free: make([]int, len(counts))}
	memory := make([]int64, len(nodes)*width)
	for i, n := range counts {
		l.values[i], memory = memory[:n*width:n*width], memory[n*width:]
	}
	l.restart()
	return l
}

// restart goes back to the last node of each level.
func (l *levels) restart() {
	for i, values := range l.values {
		l.free[i] = len(values)
	}
}

// prepend is where the numbers go of the node before those filled so far.
func (l *levels) prepend(level int32) []int64 {
	l.free[level] -= l.width
	start := l.free[level]
	return l.values[level][start : start+l.width]
}

// deltas makes the starts at index start of every node, followed by the lengths,
// relative to the end of the node before.
func (l *levels) deltas(start int) {
	for _, values := range l.values {
		var end int64
		for i := start; i < len(values); i += l.width {
			at := values[i]
			values[i] = at - end
			end = at + values[i+1]
		}
	}
}

func (l *levels) proto() []*querierv1.Level {
	memory := make([]querierv1.Level, len(l.values))
	proto := make([]*querierv1.Level, len(l.values))
	for i := range proto {
		memory[i].Values = l.values[i]
		proto[i] = &memory[i]
	}
	return proto
}
