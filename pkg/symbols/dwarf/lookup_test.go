package dwarf_test

import (
	"context"
	"debug/elf"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/symboltest"
	"github.com/pyrofront/pyrofront/pkg/symbols/dwarf"
)

func open(t testing.TB, path string) *dwarf.Data {
	t.Helper()
	s := dwarf.Sections{}
	for i, to := range []*[]byte{&s.Abbrev, &s.Addr, &s.ARanges, &s.Info, &s.Line, &s.LineStr, &s.Ranges, &s.RngLists, &s.Str, &s.StrOffsets} {
		*to = symboltest.SectionData(path, names[i])
	}
	d, err := dwarf.New(t.Context(), s)
	require.NoError(t, err)
	return d
}

func symbol(t testing.TB, path, name string) uint64 {
	t.Helper()
	f, err := elf.Open(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	all, err := f.Symbols()
	require.NoError(t, err)
	for _, s := range all {
		if s.Name == name {
			return s.Value
		}
	}
	t.Fatalf("%s has no symbol %s", path, name)
	return 0
}

func TestOnlyUnitsWithAskedAddressesAreRead(t *testing.T) {
	for program, function := range map[string]string{"c": "main", "c++": "main", "go": "main.main"} {
		t.Run(program, func(t *testing.T) {
			path := symboltest.Make(t, program).File
			d := open(t, path)
			require.Greater(t, d.Units(), 1)
			address := symbol(t, path, function)
			var got []dwarf.Frame
			require.NoError(t, d.Lookup(t.Context(), []uint64{address}, func(_ int, frames []dwarf.Frame) { got = frames }))
			require.NotEmpty(t, got)
			require.Equal(t, function, got[0].Name)
			require.Equal(t, 1, d.UnitsRead())
		})
	}
}

func TestLookupEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := open(t, symboltest.Make(t, "c++").File)
	settled := 0
	require.ErrorIs(t, d.Lookup(ctx, []uint64{symbol(t, symboltest.Make(t, "c++").File, "main")}, func(int, []dwarf.Frame) { settled++ }), context.Canceled)
	require.Zero(t, settled)
}

func TestSectionsThatAreNoDWARF(t *testing.T) {
	for name, s := range map[string]dwarf.Sections{
		"nothing": {}, "text": {Info: []byte("hello, world, this is no unit"), Abbrev: []byte("nor this")},
		"endless": {Info: []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 5, 0}},
	} {
		_, err := dwarf.New(t.Context(), s)
		require.Error(t, err, name)
	}
}
