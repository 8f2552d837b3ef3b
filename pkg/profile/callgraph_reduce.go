package profile

import (
	"cmp"
	"math"
	"slices"
)

// sortByInterest puts the nodes first that say most: those with a large value
// and with calls spread over many callers and callees.
func (g *callGraph) sortByInterest() {
	score := make(map[*callNode]int64, len(g.nodes))
	for _, n := range g.nodes {
		interest := spread(n.in, 0) + spread(n.out, n.self)
		score[n] = absolute(int64(interest*float64(n.total)) + n.self)
	}
	slices.SortFunc(g.nodes, func(a, b *callNode) int {
		return cmp.Or(
			cmp.Compare(score[b], score[a]),
			cmp.Compare(a.text, b.text),
			cmp.Compare(absolute(b.self), absolute(a.self)),
			cmp.Compare(a.place.binary, b.place.binary))
	})
}

// spread is the entropy of the values of edges and a node's own; 1 where there
// are no edges, as roots and leaves are of interest.
func spread(edges []*callEdge, self int64) float64 {
	if len(edges) == 0 {
		return 1
	}
	total := self
	for _, e := range edges {
		if e.value > 0 {
			total += e.value
		}
	}
	if total == 0 {
		return 0
	}
	var bits float64
	share := func(value int64) {
		if part := float64(absolute(value)) / float64(total); part != 0 {
			bits -= part * math.Log2(part)
		}
	}
	for _, e := range edges {
		share(e.value)
	}
	if self > 0 {
		share(self)
	}
	return bits
}

// sortEdges puts the largest edges first.
func sortEdges(edges []*callEdge) {
	slices.SortStableFunc(edges, func(a, b *callEdge) int {
		return cmp.Or(
			cmp.Compare(absolute(b.value), absolute(a.value)),
			cmp.Compare(a.from.text, b.from.text),
			cmp.Compare(a.to.text, b.to.text))
	})
}

// removeDetours removes edges that skip places where another way leads from
// the one node to the other, the smallest first. Of a node's callers, edges
// larger than one that skips nothing stay.
func (g *callGraph) removeDetours() {
	for _, n := range slices.Backward(g.nodes) {
		in := slices.Clone(n.in)
		sortEdges(in)
		for _, e := range slices.Backward(in) {
			if !e.skipping {
				break
			}
			if hasOtherWay(e) {
				e.from.out = slices.DeleteFunc(e.from.out, func(x *callEdge) bool { return x == e })
				n.in = slices.DeleteFunc(n.in, func(x *callEdge) bool { return x == e })
			}
		}
	}
}

// hasOtherWay searches from an edge's end back to its start.
func hasOtherWay(edge *callEdge) bool {
	seen := map[*callNode]bool{edge.to: true}
	queue := []*callNode{edge.to}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, e := range n.in {
			if e == edge || seen[e.from] {
				continue
			}
			if e.from == edge.from {
				return true
			}
			seen[e.from] = true
			queue = append(queue, e.from)
		}
	}
	return false
}

func absolute(v int64) int64 {
	return max(v, -v)
}
