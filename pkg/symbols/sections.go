package symbols

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"errors"

	"github.com/pyrofront/pyrofront/pkg/symbols/debuginfod"
)

// sectionNames are what names are made of: half of a debug file, and less of a
// program. The first decides whether there is anything.
var sectionNames = []string{
	".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".debug_line_str", ".debug_aranges", ".debug_ranges",
	".debug_rnglists", ".debug_addr", ".debug_str_offsets", ".gnu_debugaltlink", ".symtab", ".strtab",
}

// fetchSections gets just those sections of a build id's file, and makes an ELF file
// of them. It is not found where the server does not know sections, or has none of
// DWARF.
func fetchSections(ctx context.Context, from Source, buildID, dir string) (*spool, error) {
	s := newSpool(dir)
	if err := writeSections(ctx, from, buildID, &sectionWriter{to: s}); err != nil {
		s.discard()
		return nil, err
	}
	return s, nil
}

func writeSections(ctx context.Context, from Source, buildID string, w *sectionWriter) error {
	if err := w.pad(elfHeaderSize); err != nil {
		return err
	}
	for i, name := range sectionNames {
		err := from.Section(ctx, buildID, name, w.begin())
		switch {
		case err == nil:
			if err := w.end(name); err != nil {
				return err
			}
		case i == 0 || !errors.Is(err, debuginfod.ErrNotFound):
			return err
		}
	}
	return w.finish()
}

const (
	elfHeaderSize = 64 // of either class, at most
	prefixSize    = 64 // of a section, that tells what it is
)

// A sectionWriter writes an ELF file.
type sectionWriter struct {
	to       *spool
	sections []elf.SectionHeader
	start    int64  // of the section that is being written
	prefix   []byte // its first bytes
	class    elf.Class
	order    binary.ByteOrder
}

func (w *sectionWriter) pad(n int64) error {
	_, err := w.to.Write(make([]byte, n))
	return err
}

// begin starts a section.
func (w *sectionWriter) begin() debuginfod.Sink {
	w.start, w.prefix = w.to.size, nil
	return w
}

func (w *sectionWriter) Write(b []byte) (int, error) {
	w.prefix = append(w.prefix, b[:min(len(b), prefixSize-len(w.prefix))]...)
	return w.to.Write(b)
}

// Reset goes back to where the section started.
func (w *sectionWriter) Reset() error {
	w.prefix = nil
	return w.to.cut(w.start)
}

// end takes the section that was written.
func (w *sectionWriter) end(name string) error {
	if w.class == elf.ELFCLASSNONE {
		w.recognise()
	}
	size := uint64(w.to.size - w.start)
	h := elf.SectionHeader{Name: name, Type: elf.SHT_PROGBITS, Offset: uint64(w.start), FileSize: size, Addralign: 1}
	if name == ".symtab" {
		h.Type = elf.SHT_SYMTAB
	}
	if packedClass(w.prefix) != elf.ELFCLASSNONE {
		h.Flags = elf.SHF_COMPRESSED
	}
	w.sections = append(w.sections, h)
	return w.pad(-w.to.size & 7)
}

// recognise tells class and byte order, by the first section: .debug_info.
func (w *sectionWriter) recognise() {
	w.class, w.order = elf.ELFCLASS64, binary.LittleEndian
	p := w.prefix
	if class := packedClass(p); class != elf.ELFCLASSNONE {
		w.class = class
		if p[0] == 0 {
			w.order = binary.BigEndian
		}
		return
	}
	if len(p) < 24 {
		return
	}
	version := 4 // where it is
	if bytes.Equal(p[:4], []byte{0xff, 0xff, 0xff, 0xff}) {
		version = 12
	}
	if p[version] == 0 {
		w.order = binary.BigEndian
	}
	size := version + 6 // where the size of addresses is
	if max(p[version], p[version+1]) >= 5 {
		size = version + 3
	} else if version == 12 {
		size += 4
	}
	if p[size] == 4 {
		w.class = elf.ELFCLASS32
	}
}

// packedClass is the class of the header that a compressed section starts with, and
// none where it is not compressed: servers do not tell.
func packedClass(p []byte) elf.Class {
	if len(p) < 32 {
		return elf.ELFCLASSNONE
	}
	var order binary.ByteOrder = binary.LittleEndian
	if p[0] == 0 {
		order = binary.BigEndian
	}
	kind := elf.CompressionType(order.Uint32(p))
	for _, c := range []struct {
		class elf.Class
		start int
		align uint64
	}{
		{elf.ELFCLASS64, 24, order.Uint64(p[16:])},
		{elf.ELFCLASS32, 12, uint64(order.Uint32(p[8:]))},
	} {
		if c.align&(c.align-1) != 0 || c.class == elf.ELFCLASS64 && order.Uint32(p[4:]) != 0 {
			continue
		}
		body := p[c.start:]
		zlib := kind == elf.COMPRESS_ZLIB && body[0]&0x0f == 8 && binary.BigEndian.Uint16(body)%31 == 0
		zstd := kind == elf.COMPRESS_ZSTD && bytes.HasPrefix(body, []byte{0x28, 0xb5, 0x2f, 0xfd})
		if zlib || zstd {
			return c.class
		}
	}
	return elf.ELFCLASSNONE
}

// finish writes the table of sections, and the header before all.
func (w *sectionWriter) finish() error {
	names := elf.SectionHeader{Name: ".shstrtab", Type: elf.SHT_STRTAB, Offset: uint64(w.to.size), Addralign: 1}
	all := append([]elf.SectionHeader{{}}, append(w.sections, names)...)
	texts := []byte{0}
	offsets := make([]uint32, len(all))
	strings := uint32(0)
	for i, h := range all {
		if h.Name != "" {
			offsets[i] = uint32(len(texts))
			texts = append(append(texts, h.Name...), 0)
		}
		if h.Name == ".strtab" {
			strings = uint32(i)
		}
	}
	all[len(all)-1].FileSize = uint64(len(texts))
	if _, err := w.to.Write(texts); err != nil {
		return err
	}
	if err := w.pad(-w.to.size & 7); err != nil {
		return err
	}
	table := w.to.size
	if err := w.writeTable(all, offsets, strings); err != nil {
		return err
	}
	return w.writeHeader(uint64(table), len(all))
}

func (w *sectionWriter) writeTable(all []elf.SectionHeader, names []uint32, strings uint32) error {
	for i, h := range all {
		link, entry := uint32(0), uint64(0)
		if h.Type == elf.SHT_SYMTAB {
			link, entry = strings, elf.Sym64Size
			if w.class == elf.ELFCLASS32 {
				entry = elf.Sym32Size
			}
		}
		var err error
		if w.class == elf.ELFCLASS32 {
			err = binary.Write(w.to, w.order, elf.Section32{Name: names[i], Type: uint32(h.Type), Flags: uint32(h.Flags), Off: uint32(h.Offset),
				Size: uint32(h.FileSize), Link: link, Addralign: uint32(h.Addralign), Entsize: uint32(entry)})
		} else {
			err = binary.Write(w.to, w.order, elf.Section64{Name: names[i], Type: uint32(h.Type), Flags: uint64(h.Flags), Off: h.Offset,
				Size: h.FileSize, Link: link, Addralign: h.Addralign, Entsize: entry})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *sectionWriter) writeHeader(table uint64, sections int) error {
	data := elf.ELFDATA2LSB
	if w.order == binary.BigEndian {
		data = elf.ELFDATA2MSB
	}
	var ident [elf.EI_NIDENT]byte
	copy(ident[:], elf.ELFMAG)
	ident[elf.EI_CLASS], ident[elf.EI_DATA], ident[elf.EI_VERSION] = byte(w.class), byte(data), byte(elf.EV_CURRENT)
	var out bytes.Buffer
	var header any = elf.Header64{Ident: ident, Type: uint16(elf.ET_DYN), Version: uint32(elf.EV_CURRENT), Shoff: table,
		Ehsize: 64, Shentsize: 64, Shnum: uint16(sections), Shstrndx: uint16(sections - 1)}
	if w.class == elf.ELFCLASS32 {
		header = elf.Header32{Ident: ident, Type: uint16(elf.ET_DYN), Version: uint32(elf.EV_CURRENT), Shoff: uint32(table),
			Ehsize: 52, Shentsize: 40, Shnum: uint16(sections), Shstrndx: uint16(sections - 1)}
	}
	if err := binary.Write(&out, w.order, header); err != nil {
		return err
	}
	return w.to.patch(out.Bytes())
}
