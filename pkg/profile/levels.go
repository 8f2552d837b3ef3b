package profile

import querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

// levels are the levels of a flame graph while they are being filled, each from
// its end, in one piece of memory.
type levels struct {
	width  int       // numbers a node
	values [][]int64 // by level
	free   []int     // by level: how many numbers at its start are not filled
}

// countLevels is how many nodes each level has.
func countLevels[N any](nodes []N, level func(*N) int32) []int {
	var counts []int
	for i := range nodes {
		l := int(level(&nodes[i]))
		if l == len(counts) {
			counts = append(counts, 0)
		}
		counts[l]++
	}
	return counts
}

func newLevels(width int, counts []int) *levels {
	l := &levels{width: width, values: make([][]int64, len(counts)), free: make([]int, len(counts))}
	nodes := 0
	for _, n := range counts {
		nodes += n
	}
	memory := make([]int64, nodes*width)
	for i, n := range counts {
		l.free[i] = n * width
		l.values[i], memory = memory[:n*width:n*width], memory[n*width:]
	}
	return l
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
