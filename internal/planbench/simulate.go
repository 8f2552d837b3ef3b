package planbench

import (
	"cmp"
	"container/heap"
	"math/rand/v2"
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// A Cluster is a number of query-backends, each of which works off the requests
// it gets one after the other.
type Cluster struct {
	Backends int
	// RoundRobin: every node sends its children to query-backends in turn,
	// beginning anywhere, as Pyroscope's gRPC clients do. Else a READ goes to the
	// query-backend that is free first.
	RoundRobin bool
	Seed       uint64
}

// What work takes, in seconds.
const (
	requestSeconds = 0.020       // any request: a hop, and a round trip to object storage
	byteSeconds    = 1.0 / 100e6 // reading and aggregating a byte
	reportSeconds  = 0.002       // merging a child's report
)

// A Makespan is how long a plan took.
type Makespan struct {
	// Seconds until the root has answered.
	Seconds float64
	// Bound is what no cluster of this size can do better with these leaves:
	// all work shared evenly, or the largest leaf alone.
	Bound float64
}

// Simulate executes a plan whose leaves fetch these bytes, in the order of
// Leaves. A MERGE sends all its children at once; it does not keep its
// query-backend busy while it waits, and merges reports as they come in.
func (c Cluster) Simulate(root *queryv1.QueryNode, leafBytes []uint64) Makespan {
	s := simulation{random: rand.New(rand.NewPCG(c.Seed, 2)), backends: c.Backends, leafBytes: leafBytes}
	s.send(root, 0, 0, s.random.IntN(c.Backends))
	slices.SortStableFunc(s.tasks, func(a, b *task) int {
		return cmp.Or(cmp.Compare(a.sent, b.sent), cmp.Compare(a.place, b.place))
	})
	var total, largest float64
	for _, t := range s.tasks {
		total += t.work
		largest = max(largest, t.work)
	}
	c.work(s.tasks)
	return Makespan{Seconds: s.answer(root), Bound: max(total/float64(c.Backends), largest)}
}

// A task is a READ that waits for a query-backend.
type task struct {
	sent, work, done float64
	place            int // among its siblings
	to               int // the query-backend it is sent to, taken in turn
}

type simulation struct {
	random    *rand.Rand
	backends  int
	leafBytes []uint64
	tasks     []*task // in the order they are sent
	inOrder   []*task // in the order of the leaves
}

func (s *simulation) send(n *queryv1.QueryNode, sent float64, place, to int) {
	if n.GetType() == queryv1.QueryNode_READ {
		t := &task{sent: sent, place: place, to: to, work: requestSeconds + float64(s.leafBytes[len(s.tasks)])*byteSeconds}
		s.tasks, s.inOrder = append(s.tasks, t), append(s.inOrder, t)
		return
	}
	first := s.random.IntN(s.backends)
	for i, child := range n.GetChildren() {
		s.send(child, sent+requestSeconds, i, (first+i)%s.backends)
	}
}

// work hands the tasks out and has them done.
func (c Cluster) work(tasks []*task) {
	free := make(times, c.Backends) // when each query-backend is done
	for _, t := range tasks {
		if c.RoundRobin {
			free[t.to] = max(free[t.to], t.sent) + t.work
			t.done = free[t.to]
			continue
		}
		free[0] = max(free[0], t.sent) + t.work
		t.done = free[0]
		heap.Fix(&free, 0)
	}
}

// answer returns when a node has answered.
func (s *simulation) answer(n *queryv1.QueryNode) float64 {
	if n.GetType() == queryv1.QueryNode_READ {
		done := s.inOrder[0].done
		s.inOrder = s.inOrder[1:]
		return done
	}
	answers := make([]float64, len(n.GetChildren()))
	for i, child := range n.GetChildren() {
		answers[i] = s.answer(child)
	}
	slices.Sort(answers)
	var merged float64
	for _, at := range answers {
		merged = max(merged, at) + reportSeconds
	}
	return merged
}

// times is a heap, the least on top.
type times []float64

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return t[i] < t[j] }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(x any)        { *t = append(*t, x.(float64)) }
func (t *times) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}
