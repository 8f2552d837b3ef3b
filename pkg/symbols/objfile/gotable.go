package objfile

import (
	"debug/elf"
	"debug/gosym"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// A goTable is the table of functions and lines that every Go program has, also a
// stripped one.
type goTable struct {
	table  *gosym.Table
	memory int64
}

var (
	errGoTable = errors.New(".gopclntab cannot be read")
	errGoText  = errors.New("where Go's code starts cannot be found")
)

// openGo reads .gopclntab.
func (f *File) openGo() (err error) {
	s := f.find(".gopclntab")
	if s == nil {
		s = f.find(".data.rel.ro.gopclntab") // of position-independent programs
	}
	if s == nil {
		return nil
	}
	data, err := f.raw(s)
	if err != nil {
		return err
	}
	// Not all of what the library reads does it bound itself.
	defer func() {
		if recover() != nil {
			err, f.goTable = errGoTable, nil
		}
	}()
	if n := goFunctionCount(f.elf.ByteOrder, data); n > maxGoFunctions {
		return fmt.Errorf(".gopclntab with %d functions: at most %d are read", n, maxGoFunctions)
	}
	text, err := f.goText(s.Addr, data)
	if err != nil {
		return err
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, text))
	if err != nil || len(table.Funcs) == 0 {
		return errGoTable
	}
	f.goTable = &goTable{table, int64(len(table.Funcs)) * 256}
	return nil
}

// Magic numbers of .gopclntab.
const (
	goMagic12  = 0xfffffffb
	goMagic116 = 0xfffffffa
	goMagic118 = 0xfffffff0
	goMagic120 = 0xfffffff1
)

func goFunctionCount(order binary.ByteOrder, data []byte) uint64 {
	if len(data) < 16 {
		return math.MaxUint64
	}
	if data[7] == 4 {
		return uint64(order.Uint32(data[8:]))
	}
	return order.Uint64(data[8:])
}

// goText finds the address that entries of functions count from: runtime.text.
// It is the start of .text only where no C is linked in. From Go 1.18 on the table
// had it in its header, and from 1.26 on that is 0; the runtime's own description
// of the program (runtime.moduledata) has it always.
func (f *File) goText(tableAddress uint64, data []byte) (uint64, error) {
	order := f.elf.ByteOrder
	magic := order.Uint32(data)
	switch magic {
	case goMagic12, goMagic116:
		return 0, nil // entries are addresses
	case goMagic118, goMagic120:
	default:
		return 0, errGoTable
	}
	size := int(data[7])
	if size != 4 && size != 8 || len(data) < 8+8*size {
		return 0, errGoTable
	}
	word := func(b []byte) uint64 {
		if size == 4 {
			return uint64(order.Uint32(b))
		}
		return order.Uint64(b)
	}
	if text := word(data[8+2*size:]); text != 0 && f.textEnd(text) > 0 {
		return text, nil
	}
	// The first entry's address is both minpc of moduledata, and text and its offset.
	table := word(data[8+7*size:])
	if table+4 > uint64(len(data)) || table > math.MaxInt64 {
		return 0, errGoTable
	}
	first := uint64(order.Uint32(data[table:]))
	for address := range f.pointersTo(tableAddress, size) {
		const minPC, text = 20, 22 // fields, counted in words
		minpc, ok1 := f.word(address+minPC*uint64(size), size)
		start, ok2 := f.word(address+text*uint64(size), size)
		if ok1 && ok2 && start != 0 && minpc == start+first && f.textEnd(start) > 0 {
			return start, nil
		}
	}
	return 0, errGoText
}

// pointersTo goes through the places in data that hold an address, also those that
// the dynamic linker puts it at.
func (f *File) pointersTo(target uint64, size int) func(yield func(uint64) bool) {
	return func(yield func(uint64) bool) {
		order := f.elf.ByteOrder
		for _, s := range f.elf.Sections {
			if s.Type != elf.SHT_PROGBITS || s.Flags&elf.SHF_WRITE == 0 {
				continue
			}
			data, err := f.raw(s)
			if err != nil {
				continue
			}
			for off := 0; off+size <= len(data); off += size {
				if size == 4 && uint64(order.Uint32(data[off:])) == target || size == 8 && order.Uint64(data[off:]) == target {
					if !yield(s.Addr + uint64(off)) {
						return
					}
				}
			}
		}
		for at, to := range f.relocations() {
			if to == target && !yield(at) {
				return
			}
		}
	}
}

// word is a pointer at an address of the program as it is loaded.
func (f *File) word(address uint64, size int) (uint64, bool) {
	for _, s := range f.elf.Sections {
		if s.Type != elf.SHT_PROGBITS || s.Flags&elf.SHF_ALLOC == 0 || address < s.Addr || address-s.Addr >= s.Size {
			continue
		}
		data, err := f.raw(s)
		if err != nil || uint64(len(data)) < address-s.Addr+uint64(size) {
			return 0, false
		}
		b := data[address-s.Addr:]
		n := f.elf.ByteOrder.Uint64
		if size == 4 {
			n = func(b []byte) uint64 { return uint64(f.elf.ByteOrder.Uint32(b)) }
		}
		if v := n(b); v != 0 {
			return v, true
		}
	}
	for at, to := range f.relocations() {
		if at == address {
			return to, true
		}
	}
	return 0, false
}

// relocations goes through the addresses that the dynamic linker writes, and what
// it writes there, for a program that is loaded at 0.
func (f *File) relocations() func(yield func(at, to uint64) bool) {
	return func(yield func(at, to uint64) bool) {
		const size = 24 // of an Elf64_Rela
		for _, s := range f.elf.Sections {
			if s.Type != elf.SHT_RELA || f.elf.Class != elf.ELFCLASS64 || s.Flags&elf.SHF_ALLOC == 0 {
				continue
			}
			data, err := f.raw(s)
			if err != nil {
				continue
			}
			for ; len(data) >= size; data = data[size:] {
				if !yield(f.elf.ByteOrder.Uint64(data), f.elf.ByteOrder.Uint64(data[16:])) {
					return
				}
			}
		}
	}
}

// lookup is the function and line at an address.
func (t *goTable) lookup(address uint64) (frame Frame, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	file, line, function := t.table.PCToLine(address)
	if function == nil || function.Name == "" || line <= 0 { // there is no line between functions
		return Frame{}, false
	}
	return Frame{Function: function.Name, File: file, Line: line}, true
}
