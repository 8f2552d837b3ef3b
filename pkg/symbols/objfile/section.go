package objfile

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"

	kzlib "github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// section is the bytes of a section, unpacked: those of the file itself where they
// are not compressed. It is nil where there is no such section, or no bytes.
func (f *File) section(name string) ([]byte, error) {
	s := f.find(name)
	if s == nil {
		return nil, nil
	}
	if s.Type == elf.SHT_NOBITS {
		return nil, nil
	}
	raw, err := f.raw(s)
	if err != nil {
		return nil, err
	}
	var out []byte
	switch {
	case s.Flags&elf.SHF_COMPRESSED != 0:
		out, err = f.inflate(raw)
	case len(raw) > 12 && string(raw[:4]) == "ZLIB": // binutils' older way, -gz=zlib-gnu
		out, err = f.unpack(elf.COMPRESS_ZLIB, raw[12:], binary.BigEndian.Uint64(raw[4:]))
	default:
		return raw, nil
	}
	if err != nil {
		return nil, fmt.Errorf("section %s: %w", name, err)
	}
	return out, nil
}

// find is the section of a name, or of the older one of compressed debug data.
func (f *File) find(name string) *elf.Section {
	for _, s := range f.elf.Sections {
		if s.Name == name && s.Type != elf.SHT_NOBITS {
			return s
		}
	}
	if len(name) > 7 && name[:7] == ".debug_" {
		for _, s := range f.elf.Sections {
			if s.Name == ".z"+name[1:] {
				return s
			}
		}
	}
	return nil
}

// raw is a section as it lies in the file.
func (f *File) raw(s *elf.Section) ([]byte, error) {
	if s.Offset > uint64(len(f.data)) || s.FileSize > uint64(len(f.data))-s.Offset {
		return nil, fmt.Errorf("section %s ends beyond the file", s.Name)
	}
	return f.data[s.Offset : s.Offset+s.FileSize : s.Offset+s.FileSize], nil
}

// inflate unpacks a section with a header (Elf32_Chdr, Elf64_Chdr).
func (f *File) inflate(raw []byte) ([]byte, error) {
	order := f.elf.ByteOrder
	if f.elf.Class == elf.ELFCLASS64 {
		if len(raw) < 24 {
			return nil, io.ErrUnexpectedEOF
		}
		return f.unpack(elf.CompressionType(order.Uint32(raw)), raw[24:], order.Uint64(raw[8:]))
	}
	if len(raw) < 12 {
		return nil, io.ErrUnexpectedEOF
	}
	return f.unpack(elf.CompressionType(order.Uint32(raw)), raw[12:], uint64(order.Uint32(raw[4:])))
}

// unpack unpacks size bytes, and counts them against what the file may unpack to.
func (f *File) unpack(kind elf.CompressionType, packed []byte, size uint64) ([]byte, error) {
	if err := f.reserve(size); err != nil {
		return nil, err
	}
	var r io.Reader
	switch kind {
	case elf.COMPRESS_ZLIB:
		z, err := kzlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, err
		}
		defer func() { _ = z.Close() }()
		r = z
	case elf.COMPRESS_ZSTD:
		z, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	default:
		return nil, fmt.Errorf("compression %d is not known", kind)
	}
	// A small input that says that it is large gets no memory before it shows.
	out, err := readExactly(r, size, uint64(len(packed)))
	if err != nil {
		return nil, err
	}
	return out, nil
}

// readExactly reads size bytes. It takes memory for them at once only as far as the
// packed bytes make them likely.
func readExactly(r io.Reader, size, packed uint64) ([]byte, error) {
	if size <= packed*16+1<<16 {
		out := make([]byte, size)
		_, err := io.ReadFull(r, out)
		return out, err
	}
	out := bytes.NewBuffer(make([]byte, 0, packed*16))
	n, err := io.Copy(out, io.LimitReader(r, int64(size)))
	if err == nil && uint64(n) != size {
		err = io.ErrUnexpectedEOF
	}
	return out.Bytes(), err
}
