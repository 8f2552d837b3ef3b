package symboltest

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
)

// A Section is a section of a file that ELF makes.
type Section struct {
	Name    string
	Type    elf.SectionType
	Address uint64
	Data    []byte
}

// ELF makes a 64-bit little-endian file of sections. A table of symbols is linked
// to the section after it.
func ELF(sections ...Section) []byte {
	var out bytes.Buffer
	out.Write(make([]byte, 64))
	names := []byte{0}
	headers := []elf.Section64{{}}
	for i, s := range sections {
		h := elf.Section64{Name: uint32(len(names)), Type: uint32(s.Type), Off: uint64(out.Len()), Size: uint64(len(s.Data)), Addr: s.Address, Link: uint32(i + 2)}
		if s.Name == ".text" {
			h.Flags = uint64(elf.SHF_EXECINSTR | elf.SHF_ALLOC)
		}
		names = append(append(names, s.Name...), 0)
		headers = append(headers, h)
		out.Write(s.Data)
	}
	names = append(names, ".shstrtab\x00"...)
	headers = append(headers, elf.Section64{Name: uint32(len(names) - 10), Type: uint32(elf.SHT_STRTAB), Off: uint64(out.Len()), Size: uint64(len(names))})
	out.Write(names)
	header := elf.Header64{Type: uint16(elf.ET_DYN), Version: 1, Shoff: uint64(out.Len()), Ehsize: 64, Shentsize: 64,
		Shnum: uint16(len(headers)), Shstrndx: uint16(len(headers) - 1)}
	copy(header.Ident[:], "\x7fELF\x02\x01\x01")
	_ = binary.Write(&out, binary.LittleEndian, headers)
	data := out.Bytes()
	var head bytes.Buffer
	_ = binary.Write(&head, binary.LittleEndian, header)
	copy(data, head.Bytes())
	return data
}

// SectionData is the bytes of a section of a file as debug/elf reads it, nil where
// there is none.
func SectionData(path, name string) []byte {
	f, err := elf.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	s := f.Section(name)
	if s == nil {
		return nil
	}
	data, err := s.Data()
	if err != nil {
		return nil
	}
	return data
}
