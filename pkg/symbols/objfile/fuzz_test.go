package objfile_test

import (
	"context"
	"debug/elf"
	"encoding/binary"
	"hash/crc32"
	"os"
	"testing"
	"time"

	"github.com/pyrofront/pyrofront/internal/symboltest"
	"github.com/pyrofront/pyrofront/pkg/symbols/objfile"
)

// lookUpAnything opens a file and looks into all parts of it.
func lookUpAnything(t *testing.T, data []byte) {
	symboltest.Bounded(t, len(data), func() {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		f, err := objfile.Open(ctx, data, 32<<20)
		if err != nil {
			return
		}
		_ = f.Supplement(data)
		addresses := []uint64{0, 1, 0x10, 0x1010, 0x1100, 0x1300, 0x2000, 0x401000, 0x401234, 1 << 63}
		_ = f.Lookup(ctx, addresses, func(int, []objfile.Frame) {})
	})
}

func addProgram(f *testing.F, names ...string) {
	for _, name := range names {
		data, err := os.ReadFile(symboltest.Make(f, name).File)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// Whatever the bytes are, it comes to an end, in bounds.
func FuzzFile(f *testing.F) {
	addProgram(f, "tiny", "tiny-dwarf4", "tiny-zlib", "tiny-zstd", "tiny-mini")
	f.Fuzz(lookUpAnything)
}

// The table of Go's functions, by itself.
func FuzzGoTable(f *testing.F) {
	// Of a real table the header is enough to start with: it is made smaller.
	table := symboltest.SectionData(symboltest.Make(f, "go-stripped").File, ".gopclntab")
	for _, size := range []int{256, 1024, 1 << 14} {
		if len(table) > size {
			f.Add(smallerTable(table[:size]), uint64(0x401000))
		}
	}
	f.Fuzz(func(t *testing.T, table []byte, text uint64) {
		var data [64]byte // as the description of the program has it
		binary.LittleEndian.PutUint64(data[:], 0x10000)
		lookUpAnything(t, symboltest.ELF(
			symboltest.Section{Name: ".text", Type: elf.SHT_PROGBITS, Address: text, Data: make([]byte, 0x4000)},
			symboltest.Section{Name: ".gopclntab", Type: elf.SHT_PROGBITS, Address: 0x10000, Data: table},
			symboltest.Section{Name: ".data", Type: elf.SHT_PROGBITS, Address: 0x20000, Data: data[:]},
		))
	})
}

// smallerTable puts the parts of a table of Go's functions where there are bytes.
func smallerTable(table []byte) []byte {
	table = append([]byte(nil), table...)
	binary.LittleEndian.PutUint64(table[8:], 3)  // functions
	binary.LittleEndian.PutUint64(table[16:], 2) // files
	binary.LittleEndian.PutUint64(table[24:], 0x401000)
	for i, part := range []int{0, 1, 1, 1, 2} {
		binary.LittleEndian.PutUint64(table[32+8*i:], uint64(72+part*len(table)/8)%uint64(len(table)))
	}
	return table
}

// MiniDebugInfo, by itself. The header's checksum is put right, so that more of it
// is read.
func FuzzMiniDebugInfo(f *testing.F) {
	if packed := symboltest.SectionData(symboltest.Make(f, "tiny-mini").File, ".gnu_debugdata"); packed != nil {
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		if len(packed) > 16 {
			if n := (int(packed[12]) + 1) * 4; n <= len(packed)-12 {
				header := packed[12 : 12+n]
				binary.LittleEndian.PutUint32(header[n-4:], crc32.ChecksumIEEE(header[:n-4]))
			}
		}
		lookUpAnything(t, symboltest.ELF(
			symboltest.Section{Name: ".text", Type: elf.SHT_PROGBITS, Address: 0x1000, Data: make([]byte, 0x1000)},
			symboltest.Section{Name: ".gnu_debugdata", Type: elf.SHT_PROGBITS, Data: packed},
		))
	})
}
