package frame

import (
	"hash/maphash"
	"math/bits"
	"strings"
)

// A nameTable numbers the different names of a call tree in the order of first
// use. The root has number 0, and shares it with no function.
//
// To look up names is most of the work of making a flame graph, and much of that
// is waiting for memory. So this is a hash table that needs no copy of a name to
// look it up, and keeps what it reads as close together as it can.
type nameTable struct {
	// text is all names, one behind the other, in the order of their numbers;
	// starts says where each begins, and where the next one will.
	text   *strings.Builder
	starts []uint32

	seed maphash.Seed
	// slots is a hash table with open addressing: at the place of a name, or
	// behind it, its number and, in the bits above that no number has, those of
	// its hash. 0 is a free slot. The length is a power of two, and at least half
	// of the slots are free.
	slots []uint32
}

// usualName is how long a name is taken to be, to reserve memory.
const usualName = 48

// newNameTable makes a table for a tree of that many nodes.
func newNameTable(root string, nodes int) *nameTable {
	usual := nodes / 16 // names; large trees have fewer, which costs little
	t := &nameTable{
		text:   &strings.Builder{},
		starts: append(make([]uint32, 0, usual+2), 0, uint32(len(root))),
		seed:   maphash.MakeSeed(),
		slots:  make([]uint32, 128<<bits.Len(uint(usual/64))),
	}
	t.text.Grow(len(root) + usualName*usual)
	t.text.WriteString(root)
	return t
}

// number is the number of a name. All names together must be shorter than 4 GiB.
func (t *nameTable) number(name []byte) uint32 {
	hash := maphash.Bytes(t.seed, name)
	mask := uint32(len(t.slots) - 1)
	tag := uint32(hash>>32) &^ mask
	i := uint32(hash) & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		slot := t.slots[i]
		if slot&^mask == tag && t.name(slot&mask) == string(name) {
			return slot & mask
		}
	}
	number := uint32(len(t.starts) - 1)
	t.text.Write(name)
	t.starts = append(t.starts, uint32(t.text.Len()))
	t.slots[i] = tag | number
	if len(t.starts) > len(t.slots)/2 {
		t.grow()
	}
	return number
}

func (t *nameTable) name(number uint32) string {
	return t.text.String()[t.starts[number]:t.starts[number+1]]
}

// names are all names by number.
func (t *nameTable) names() []string {
	names := make([]string, len(t.starts)-1)
	for i := range names {
		names[i] = t.name(uint32(i))
	}
	return names
}

func (t *nameTable) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	mask := uint32(len(t.slots) - 1)
	for n := uint32(1); int(n) < len(t.starts)-1; n++ { // the root is not looked up
		hash := maphash.String(t.seed, t.name(n))
		i := uint32(hash) & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = uint32(hash>>32)&^mask | n
	}
}
