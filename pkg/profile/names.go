package profile

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// A nameTable gives each name a number, in the order of first use.
type nameTable struct {
	list  []string
	index map[string]int32
	// recent is, by place, the number of the name that was looked up there last:
	// a place is made of a few letters of a name, and found much faster than a
	// name in the index. 0 is the first name.
	recent []int32
	shift  int // leaves so many bits of 64 as a place has
	// text has names one behind the other, which is one allocation for many.
	text strings.Builder
}

// textBytes is how much text is allocated at once.
const textBytes = 4 << 10

// noName is no name's number.
const noName = -1

// usualUses is how often trees use a name at least: what is taken for it is room.
const usualUses = 16

// newNameTable makes a table of names, with room for that many.
func newNameTable(room int, names ...string) *nameTable {
	room = max(room, len(names))
	width := max(bits.Len(uint(room)), 1)
	t := &nameTable{
		list: make([]string, 0, room), index: make(map[string]int32, room),
		recent: make([]int32, 1<<width), shift: 64 - width,
	}
	for _, name := range names {
		t.string(name)
	}
	return t
}

// bytes is the number of a name that is copied only when it is new. The table is
// not empty.
func (t *nameTable) bytes(name []byte) int32 {
	recent := &t.recent[t.place(name)]
	if t.list[*recent] == string(name) {
		return *recent
	}
	i, ok := t.index[string(name)]
	if !ok {
		i = t.add(t.copy(name))
	}
	*recent = i
	return i
}

func (t *nameTable) copy(name []byte) string {
	if t.text.Cap()-t.text.Len() < len(name) {
		t.text = strings.Builder{}
		t.text.Grow(max(textBytes, len(name)))
	}
	start := t.text.Len()
	t.text.Write(name)
	return t.text.String()[start:]
}

// place mixes the last letters of a name, which tell functions of one package
// apart, with some from the middle.
func (t *nameTable) place(name []byte) uint64 {
	const letters = 8
	if len(name) < letters {
		return 0
	}
	last := binary.LittleEndian.Uint64(name[len(name)-letters:])
	middle := binary.LittleEndian.Uint64(name[(len(name)-letters)/2:])
	return (last*0x9E3779B97F4A7C15 ^ middle*0xC2B2AE3D27D4EB4F) >> t.shift
}

// string is the number of a name. The name is kept, not copied.
func (t *nameTable) string(name string) int32 {
	if i, ok := t.index[name]; ok {
		return i
	}
	return t.add(name)
}

func (t *nameTable) add(name string) int32 {
	i := int32(len(t.list))
	t.list = append(t.list, name)
	t.index[name] = i
	return i
}

// numbers are the numbers of names.
func (t *nameTable) numbers(names []string) []int32 {
	numbers := make([]int32, len(names))
	for i, name := range names {
		numbers[i] = t.string(name)
	}
	return numbers
}
