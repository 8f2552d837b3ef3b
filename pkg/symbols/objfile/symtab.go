package objfile

import (
	"debug/elf"
	"slices"
	"sort"
	"strings"
)

// A symbol is the best name so far of an address.
type symbol struct {
	start, end uint64 // end is 0 where the symbol has no size
	name       uint32 // in the table of names
	bind       elf.SymBind
	ok         bool
}

// symbols names sorted addresses by a table of symbols, in one pass over it. A
// symbol names what its size says, and nothing between. One without a size, as
// assembly may have it, reaches to the next symbol or the end of its section.
//
// Of the names of a function, that which people call it by is taken; with own given,
// only those of the function that has that name too.
func (f *File) symbols(table string, addresses []uint64, own []string) []string {
	s := f.find(table)
	if s == nil || int(s.Link) >= len(f.elf.Sections) {
		return nil
	}
	entries, err := f.raw(s)
	if err != nil {
		return nil
	}
	texts, err := f.raw(f.elf.Sections[s.Link])
	if err != nil {
		return nil
	}
	n := len(addresses)
	t := nearest{addresses: addresses, own: own, best: make([]symbol, n), before: make([]symbol, n), starts: make([]uint64, n), owned: make([]uint64, n)}
	each(f.elf, entries, func(name uint32, info byte, section elf.SectionIndex, value, size uint64) {
		kind := elf.ST_TYPE(info)
		if kind != elf.STT_FUNC && kind != elf.STT_GNU_IFUNC || value == 0 ||
			section == elf.SHN_UNDEF || section >= elf.SHN_LORESERVE && section != elf.SHN_XINDEX {
			return
		}
		if f.elf.Machine == elf.EM_ARM {
			value &^= 1 // Thumb
		}
		s := symbol{start: value, name: name, bind: elf.ST_BIND(info), ok: true}
		if size > 0 {
			s.end = value + size
		}
		t.add(s, texts)
	})
	return t.names(texts, f.textEnd)
}

// nearest finds the symbols of sorted addresses.
type nearest struct {
	addresses []uint64
	best      []symbol // by address: one with a size
	before    []symbol // by the first address after it: the last one without a size
	starts    []uint64 // by the first address after it: the last symbol of all
	own       []string // by address: the name that its function has, nil if none is asked for
	owned     []uint64 // by address: where the symbol of that name starts
}

func (t *nearest) add(s symbol, texts []byte) {
	first := sort.Search(len(t.addresses), func(i int) bool { return t.addresses[i] >= s.start })
	if first == len(t.addresses) {
		return
	}
	t.starts[first] = max(t.starts[first], s.start)
	if s.end == 0 {
		if !t.before[first].ok || better(texts, s, t.before[first]) {
			t.before[first] = s
		}
		return
	}
	for i := first; i < len(t.addresses) && t.addresses[i] < s.end; i++ {
		if t.own != nil && same(texts, s.name, t.own[i]) {
			t.owned[i] = s.start
		}
		if !t.best[i].ok || better(texts, s, t.best[i]) {
			t.best[i] = s
		}
	}
}

func (t *nearest) names(texts []byte, sectionEnd func(uint64) uint64) []string {
	names := make([]string, len(t.addresses))
	var before symbol
	var last uint64
	for i, address := range t.addresses {
		if t.before[i].ok {
			before = t.before[i]
		}
		last = max(last, t.starts[i])
		switch {
		case t.own != nil && (!t.best[i].ok || t.owned[i] != t.best[i].start):
		case t.best[i].ok:
			names[i] = textIn(texts, t.best[i].name)
		case before.ok && before.start == last && address < sectionEnd(before.start):
			names[i] = textIn(texts, before.name)
		}
	}
	return names
}

// each goes through the entries of a table of symbols.
func each(file *elf.File, entries []byte, f func(name uint32, info byte, section elf.SectionIndex, value, size uint64)) {
	order := file.ByteOrder
	if file.Class == elf.ELFCLASS64 {
		for ; len(entries) >= elf.Sym64Size; entries = entries[elf.Sym64Size:] {
			e := entries[:elf.Sym64Size]
			f(order.Uint32(e), e[4], elf.SectionIndex(order.Uint16(e[6:])), order.Uint64(e[8:]), order.Uint64(e[16:]))
		}
		return
	}
	for ; len(entries) >= elf.Sym32Size; entries = entries[elf.Sym32Size:] {
		e := entries[:elf.Sym32Size]
		f(order.Uint32(e), e[12], elf.SectionIndex(order.Uint16(e[14:])), uint64(order.Uint32(e[4:])), uint64(order.Uint32(e[8:])))
	}
}

// maxUnsized is how far a symbol without a size reaches in a file that says nothing
// of its code.
const maxUnsized = 4096

// textEnd is where the section with code at an address ends, and 0 where none is.
func (f *File) textEnd(address uint64) uint64 {
	if len(f.text) == 0 {
		return address + min(maxUnsized, ^address)
	}
	i := slices.IndexFunc(f.text, func(r addressRange) bool { return address >= r.low && address < r.high })
	if i < 0 {
		return 0
	}
	return f.text[i].high
}

// better tells which of two symbols at an address names it: the closer one, and of
// aliases the one that others see, without underscores before it.
func better(texts []byte, a, b symbol) bool {
	if a.start != b.start {
		return a.start > b.start
	}
	if (a.bind == elf.STB_LOCAL) != (b.bind == elf.STB_LOCAL) {
		return b.bind == elf.STB_LOCAL
	}
	nameA, nameB := textIn(texts, a.name), textIn(texts, b.name)
	if x, y := underscores(nameA), underscores(nameB); x != y {
		return x < y
	}
	if len(nameA) != len(nameB) {
		return len(nameA) < len(nameB)
	}
	return nameA < nameB
}

func underscores(s string) int { return len(s) - len(strings.TrimLeft(s, "_")) }

// same tells whether a string of a table of names is s.
func same(table []byte, off uint32, s string) bool {
	end := int(off) + len(s)
	return s != "" && end < len(table) && table[end] == 0 && string(table[off:end]) == s
}

// textIn is a string of a table of names.
func textIn(table []byte, off uint32) string {
	if uint64(off) >= uint64(len(table)) {
		return ""
	}
	rest := table[off:min(len(table), int(off)+maxName)]
	for i, b := range rest {
		if b == 0 {
			return string(rest[:i])
		}
	}
	return string(rest)
}

// maxName is the longest name of a symbol that is read: those of C++ can be long.
const maxName = 1 << 16
