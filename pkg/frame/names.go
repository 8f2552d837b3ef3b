package frame

import (
	"hash/maphash"
	"math/bits"
	"strings"
)

// A nameTable numbers the different names of a call tree in the order of first
// use. The root has number 0, and shares it with no function.
//
// To look up names is most of the work of making a flame graph. So this is a
// hash table that needs no copy of a name to look it up, and copies new names
// side by side, so that those in use stay in the processor's cache.
type nameTable struct {
	names  []string // by number
	copied *strings.Builder

	seed maphash.Seed
	// slots is a hash table with open addressing: at the place of a name, or
	// behind it, the upper half of its hash and, in the lower half, its number.
	// 0 is a free slot. The length is a power of two, and at least half of the
	// slots are free.
	slots []uint64
}

const (
	// lowerHalf of a slot is the number.
	lowerHalf = 1<<32 - 1
	// namesChunk is how many bytes of names are copied side by side.
	namesChunk = 16 << 10
)

// newNameTable makes a table for a tree of that many nodes.
func newNameTable(root string, nodes int) *nameTable {
	usual := nodes / 16 // names; large trees have fewer, which costs little
	return &nameTable{
		names:  append(make([]string, 0, usual+1), root),
		copied: &strings.Builder{},
		seed:   maphash.MakeSeed(),
		slots:  make([]uint64, 128<<bits.Len(uint(usual/64))),
	}
}

// number is the number of a name.
func (t *nameTable) number(name []byte) uint32 {
	hash := maphash.Bytes(t.seed, name)
	mask := uint64(len(t.slots) - 1)
	i := hash & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		slot := t.slots[i]
		if slot>>32 == hash>>32 && t.names[uint32(slot)] == string(name) {
			return uint32(slot)
		}
	}
	number := uint32(len(t.names))
	t.names = append(t.names, t.copy(name))
	t.slots[i] = hash&^lowerHalf | uint64(number)
	if len(t.names) > len(t.slots)/2 {
		t.grow()
	}
	return number
}

func (t *nameTable) copy(name []byte) string {
	if t.copied.Cap()-t.copied.Len() < len(name) {
		t.copied = &strings.Builder{}
		t.copied.Grow(max(namesChunk, len(name)))
	}
	start := t.copied.Len()
	t.copied.Write(name)
	return t.copied.String()[start:]
}

func (t *nameTable) grow() {
	t.slots = make([]uint64, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for n, name := range t.names {
		if n == 0 {
			continue // the root is not looked up
		}
		hash := maphash.String(t.seed, name)
		i := hash & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = hash&^lowerHalf | uint64(n)
	}
}
