package dwarf_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/pyrofront/pyrofront/internal/symboltest"
	"github.com/pyrofront/pyrofront/pkg/symbols/dwarf"
)

func TestMain(m *testing.M) {
	code := m.Run()
	symboltest.Clean()
	os.Exit(code)
}

var names = []string{
	".debug_abbrev", ".debug_addr", ".debug_aranges", ".debug_info", ".debug_line", ".debug_line_str", ".debug_ranges",
	".debug_rnglists", ".debug_str", ".debug_str_offsets",
}

// Whatever the sections are, it comes to an end, in bounds.
func FuzzLookup(f *testing.F) {
	add := func(path string, address uint64) {
		var s [10][]byte
		for i, name := range names {
			s[i] = symboltest.SectionData(path, name)
		}
		f.Add(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], address, false)
	}
	for _, program := range []string{"tiny", "tiny-dwarf4"} {
		add(symboltest.Make(f, program).File, 0x401000)
	}
	f.Fuzz(func(t *testing.T, abbrev, addr, aranges, info, line, lineStr, ranges, rngLists, str, strOffsets []byte, address uint64, big bool) {
		s := dwarf.Sections{Abbrev: abbrev, Addr: addr, ARanges: aranges, Info: info, Line: line, LineStr: lineStr, Ranges: ranges,
			RngLists: rngLists, Str: str, StrOffsets: strOffsets, BigEndian: big}
		size := len(abbrev) + len(addr) + len(aranges) + len(info) + len(line) + len(lineStr) + len(ranges) + len(rngLists) + len(str) + len(strOffsets)
		symboltest.Bounded(t, size, func() {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			d, err := dwarf.New(ctx, s)
			if err != nil {
				return
			}
			d.Supplement(s)
			addresses := []uint64{0, 1, address, address + 1, address + 0x40, address + 0x1000}
			if address > 1<<63 {
				addresses = addresses[:2]
			}
			settled := make([]int, len(addresses))
			err = d.Lookup(ctx, addresses, func(i int, _ []dwarf.Frame) { settled[i]++ })
			for i, n := range settled {
				if n > 1 || err == nil && n != 1 {
					t.Fatalf("address %d was settled %d times", i, n)
				}
			}
		})
	})
}
