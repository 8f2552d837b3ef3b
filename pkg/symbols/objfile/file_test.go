package objfile_test

import (
	"context"
	"debug/elf"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/symboltest"
	"github.com/pyrofront/pyrofront/pkg/symbols/objfile"
)

// addressOf is where a symbol starts.
func addressOf(t testing.TB, file, name string) uint64 {
	t.Helper()
	f, err := elf.Open(file)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	all, err := f.Symbols()
	require.NoError(t, err)
	for _, s := range all {
		if s.Name == name {
			return s.Value
		}
	}
	t.Fatalf("%s has no symbol %s", file, name)
	return 0
}

func open(t testing.TB, file string) *objfile.File {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	f, err := objfile.Open(t.Context(), data, 1<<30)
	require.NoError(t, err)
	return f
}

// The C library's own name for it is __libc_malloc.
func TestFunctionsHaveThePublicName(t *testing.T) {
	libc := symboltest.Make(t, "libc").File
	for _, name := range []string{"malloc", "free", "puts", "qsort"} {
		frames := lookup(t, libc, []uint64{addressOf(t, libc, name)})[0]
		require.NotEmpty(t, frames, name)
		assert.Equal(t, name, frames[0].Function)
	}
}

func TestNothingIsUnpackedBeyondTheLimit(t *testing.T) {
	for _, name := range []string{"c-zlib", "c-zlib-gnu", "c-zstd"} {
		data, err := os.ReadFile(symboltest.Make(t, name).File)
		require.NoError(t, err)
		_, err = objfile.Open(t.Context(), data, 1<<30)
		require.NoError(t, err)
		f, err := objfile.Open(t.Context(), data, 100)
		require.NoError(t, err, "there is the table of symbols still")
		assert.False(t, f.HasDWARF(), name)
	}
}

func TestLookupEndsWithItsContext(t *testing.T) {
	p := symboltest.Make(t, "c++")
	f := open(t, p.File)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	settled := 0
	err := f.Lookup(ctx, textAddresses(t, p.File), func(int, []objfile.Frame) { settled++ })
	require.ErrorIs(t, err, context.Canceled)
	assert.Less(t, settled, minAddresses)
}

func TestOpenRefusesWhatNamesNothing(t *testing.T) {
	for name, data := range map[string][]byte{"nothing": nil, "text": []byte("hello"), "magic": []byte("\x7fELF")} {
		_, err := objfile.Open(t.Context(), data, 1<<20)
		assert.Error(t, err, name)
	}
}

// An xz stream that asks for a dictionary of 4 GiB gets none.
func TestXZDictionaryIsBounded(t *testing.T) {
	start := time.Now()
	data, err := os.ReadFile(symboltest.Make(t, "mini-debug-info").File)
	require.NoError(t, err)
	f, err := elf.NewFile(byteReader(data))
	require.NoError(t, err)
	s := f.Section(".gnu_debugdata")
	hostileXZ(t, data[s.Offset:s.Offset+s.Size])
	opened, err := objfile.Open(t.Context(), data, 1<<30)
	if err == nil { // .dynsym is left
		found := 0
		require.NoError(t, opened.Lookup(t.Context(), textAddresses(t, symboltest.Make(t, "c").File), func(_ int, frames []objfile.Frame) {
			if frames != nil {
				found++
			}
		}))
		assert.Zero(t, found)
	}
	assert.Less(t, time.Since(start), 30*time.Second)
}
