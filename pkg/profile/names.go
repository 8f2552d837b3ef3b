package profile

import (
	"encoding/binary"
	"math/bits"
)

// A nameTable gives each name a number, in the order of first use.
type nameTable struct {
	list  []string
	index map[string]int32
	// recent is the last name of a few letters.
	recent []int32
	shift  int
}

func (t *nameTable) slot(name []byte) *int32 {
	last := binary.LittleEndian.Uint64(name[len(name)-8:])
	mid := binary.LittleEndian.Uint64(name[(len(name)-8)/2:])
	return &t.recent[(last*0x9E3779B97F4A7C15^mid*0xC2B2AE3D27D4EB4F)>>t.shift]
}

// usualUses is how often trees use a name at least: what is taken for it is room.
const usualUses = 16

// noName is no name's number.
const noName = -1

// newNameTable makes a table of names, with room for that many.
func newNameTable(room int, names ...string) *nameTable {
	room = max(room, len(names))
	t := &nameTable{list: make([]string, 0, room), index: make(map[string]int32, room)}
	bits := bits.Len(uint(room)) + 1
	t.shift = 64 - bits
	t.recent = make([]int32, 1<<bits)
	for _, name := range names {
		t.string(name)
	}
	return t
}

// bytes is the number of a name that is copied only when it is new.
func (t *nameTable) bytes(name []byte) int32 {
	if len(name) < 8 {
		if i, ok := t.index[string(name)]; ok {
			return i
		}
		return t.add(string(name))
	}
	recent := t.slot(name)
	if t.list[*recent] == string(name) {
		return *recent
	}
	i, ok := t.index[string(name)]
	if !ok {
		i = t.add(string(name))
	}
	*recent = i
	return i
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
