package symbols_test

import (
	"context"
	"debug/elf"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/symboltest"
	"github.com/pyrofront/pyrofront/pkg/symbols"
	"github.com/pyrofront/pyrofront/pkg/symbols/debuginfod"
)

func TestMain(m *testing.M) {
	code := m.Run()
	symboltest.Clean()
	os.Exit(code)
}

// A shelf is files by build id, and counts what is taken from it.
type shelf struct {
	files       map[string]string // build id → path
	executables map[string]string
	taken       atomic.Int64
	gate        chan struct{} // if there is one, fetches wait until it is closed
	failure     error
}

func (s *shelf) Debuginfo(ctx context.Context, buildID string, to debuginfod.Sink) error {
	s.taken.Add(1)
	if s.gate != nil {
		select {
		case <-s.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return s.hand(s.files[buildID], to)
}

func (s *shelf) Executable(_ context.Context, buildID string, to debuginfod.Sink) error {
	return s.hand(s.executables[buildID], to)
}

func (s *shelf) Section(context.Context, string, string, debuginfod.Sink) error {
	return debuginfod.ErrNotFound
}

func (s *shelf) SectionsMissing() {}

func (s *shelf) hand(path string, to debuginfod.Sink) error {
	if s.failure != nil {
		return s.failure
	}
	if path == "" {
		return debuginfod.ErrNotFound
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := to.Reset(); err != nil {
		return err
	}
	_, err = to.Write(data)
	return err
}

// program is a C program: its build id, and the addresses of main and of padding.
func program(t testing.TB) (path, buildID string, main uint64) {
	t.Helper()
	path = symboltest.Make(t, "c").File
	f, err := elf.Open(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	note, err := f.Section(".note.gnu.build-id").Data()
	require.NoError(t, err)
	all, err := f.Symbols()
	require.NoError(t, err)
	for _, s := range all {
		if s.Name == "main" {
			main = s.Value
		}
	}
	require.NotZero(t, main)
	return path, hex.EncodeToString(note[16:]), main
}

func symbolizer(t testing.TB, c symbols.Config) *symbols.Symbolizer {
	t.Helper()
	if c.Patience == 0 {
		c.Patience = time.Minute
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = 1 << 30
	}
	if c.MemoryBytes == 0 {
		c.MemoryBytes = 64 << 20
	}
	if c.FolderBytes == 0 {
		c.FolderBytes = 1 << 30
	}
	s, err := symbols.New(c)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func TestResolveNamesAddressesOnce(t *testing.T) {
	path, id, main := program(t)
	from := &shelf{files: map[string]string{id: path}}
	s := symbolizer(t, symbols.Config{Source: from})
	ask := []symbols.Binary{{BuildID: id, Name: "c", Addresses: []uint64{main, 1, main}}}

	names, cost := s.Resolve(t.Context(), ask)
	require.Len(t, names[0], 3)
	require.NotEmpty(t, names[0][0])
	assert.Equal(t, "main", names[0][0][0].Function)
	assert.Equal(t, "shapes.c", filepath.Base(names[0][0][0].File))
	assert.Nil(t, names[0][1])
	assert.Equal(t, names[0][0], names[0][2])
	assert.Equal(t, symbols.StateResolved, cost.Binaries[0].State)
	assert.Equal(t, 2, cost.Binaries[0].Named)
	assert.Positive(t, cost.FetchedBytes())

	again, cost := s.Resolve(t.Context(), ask)
	assert.Equal(t, names, again)
	assert.Zero(t, cost.FetchedBytes(), "names are remembered")
	_, cost = s.Resolve(t.Context(), []symbols.Binary{{BuildID: id, Addresses: []uint64{main + 1}}})
	assert.Zero(t, cost.FetchedBytes(), "the file is held open")
	assert.EqualValues(t, 1, from.taken.Load())
}

func TestResolveTakesTheProgramWhereThereIsNoDebugFile(t *testing.T) {
	path, id, main := program(t)
	s := symbolizer(t, symbols.Config{Source: &shelf{executables: map[string]string{id: path}}})
	names, _ := s.Resolve(t.Context(), []symbols.Binary{{BuildID: id, Addresses: []uint64{main}}})
	require.NotEmpty(t, names[0][0])
	assert.Equal(t, "main", names[0][0][0].Function)
}

func TestOneFetchForAllWhoWait(t *testing.T) {
	path, id, main := program(t)
	from := &shelf{files: map[string]string{id: path}, gate: make(chan struct{})}
	s := symbolizer(t, symbols.Config{Source: from})
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			names, _ := s.Resolve(t.Context(), []symbols.Binary{{BuildID: id, Addresses: []uint64{main + uint64(i%2)}}})
			assert.NotEmpty(t, names[0][0])
		})
	}
	time.Sleep(50 * time.Millisecond)
	close(from.gate)
	group.Wait()
	assert.EqualValues(t, 1, from.taken.Load())
}

func TestASlowServerIsNotWaitedFor(t *testing.T) {
	path, id, main := program(t)
	from := &shelf{files: map[string]string{id: path}, gate: make(chan struct{})}
	s := symbolizer(t, symbols.Config{Source: from, Patience: 50 * time.Millisecond})
	ask := []symbols.Binary{{BuildID: id, Addresses: []uint64{main}}}
	start := time.Now()
	names, cost := s.Resolve(t.Context(), ask)
	assert.Less(t, time.Since(start), 5*time.Second)
	assert.Nil(t, names[0][0])
	assert.Equal(t, symbols.StatePending, cost.Binaries[0].State)
	assert.Equal(t, "1 binary, 1 still under way", cost.String())

	close(from.gate) // what goes on in the background is there next time
	require.Eventually(t, func() bool {
		names, _ = s.Resolve(t.Context(), ask)
		return names[0][0] != nil
	}, time.Minute, 10*time.Millisecond)
	assert.EqualValues(t, 1, from.taken.Load())
}

// What came while nobody waited counts for the query that began to wait for it, and for no
// other.
func TestCallsOfOneQueryCountTheirFetchesTogether(t *testing.T) {
	path, id, main := program(t)
	from := &shelf{files: map[string]string{id: path}, gate: make(chan struct{})}
	s := symbolizer(t, symbols.Config{Source: from, Patience: 50 * time.Millisecond})
	ask := []symbols.Binary{{BuildID: id, Addresses: []uint64{main}}}
	query := symbols.WithFetches(t.Context(), new(symbols.Fetches))
	_, cost := s.Resolve(query, ask)
	assert.Equal(t, symbols.StatePending, cost.Binaries[0].State)
	assert.Zero(t, cost.FetchedBytes())
	close(from.gate)
	var whole symbols.Cost
	require.Eventually(t, func() bool {
		names, cost := s.Resolve(t.Context(), ask)
		whole = cost
		return names[0][0] != nil
	}, time.Minute, 10*time.Millisecond)
	for range 2 {
		_, cost = s.Resolve(query, ask)
		assert.Positive(t, cost.FetchedBytes())
		assert.Equal(t, symbols.StateResolved, cost.Binaries[0].State)
	}
	if whole.FetchedBytes() > 0 { // it waited, too
		assert.Equal(t, whole.FetchedBytes(), cost.FetchedBytes())
	}
	_, cost = s.Resolve(t.Context(), ask)
	assert.Zero(t, cost.FetchedBytes())
}

func TestWhatIsMissingIsRemembered(t *testing.T) {
	damaged := filepath.Join(t.TempDir(), "damaged")
	require.NoError(t, os.WriteFile(damaged, []byte("\x7fELF and then nothing that is one"), 0o600))
	for name, test := range map[string]struct {
		id   string
		from *shelf
		want symbols.State
		asks int64
	}{
		"not found":     {"ab12", &shelf{}, symbols.StateNotFound, 1},
		"server failed": {"ab12", &shelf{failure: &debuginfod.StatusError{Code: 500}}, symbols.StateFailed, 1},
		"damaged":       {"ab12", &shelf{files: map[string]string{"ab12": damaged}}, symbols.StateFailed, 1},
		"too large":     {"ab12", &shelf{failure: debuginfod.ErrTooLarge}, symbols.StateFailed, 1},
		"no build id":   {"", &shelf{}, symbols.StateNotFound, 0},
		"odd build id":  {"abc", &shelf{}, symbols.StateNotFound, 0},
		"path in id":    {"../../etc/passwd", &shelf{}, symbols.StateNotFound, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := symbolizer(t, symbols.Config{Source: test.from})
			for range 3 {
				names, cost := s.Resolve(t.Context(), []symbols.Binary{{BuildID: test.id, Addresses: []uint64{0x1000}}})
				assert.Nil(t, names[0][0])
				assert.Equal(t, test.want, cost.Binaries[0].State)
			}
			assert.Equal(t, test.asks, test.from.taken.Load())
		})
	}
}

func TestAFileOfAnotherBuildIDIsRefused(t *testing.T) {
	path, id, main := program(t)
	other := "00" + id[2:]
	s := symbolizer(t, symbols.Config{Source: &shelf{files: map[string]string{other: path}}})
	names, cost := s.Resolve(t.Context(), []symbols.Binary{{BuildID: other, Addresses: []uint64{main}}})
	assert.Nil(t, names[0][0])
	assert.Equal(t, symbols.StateFailed, cost.Binaries[0].State)
	assert.ErrorContains(t, cost.Binaries[0].Err, "another build id")
}

func TestTheFolderIsShared(t *testing.T) {
	path, id, main := program(t)
	dir := t.TempDir()
	ask := []symbols.Binary{{BuildID: id, Addresses: []uint64{main}}}
	first := symbolizer(t, symbols.Config{Source: &shelf{files: map[string]string{id: path}}, Folder: dir})
	first.Resolve(t.Context(), ask)

	from := &shelf{}
	second := symbolizer(t, symbols.Config{Source: from, Folder: dir})
	names, cost := second.Resolve(t.Context(), ask)
	require.NotEmpty(t, names[0][0])
	assert.Zero(t, cost.FetchedBytes())
	assert.Zero(t, from.taken.Load())
}

// What a crash or another program left in the folder is not believed.
func TestTheFolderMayHoldAnything(t *testing.T) {
	path, id, main := program(t)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, content := range map[string][]byte{
		"empty": {}, "half": whole[:len(whole)/2], "zeros": make([]byte, len(whole)), "text": []byte("not a file"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			old := filepath.Join(dir, "pyrofront-1.part")
			require.NoError(t, os.WriteFile(old, whole, 0o600))
			require.NoError(t, os.Chtimes(old, time.Time{}, time.Now().Add(-2*time.Hour)))
			require.NoError(t, os.WriteFile(filepath.Join(dir, id+".debug"), content, 0o600))
			s := symbolizer(t, symbols.Config{Source: &shelf{files: map[string]string{id: path}}, Folder: dir})
			names, _ := s.Resolve(t.Context(), []symbols.Binary{{BuildID: id, Addresses: []uint64{main}}})
			require.NotEmpty(t, names[0][0])
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, entries, 1, "left over parts are removed")
			kept, err := os.ReadFile(filepath.Join(dir, id+".debug"))
			require.NoError(t, err)
			assert.Equal(t, whole, kept, "the damaged file is replaced")
		})
	}
}

func TestAFileThatIsCutWhileItIsReadIsAnError(t *testing.T) {
	path, id, main := program(t)
	dir := t.TempDir()
	s := symbolizer(t, symbols.Config{Source: &shelf{files: map[string]string{id: path}}, Folder: dir})
	s.Resolve(t.Context(), []symbols.Binary{{BuildID: id, Addresses: []uint64{main}}})
	require.NoError(t, os.Truncate(filepath.Join(dir, id+".debug"), 0))
	names, cost := s.Resolve(t.Context(), []symbols.Binary{{BuildID: id, Addresses: []uint64{main + 1, main}}})
	assert.Nil(t, names[0][0])
	assert.NotNil(t, names[0][1], "what was known stays")
	assert.Equal(t, symbols.StateFailed, cost.Binaries[0].State)
	names, _ = s.Resolve(t.Context(), []symbols.Binary{{BuildID: id, Addresses: []uint64{main + 1}}})
	assert.NotNil(t, names[0][0], "the file is fetched anew")
}

func TestTheFolderIsBounded(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"01.debug", "02.debug", "03.debug"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, make([]byte, 1000), 0o600))
		require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(time.Duration(i-10)*time.Minute)))
	}
	symbolizer(t, symbols.Config{Source: &shelf{}, Folder: dir, FolderBytes: 2500})
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	assert.Equal(t, "02.debug", entries[0].Name(), "the one that was not used for longest goes first")
}

func TestMemoryIsBounded(t *testing.T) {
	path, id, main := program(t)
	from := &shelf{files: map[string]string{id: path}}
	s := symbolizer(t, symbols.Config{Source: from, MemoryBytes: 1})
	for range 2 {
		names, _ := s.Resolve(t.Context(), []symbols.Binary{{BuildID: id, Addresses: []uint64{main}}})
		assert.NotEmpty(t, names[0][0], "an answer needs no room in the cache")
		assert.Zero(t, s.CacheBytes())
	}
	assert.EqualValues(t, 2, from.taken.Load())
}

func TestAFolderThatCannotBeWrittenIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := symbols.New(symbols.Config{Source: &shelf{}, Folder: filepath.Join(file, "folder")})
	require.Error(t, err)
	assert.True(t, errors.As(err, new(*os.PathError)))
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	_, id, main := program(t)
	from := &shelf{gate: make(chan struct{})}
	s := symbolizer(t, symbols.Config{Source: from, Patience: 10 * time.Millisecond})
	s.Resolve(t.Context(), []symbols.Binary{{BuildID: id, Addresses: []uint64{main}}})
	done := make(chan struct{})
	go func() { s.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("a fetch goes on")
	}
}
