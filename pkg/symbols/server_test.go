package symbols_test

import (
	"debug/elf"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stand "github.com/pyrofront/pyrofront/internal/devstack/debuginfod"
	"github.com/pyrofront/pyrofront/internal/symboltest"
	"github.com/pyrofront/pyrofront/pkg/symbols"
	"github.com/pyrofront/pyrofront/pkg/symbols/debuginfod"
)

// buildID is a program's, and where some function of it starts.
func buildIDAndFunction(t testing.TB, p symboltest.Program, function string) (id string, address uint64) {
	t.Helper()
	f, err := elf.Open(p.File)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	note, err := f.Section(".note.gnu.build-id").Data()
	require.NoError(t, err)
	whole, err := elf.Open(p.Whole)
	require.NoError(t, err)
	defer func() { _ = whole.Close() }()
	all, err := whole.Symbols()
	require.NoError(t, err)
	for _, s := range all {
		if s.Name == function {
			address = s.Value
		}
	}
	require.NotZero(t, address)
	return hex.EncodeToString(note[16:]), address
}

// elfutils' own server, over a folder with one program.
func TestARealServer(t *testing.T) {
	for name, function := range map[string]string{
		"c": "main", "c-zlib": "main", "c-debug-file": "main", "mini-debug-info": "main", "go-stripped": "main.count",
	} {
		t.Run(name, func(t *testing.T) {
			symboltest.Tool(t, "debuginfod")
			p := symboltest.Make(t, name)
			id, address := buildIDAndFunction(t, p, function)
			dir := t.TempDir()
			data, err := os.ReadFile(p.File)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "program"), data, 0o755))
			client, err := debuginfod.New(debuginfod.Config{URLs: []string{symboltest.Debuginfod(t, dir, id)}})
			require.NoError(t, err)
			require.NoError(t, client.Check(t.Context())[0].Err)
			s := symbolizer(t, symbols.Config{Source: client})
			names, cost := s.Resolve(t.Context(), []symbols.Binary{
				{BuildID: id, Addresses: []uint64{address}},
				{BuildID: "00" + id[2:], Addresses: []uint64{address}},
			})
			t.Log(cost.String())
			require.NotEmpty(t, names[0][0], cost.Binaries[0])
			assert.Equal(t, function, names[0][0][0].Function)
			assert.Equal(t, symbols.StateNotFound, cost.Binaries[1].State)
		})
	}
}

// Sections and the whole file say the same, also where sections are compressed.
func TestSectionsAnswerAsTheFileDoes(t *testing.T) {
	for _, name := range []string{"c", "c-zlib", "c-zstd", "c-debug-file", "go"} {
		t.Run(name, func(t *testing.T) {
			p := symboltest.Make(t, name)
			id, address := buildIDAndFunction(t, p, map[bool]string{true: "main.main", false: "main"}[name == "go"])
			data, err := os.ReadFile(p.File)
			require.NoError(t, err)
			handler := stand.Handler(map[string][]byte{id: data})
			var answers [][][][]symbols.Frame
			var fetched []int64
			for _, sections := range []bool{false, true} {
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !sections && strings.Contains(r.URL.Path, "/section/") {
						http.NotFound(w, r)
						return
					}
					handler.ServeHTTP(w, r)
				}))
				t.Cleanup(server.Close)
				client, err := debuginfod.New(debuginfod.Config{URLs: []string{server.URL}})
				require.NoError(t, err)
				var addresses []uint64
				for i := range uint64(600) {
					addresses = append(addresses, address+i)
				}
				names, cost := symbolizer(t, symbols.Config{Source: client}).Resolve(t.Context(), []symbols.Binary{{BuildID: id, Addresses: addresses}})
				require.Equal(t, symbols.StateResolved, cost.Binaries[0].State)
				require.Greater(t, cost.Binaries[0].Named, 100)
				answers, fetched = append(answers, names), append(fetched, cost.FetchedBytes())
			}
			assert.Equal(t, answers[0], answers[1])
			assert.Less(t, fetched[1], fetched[0])
			t.Logf("%d bytes in place of %d", fetched[1], fetched[0])
		})
	}
}
