package profile

// Truncate limits a tree as Pyroscope's query-frontend does. Of the nodes below
// the root, the maxNodes-th largest total is the least total that is kept:
// children with less are removed, and the parent's child "other" gets their
// sum as its self value. A child that is called "other" already always stays.
// So the answer can have more than maxNodes nodes. With maxNodes below 1, or
// not exceeded, the tree itself is returned.
func Truncate(t *Tree, maxNodes int64) *Tree {
	totals := t.totals()
	least := t.leastTotal(totals, maxNodes)
	if least == 0 {
		return t
	}
	cut := &Tree{Names: t.Names}
	other := cut.numberOf(otherName)
	t.cutInto(cut, totals, other, func(i int) bool { return totals[i] >= least || t.Name[i] == other })
	return cut.gather(cut.Len())
}

// leastTotal is the least total that a node must have to be shown when a tree is
// limited to maxNodes: 0 when the limit is not exceeded.
func (t *Tree) leastTotal(totals []int64, maxNodes int64) int64 {
	if int64(t.Len()-1) <= maxNodes {
		return 0
	}
	return t.largestTotal(totals, 1, maxNodes)
}

// largestTotal is the n-th largest total of the nodes from the first on, 0 for n
// below 1.
func (t *Tree) largestTotal(totals []int64, first int, n int64) int64 {
	if n < 1 {
		return 0
	}
	largest := make(minHeap, 0, n)
	for i := first; i < t.Len(); {
		if int64(len(largest)) == n && totals[i] <= largest[0] {
			i = t.end(i) // no descendant has a larger total
			continue
		}
		largest.offer(totals[i], n)
		i++
	}
	return largest[0]
}

// cutInto appends the rows of nodes that are kept, and of the others' subtrees a
// leaf each, of that name: one leaf where several are side by side. The root is
// kept always. The rows are as gather takes them.
func (t *Tree) cutInto(cut *Tree, totals []int64, other int32, keep func(i int) bool) {
	for i := 0; i < t.Len(); {
		if i == 0 || keep(i) {
			cut.append(t.Name[i], t.Level[i], totals[i])
			i++
			continue
		}
		switch last := cut.Len() - 1; {
		case totals[i] == 0: // says nothing
		case cut.Name[last] == other && cut.Level[last] == t.Level[i]:
			cut.Self[last] += totals[i]
		default:
			cut.append(other, t.Level[i], totals[i])
		}
		i = t.end(i)
	}
	cut.takeApart(cut.Self)
}
