package queryplan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"
)

// Numbers gives texts numbers, in the order they are met.
type numbers struct {
	texts []string
	known map[string]int32
	last  int32 // what repeats, repeats mostly at once
}

func (n *numbers) of(text string) int32 {
	if len(n.texts) > 0 && n.texts[n.last] == text {
		return n.last
	}
	number, ok := n.known[text]
	if !ok {
		if n.known == nil {
			n.known = make(map[string]int32)
		}
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

// timeBits is the size of an idTime: the milliseconds of 34 years.
const timeBits = 40

// idTime returns what orders block ids by time: the last bits of a ULID's time
// in milliseconds, or 0 for ids of another kind.
func idTime(id string) uint64 {
	parsed, err := ulid.Parse(id)
	if err != nil {
		return 0
	}
	return parsed.Time() & (1<<timeBits - 1)
}

// hashID is FNV-1a over eight bytes at a time, mixed at the end. It needs no
// secret: blocks that meet by chance or malice are told apart by their ids.
func hashID(id string) uint32 {
	const prime = 1099511628211
	hash := uint64(14695981039346656037)
	for len(id) >= 8 {
		word := uint64(id[0]) | uint64(id[1])<<8 | uint64(id[2])<<16 | uint64(id[3])<<24 |
			uint64(id[4])<<32 | uint64(id[5])<<40 | uint64(id[6])<<48 | uint64(id[7])<<56
		hash = (hash ^ word) * prime
		hash ^= hash >> 29
		id = id[8:]
	}
	for i := range len(id) {
		hash = (hash ^ uint64(id[i])) * prime
	}
	return uint32(hash ^ hash>>32)
}

// compareBlocks orders blocks by all that makes their place in object storage.
func (inv *inventory) compareBlocks(i, j int32) int {
	a, b := &inv.blocks[i], &inv.blocks[j]
	return cmp.Or(
		strings.Compare(a.id, b.id),
		cmp.Compare(a.shard, b.shard),
		cmp.Compare(a.level, b.level),
		strings.Compare(inv.tenants.texts[a.tenant], inv.tenants.texts[b.tenant]))
}
