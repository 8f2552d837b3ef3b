package objfile

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"sync"

	"github.com/pyrofront/pyrofront/pkg/symbols/dwarf"
)

// A File is an ELF file. One goroutine at a time may use it.
type File struct {
	data      []byte
	elf       *elf.File
	dwarf     *dwarf.Data
	goTable   *goTable
	mini      *File
	buildID   string
	altID     string
	text      []addressRange // sections that hold code
	mutex     sync.Mutex     // of what follows
	unpacked  uint64
	maxUnpack uint64
}

type addressRange struct{ low, high uint64 }

// Open reads what there is in the bytes of an ELF file, which must not change
// until the file is let go. Compressed sections are unpacked to at most maxUnpacked
// bytes, all in all.
func Open(ctx context.Context, data []byte, maxUnpacked int64) (*File, error) {
	return open(ctx, data, maxUnpacked, true)
}

func open(ctx context.Context, data []byte, maxUnpacked int64, outer bool) (*File, error) {
	f, err := readHeaders(data, maxUnpacked)
	if err != nil {
		return nil, err
	}
	failures := []error{f.openDWARF(ctx)}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.dwarf == nil && f.find(".symtab") == nil {
		failures = append(failures, f.openGo())
		if outer {
			failures = append(failures, f.openMini(ctx))
		}
	}
	if f.dwarf == nil && f.goTable == nil && f.mini == nil && f.find(".symtab") == nil && f.find(".dynsym") == nil {
		return nil, errors.Join(append(failures, ErrNoSymbols)...)
	}
	return f, nil
}

func readHeaders(data []byte, maxUnpacked int64) (*File, error) {
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("no ELF file: %w", err)
	}
	if len(file.Sections) > maxSections {
		return nil, fmt.Errorf("%d sections: at most %d are read", len(file.Sections), maxSections)
	}
	f := &File{data: data, elf: file, maxUnpack: uint64(max(maxUnpacked, 0))}
	for _, s := range file.Sections {
		if s.Flags&elf.SHF_EXECINSTR != 0 && s.Addr <= math.MaxUint64-s.Size {
			f.text = append(f.text, addressRange{s.Addr, s.Addr + s.Size})
		}
		switch {
		case s.Type == elf.SHT_NOTE && s.Name == ".note.gnu.build-id":
			if raw, err := f.raw(s); err == nil {
				f.buildID = buildIDNote(file, raw)
			}
		case s.Name == ".gnu_debugaltlink":
			if raw, err := f.raw(s); err == nil {
				if _, id, ok := bytes.Cut(raw, []byte{0}); ok && len(id) <= 64 {
					f.altID = hex.EncodeToString(id)
				}
			}
		}
	}
	return f, nil
}

// buildIDNote is the build id in a note, empty where there is none.
func buildIDNote(file *elf.File, note []byte) string {
	if len(note) < 16 {
		return ""
	}
	nameSize, size := file.ByteOrder.Uint32(note), file.ByteOrder.Uint32(note[4:])
	if nameSize != 4 || size == 0 || size > 64 || uint64(len(note)) < 16+uint64(size) || string(note[12:15]) != "GNU" {
		return ""
	}
	return hex.EncodeToString(note[16 : 16+size])
}

// BuildID is the build id that the file says it has, empty if it says nothing.
func (f *File) BuildID() string { return f.buildID }

// SupplementID is the build id of the file that dwz moved debug data to, empty
// where there is none.
func (f *File) SupplementID() string { return f.altID }

// HasDWARF tells whether there is DWARF that can be read.
func (f *File) HasDWARF() bool { return f.dwarf != nil }

// Memory is how many bytes the file holds beyond its own: about.
func (f *File) Memory() int64 {
	n := int64(f.unpacked)
	if f.dwarf != nil {
		n += int64(f.dwarf.Units()) * 256
	}
	if f.goTable != nil {
		n += f.goTable.memory
	}
	if f.mini != nil {
		n += int64(len(f.mini.data)) + f.mini.Memory()
	}
	return n + 4096
}

// Supplement gives the file that SupplementID names.
func (f *File) Supplement(data []byte) error {
	alt, err := readHeaders(data, int64(f.maxUnpack))
	if err != nil {
		return err
	}
	sections, err := alt.dwarfSections(".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str")
	if err != nil {
		return err
	}
	f.unpacked += alt.unpacked
	if f.dwarf != nil {
		f.dwarf.Supplement(sections)
	}
	return nil
}

// reserve counts bytes that a section is unpacked to.
func (f *File) reserve(size uint64) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if size > f.maxUnpack || f.unpacked > f.maxUnpack-size {
		return fmt.Errorf("unpacked: %w", ErrTooLarge)
	}
	f.unpacked += size
	return nil
}

// openDWARF reads where units are. It leaves no DWARF where there is none.
func (f *File) openDWARF(ctx context.Context) error {
	sections, err := f.dwarfSections(".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_line",
		".debug_ranges", ".debug_rnglists", ".debug_addr", ".debug_str_offsets", ".debug_aranges")
	if err != nil {
		return err
	}
	if len(sections.Info) == 0 || len(sections.Abbrev) == 0 {
		return nil
	}
	data, err := dwarf.New(ctx, sections)
	if err != nil {
		return err
	}
	f.dwarf = data
	return nil
}

// dwarfSections unpacks sections, two at a time.
func (f *File) dwarfSections(names ...string) (dwarf.Sections, error) {
	s := dwarf.Sections{BigEndian: f.elf.Data == elf.ELFDATA2MSB}
	to := map[string]*[]byte{
		".debug_abbrev": &s.Abbrev, ".debug_addr": &s.Addr, ".debug_aranges": &s.ARanges, ".debug_info": &s.Info,
		".debug_line": &s.Line, ".debug_line_str": &s.LineStr, ".debug_ranges": &s.Ranges,
		".debug_rnglists": &s.RngLists, ".debug_str": &s.Str, ".debug_str_offsets": &s.StrOffsets,
	}
	failures := make([]error, len(names))
	var group sync.WaitGroup
	slots := make(chan struct{}, 2)
	for i, name := range names {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			defer recoverFault(&failures[i])
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			*to[name], failures[i] = f.section(name)
		})
	}
	group.Wait()
	return s, errors.Join(failures...)
}

// recoverFault makes an error of a fault: a file that is mapped may be cut while it
// is read.
func recoverFault(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the file is damaged: %v", r)
	}
}
