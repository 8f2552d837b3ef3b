package queryplan

import (
	"cmp"
	"slices"
	"strings"
)

// Numbers gives texts numbers, in the order they are met. The empty text has
// number 0.
type numbers struct {
	texts []string
	known map[string]int32
	last  int32 // what repeats, repeats mostly at once
}

func newNumbers() numbers {
	return numbers{texts: []string{""}, known: make(map[string]int32)}
}

func (n *numbers) of(text string) int32 {
	if text == "" {
		return 0
	}
	if n.texts[n.last] == text {
		return n.last
	}
	return n.lookUp(text)
}

// isNew tells whether a text has no number yet.
func (n *numbers) isNew(text string) bool {
	if text == "" || n.texts[n.last] == text {
		return false
	}
	_, known := n.known[text]
	return !known
}

func (n *numbers) lookUp(text string) int32 {
	number, ok := n.known[text]
	if !ok {
		number = int32(len(n.texts))
		n.known[text] = number
		n.texts = append(n.texts, text)
	}
	n.last = number
	return number
}

// ranks returns the texts' places in their sorted order, by number.
func (n *numbers) ranks() []uint32 {
	order := make([]int32, len(n.texts))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(n.texts[a], n.texts[b]) })
	ranks := make([]uint32, len(order))
	for rank, number := range order {
		ranks[number] = uint32(rank)
	}
	return ranks
}

// blockTime is a time in Unix milliseconds to the second, more or less: finer
// would have nothing to tell apart. It wraps around after 139 years.
func blockTime(ms int64) uint32 { return uint32(ms >> 10) }

// compareBlocks orders blocks by all that makes their place in object storage.
func (inv *inventory) compareBlocks(i, j int32) int {
	a, b := &inv.blocks[i], &inv.blocks[j]
	return cmp.Or(
		strings.Compare(a.id, b.id),
		cmp.Compare(a.shard, b.shard),
		cmp.Compare(a.level, b.level),
		strings.Compare(inv.tenants.texts[a.tenant], inv.tenants.texts[b.tenant]))
}
