package frame_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// longName and shortName are formats of function names, of a package and a
// method. Those of recorded trees have 22 bytes on average, as the short ones.
const (
	longName  = "example.com/service/internal/package%02d.(*Type).Method%05d"
	shortName = "package%02d.Method%05d"
)

var benchmarkTrees = map[string]struct {
	nodes int
	name  string
}{
	"8192": {8_192, longName}, "100000": {100_000, longName}, "1000000": {1_000_000, longName},
	"100000-short": {100_000, shortName},
}

// BenchmarkFlameGraph is our path: a call tree's bytes to a frame. 8,192 nodes are
// the default.
func BenchmarkFlameGraph(b *testing.B) {
	eachTree(b, func(b *testing.B, tree []byte, nodes int) {
		for b.Loop() {
			decoded, err := profile.UnmarshalTree(tree)
			require.NoError(b, err)
			if _, summary := frame.FlameGraph(decoded, cpu); summary.Nodes != nodes {
				b.Fatalf("%d nodes", summary.Nodes)
			}
		}
	})
}

// BenchmarkPointerTree is what Grafana's own data source does with the same
// tree, written anew: the answer's bytes are decoded, the levels of the flame
// graph become a tree of pointers, which is walked with a slice shifted at each
// step, and each node is appended to the fields.
func BenchmarkPointerTree(b *testing.B) {
	eachTree(b, func(b *testing.B, tree []byte, nodes int) {
		answer := answerOf(b, tree)
		for b.Loop() {
			var response querierv1.SelectMergeStacktracesResponse
			require.NoError(b, proto.Unmarshal(answer, &response))
			l := flameLevels{names: response.Flamegraph.Names}
			for _, level := range response.Flamegraph.Levels {
				l.levels = append(l.levels, level.Values)
			}
			if f := l.frame(); f.Rows() != nodes {
				b.Fatalf("%d rows", f.Rows())
			}
		}
	})
}

// BenchmarkPointerTreeOfLevels leaves out the decoding.
func BenchmarkPointerTreeOfLevels(b *testing.B) {
	eachTree(b, func(b *testing.B, tree []byte, nodes int) {
		levels := levelsOf(b, tree)
		for b.Loop() {
			if f := levels.frame(); f.Rows() != nodes {
				b.Fatalf("%d rows", f.Rows())
			}
		}
	})
}

// answerOf is a flame graph as the query-frontend answers it.
func answerOf(tb testing.TB, tree []byte) []byte {
	tb.Helper()
	l := levelsOf(tb, tree)
	graph := &querierv1.FlameGraph{Names: l.names}
	for _, values := range l.levels {
		graph.Levels = append(graph.Levels, &querierv1.Level{Values: values})
	}
	b, err := proto.Marshal(&querierv1.SelectMergeStacktracesResponse{Flamegraph: graph})
	require.NoError(tb, err)
	return b
}

func eachTree(b *testing.B, run func(b *testing.B, tree []byte, nodes int)) {
	for _, name := range slices.Sorted(maps.Keys(benchmarkTrees)) {
		c := benchmarkTrees[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			run(b, randomTree(b, c.nodes, c.name), c.nodes)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.nodes), "ns/node")
		})
	}
}

// The two paths must give the same frame, or comparing them means nothing.
func TestPathsOfTheBenchmarkAgree(t *testing.T) {
	tree := randomTree(t, 2_000, longName)
	ours, _ := frame.FlameGraph(unmarshalTree(t, tree), cpu)
	require.Equal(t, flameRows(t, levelsOf(t, tree).frame()), flameRows(t, ours))
}

// randomTree is a call tree of that many nodes, with a function name for every
// twenty of them: stacks of 20 to 80 frames, each of which shares all but its
// last few frames with the one before.
func randomTree(tb testing.TB, nodes int, format string) []byte {
	tb.Helper()
	for n := nodes; ; n += n / 4 {
		tree := unmarshalTree(tb, randomNodes(n, max(1, nodes/20), format))
		if tree.Len() >= nodes { // siblings of one name were merged
			tree.Name, tree.Level, tree.Self = tree.Name[:nodes], tree.Level[:nodes], tree.Self[:nodes]
			return tree.Marshal()
		}
	}
}

// randomNodes are nodes of which siblings are in no order.
func randomNodes(nodes, functions int, format string) []byte {
	rng := rand.New(rand.NewPCG(1, uint64(nodes)))
	levels := make([]int, nodes)
	children := make([]uint64, nodes)
	var path []int // the nodes from the root to the last node
	height := 0
	for i := range levels {
		if i > 0 && len(path) >= height {
			shared := max(1, len(path)-1-int(rng.ExpFloat64()*4))
			path = path[:shared]
			height = max(shared+1, 20+rng.IntN(60))
		}
		levels[i] = len(path)
		if i > 0 {
			children[path[len(path)-1]]++
		}
		path = append(path, i)
	}
	var b []byte
	callee := make([]int, 100) // by level: the function there
	for i, level := range levels {
		name, self := "", uint64(0)
		if i > 0 {
			// Every function calls a few others, some more often than others.
			n := (callee[level-1]*31 + 7919*min(8, int(rng.ExpFloat64()*2))) % functions
			callee[level] = n + 1
			name = fmt.Sprintf(format, n%50, n)
		}
		if children[i] == 0 || rng.IntN(8) == 0 {
			self = uint64(1+rng.IntN(1_000)) * 10_000_000
		}
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(b, name...)
		b = binary.AppendUvarint(b, self)
		b = binary.AppendUvarint(b, children[i])
	}
	return b
}

// flameLevels is a flame graph as querier.v1.FlameGraph has it: a level is a
// run of (gap before, total, self, name), with the root's level first.
type flameLevels struct {
	names  []string
	levels [][]int64
}

type flameNode struct {
	start, total, self int64
	level              int
	name               string
	children           []*flameNode
}

// levelsOf makes the levels of a flame graph frame.
func levelsOf(tb testing.TB, tree []byte) flameLevels {
	tb.Helper()
	f, _ := frame.FlameGraph(unmarshalTree(tb, tree), cpu)
	var l flameLevels
	index := map[string]int64{}
	var ends, starts []int64 // by level: where the last node ends; where children of the last node begin
	for _, r := range flameRows(tb, f) {
		if r.level == len(l.levels) {
			l.levels, ends, starts = append(l.levels, nil), append(ends, 0), append(starts, 0)
		}
		start := int64(0)
		if r.level > 0 {
			start = starts[r.level-1]
			starts[r.level-1] += r.value
		}
		starts[r.level] = start
		if _, ok := index[r.label]; !ok {
			index[r.label] = int64(len(l.names))
			l.names = append(l.names, r.label)
		}
		l.levels[r.level] = append(l.levels[r.level], start-ends[r.level], r.value, r.self, index[r.label])
		ends[r.level] = start + r.value
	}
	return l
}

func (l flameLevels) frame() *data.Frame {
	level := data.NewField("level", nil, []int64{})
	value := data.NewField("value", nil, []int64{})
	self := data.NewField("self", nil, []int64{})
	label := data.NewField("label", nil, []data.EnumItemIndex{})
	items := map[string]data.EnumItemIndex{}
	var names []string
	visit := func(n *flameNode) {
		level.Append(int64(n.level))
		value.Append(n.total)
		self.Append(n.self)
		item, ok := items[n.name]
		if !ok {
			item = data.EnumItemIndex(len(names))
			items[n.name] = item
			names = append(names, n.name)
		}
		label.Append(item)
	}
	queue := []*flameNode{l.tree()}
	for len(queue) > 0 {
		n := queue[0]
		visit(n)
		if n.children != nil {
			queue = append(n.children, queue[1:]...)
		} else {
			queue = queue[1:]
		}
	}
	label.SetConfig(&data.FieldConfig{TypeConfig: &data.FieldTypeConfig{Enum: &data.EnumFieldConfig{Text: names}}})
	return data.NewFrame("response", level, value, self, label)
}

func (l flameLevels) tree() *flameNode {
	root := &flameNode{total: l.levels[0][1], self: l.levels[0][2], name: l.names[l.levels[0][3]]}
	parents := []*flameNode{root}
	for depth, items := range l.levels[1:] {
		var next []*flameNode
		parent, end := 0, int64(0)
		for i := 0; i < len(items); i += 4 {
			start := end + items[i]
			end = start + items[i+1]
			// A node of no width may stand between two parents: it goes to
			// the first that it touches.
			for end > parents[parent].start+parents[parent].total {
				parent++
			}
			n := &flameNode{start: start, total: items[i+1], self: items[i+2], level: depth + 1, name: l.names[items[i+3]]}
			parents[parent].children = append(parents[parent].children, n)
			next = append(next, n)
		}
		parents = next
	}
	return root
}
