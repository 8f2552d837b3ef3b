package querybackend

import (
	"slices"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
)

// otherName is the node that truncation leaves.
const otherName = "other"

// truncateStacks limits a profile to the stacks' outer functions that make up
// the maxNodes largest nodes of its call tree. What is cut from a stack becomes
// one location, "other". Stacks that are then the same are summed.
func truncateStacks(stacks []pprofStack, s *symbols, maxNodes int64) []pprofStack {
	tree := newFunctionTree()
	paths := make([][]int, len(stacks))
	for i, stack := range stacks {
		paths[i] = tree.add(stack.functions, stack.value)
	}
	least, exceeded := tree.leastKept(maxNodes)
	if !exceeded {
		return stacks
	}
	otherLocation := -1
	var kept []pprofStack
	byStack := map[string]int{}
	for i, stack := range stacks {
		n := 0
		for n < len(paths[i]) && tree.totals[paths[i][n]] >= least {
			n++
		}
		if n < len(stack.functions) {
			if otherLocation < 0 {
				otherLocation = s.location(&googlev1.Location{Line: []*googlev1.Line{{
					FunctionId: s.function(functionKey{name: s.string(otherName), systemName: s.string(otherName)}),
				}}})
			}
			stack.locations = append([]uint64{uint64(otherLocation)}, outerLocations(stack.locations, s, n)...)
		}
		key := string(appendNumbers(nil, stack.locations...))
		j, ok := byStack[key]
		if !ok {
			byStack[key] = len(kept)
			kept = append(kept, stack)
			continue
		}
		kept[j].value += stack.value
	}
	return kept
}

// outerLocations are the locations, leaf first, that begin with one of the
// outermost n functions.
func outerLocations(locations []uint64, s *symbols, n int) []uint64 {
	first := len(locations)
	for functions := 0; first > 0 && functions < n; first-- {
		functions += len(s.table.Locations[locations[first-1]].Line)
	}
	return locations[first:]
}

// A functionTree is a call tree whose nodes can be found again.
type functionTree struct {
	totals   []int64
	children map[functionEdge]int
}

type functionEdge struct {
	parent int // -1: the root
	name   string
}

func newFunctionTree() *functionTree { return &functionTree{children: map[functionEdge]int{}} }

// add counts a stack, root first, and returns its nodes.
func (t *functionTree) add(functions []string, value int64) []int {
	path := make([]int, len(functions))
	parent := -1
	for i, name := range functions {
		edge := functionEdge{parent, name}
		node, ok := t.children[edge]
		if !ok {
			node = len(t.totals)
			t.totals = append(t.totals, 0)
			t.children[edge] = node
		}
		t.totals[node] += value
		path[i] = node
		parent = node
	}
	return path
}

// leastKept is the total of the maxNodes-th largest node, if there are more.
func (t *functionTree) leastKept(maxNodes int64) (least int64, exceeded bool) {
	if int64(len(t.totals)) <= maxNodes {
		return 0, false
	}
	ascending := slices.Sorted(slices.Values(t.totals))
	return ascending[int64(len(ascending))-maxNodes], true
}
