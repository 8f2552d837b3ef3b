package queryplan

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// A shape is the tree of a plan: levels[0] are the leaves, the last level is the
// root alone.
type shape struct {
	levels [][]node
}

// stackMerges puts MERGE nodes over the leaves until one is left.
//
// Every level is a hop, so there are as few as the fan-in allows, and merges are
// as full as they may be: a query-backend sends its children to the others in
// turn, each to another one, so few large merges spread more evenly than many
// small ones. Neighbours, which are of the same service, meet first.
//
// Of siblings, those that take longest come first, since they decide when the
// merge is done. The others are shuffled by the seed: the same panel open many
// times over does not send the same datasets to the same query-backend at once.
func stackMerges(leaves []node, fanIn int, seed uint64) shape {
	if len(leaves) == 0 {
		return shape{}
	}
	s := shape{levels: [][]node{leaves}}
	random := rand.New(rand.NewPCG(seed, uint64(len(leaves))))
	for len(leaves) > 1 {
		children, parents := mergeLevel(leaves, ceilDiv(len(leaves), fanIn), fanIn)
		for i := range parents {
			siblings := children[parents[i].first:parents[i].end]
			small := siblings[countLarge(siblings):]
			random.Shuffle(len(small), func(i, j int) { small[i], small[j] = small[j], small[i] })
		}
		s.levels[len(s.levels)-1] = children
		s.levels = append(s.levels, parents)
		leaves = parents
	}
	return s
}

// mergeLevel shares children among so many parents, none with more than the
// fan-in, and returns both, the children in the order of their parents. Large
// children are dealt out in turn; the small ones stay neighbours, and are shared
// so that what the parents merge is about the same size.
func mergeLevel(level []node, width, fanIn int) (children, parents []node) {
	large := slices.Clone(level[:countLarge(level)])
	slices.SortStableFunc(large, func(a, b node) int { return cmp.Compare(b.cost, a.cost) })
	small := level[len(large):]
	children = make([]node, 0, len(level))
	parents = make([]node, width)
	var left float64
	for i := range small {
		left += mergeWeight(&small[i])
	}
	for i := range parents {
		parent := &parents[i]
		parent.first, parent.end = int32(len(children)), int32(len(children))
		for j := i; j < len(large); j += width {
			parent.adopt(&large[j])
			children = append(children, large[j])
		}
		after := width - i - 1
		room := fanIn - int(parent.end-parent.first)
		// What the parents that come after this one have room for.
		roomAfter := after*fanIn - (len(large) - dealt(len(large), i+1, width))
		share := left / float64(after+1)
		var weight float64
		n := 0
		for n < len(small) && n < room {
			next := mergeWeight(&small[n])
			if len(small)-n <= roomAfter && weight+next/2 > share {
				break
			}
			weight += next
			n++
		}
		for j := range small[:n] {
			parent.adopt(&small[j])
		}
		children = append(children, small[:n]...)
		small = small[n:]
		left -= weight
	}
	return children, slices.DeleteFunc(parents, func(n node) bool { return n.first == n.end })
}

// dealt is how many of n things the first hands of so many have been dealt.
func dealt(n, hands, of int) int {
	return n/of*hands + min(n%of, hands)
}

// countLarge counts the large nodes, which come first.
func countLarge(nodes []node) int {
	n := 0
	for n < len(nodes) && nodes[n].large {
		n++
	}
	return n
}

func (n *node) adopt(child *node) {
	n.end++
	n.blocks += child.blocks
	n.datasets += child.datasets
	n.bytes = addBytes(n.bytes, child.bytes)
	n.cost = addBytes(n.cost, child.cost)
}

// mergeWeight stands for the size of a child's reports. It grows with what is
// read, but far slower: trees of the same service have the same functions.
func mergeWeight(child *node) float64 {
	return 1 + math.Sqrt(float64(child.cost)/DefaultLeafBytes)
}
