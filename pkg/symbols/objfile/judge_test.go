package objfile_test

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/symboltest"
	"github.com/pyrofront/pyrofront/pkg/symbols/objfile"
)

func TestMain(m *testing.M) {
	code := m.Run()
	symboltest.Clean()
	os.Exit(code)
}

// minAddresses is how many addresses of a program are compared at least.
const minAddresses = 2000

// textAddresses are addresses in a program's code, spread over all of it.
func textAddresses(t testing.TB, file string) []uint64 {
	t.Helper()
	f, err := elf.Open(file)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	text := f.Section(".text")
	require.NotNil(t, text)
	step := max(text.Size/4000, 1)
	first, end := text.Addr, text.Addr+text.Size
	all, _ := f.Symbols()
	for _, s := range all {
		switch s.Name { // of a Go program, Go's part: the C in it may have no names
		case "runtime.text":
			first = s.Value
		case "runtime.etext":
			end = s.Value
		}
	}
	var addresses []uint64
	for a := first; a < end; a += step {
		addresses = append(addresses, a)
	}
	return addresses
}

func lookup(t testing.TB, file string, addresses []uint64) [][]objfile.Frame {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	f, err := objfile.Open(t.Context(), data, 1<<30)
	require.NoError(t, err)
	answers := make([][]objfile.Frame, len(addresses))
	settled := 0
	require.NoError(t, f.Lookup(t.Context(), addresses, func(i int, frames []objfile.Frame) {
		answers[i] = frames
		settled++
	}))
	require.Equal(t, len(addresses), settled, "each address is settled once")
	return answers
}

// llvm asks llvm-symbolizer, which reads all kinds of DWARF.
func llvm(t testing.TB, file string, addresses []uint64) [][]objfile.Frame {
	t.Helper()
	symboltest.Tool(t, "llvm-symbolizer", "c++filt")
	cmd := exec.Command("llvm-symbolizer", "--obj="+file, "--output-style=JSON", "--no-demangle", "--inlines")
	cmd.Env = append(os.Environ(), "DEBUGINFOD_URLS=")
	var in bytes.Buffer
	for _, a := range addresses {
		fmt.Fprintf(&in, "0x%x\n", a)
	}
	cmd.Stdin = &in
	out, err := cmd.Output()
	require.NoError(t, err)
	answers := make([][]objfile.Frame, 0, len(addresses))
	for line := range strings.Lines(string(out)) {
		var answer struct {
			Symbol []struct {
				FunctionName, FileName string
				Line                   int
			}
		}
		require.NoError(t, json.Unmarshal([]byte(line), &answer), line)
		var frames []objfile.Frame
		for _, s := range slices.Backward(answer.Symbol) {
			if s.FunctionName == "" && s.FileName == "" {
				continue
			}
			frames = append(frames, objfile.Frame{Function: s.FunctionName, File: s.FileName, Line: s.Line})
		}
		answers = append(answers, frames)
	}
	require.Len(t, answers, len(addresses))
	demangle(t, answers)
	return answers
}

// demangle gives names as c++filt has them, without parameters.
func demangle(t testing.TB, answers [][]objfile.Frame) {
	t.Helper()
	var in bytes.Buffer
	for _, frames := range answers {
		for _, f := range frames {
			in.WriteString(suffix.ReplaceAllString(f.Function, "") + "\n")
		}
	}
	cmd := exec.Command("c++filt", "-p")
	cmd.Stdin = &in
	out, err := cmd.Output()
	require.NoError(t, err)
	names := strings.Split(string(out), "\n")
	for _, frames := range answers {
		for i := range frames {
			frames[i].Function = names[0]
			names = names[1:]
		}
	}
}

var (
	suffix  = regexp.MustCompile(`(\.(cold|isra|constprop|part|lto_priv|llvm|abi0)(\.\d+)*)+$`)
	ordinal = regexp.MustCompile(`#\d+|\[abi:\w+\]|\[[0-9a-f]{15,16}\]| const$|@.*$|::h[0-9a-f]{16}$`)
)

// simple is what two demanglers agree on: no parameters, nor what templates are
// made for.
func simple(name string) string {
	name = suffix.ReplaceAllString(name, "")
	for _, pair := range []string{"()", "<>", "{}"} {
		name = without(name, pair[0], pair[1])
	}
	name = ordinal.ReplaceAllString(name, "")
	return strings.TrimSpace(strings.ReplaceAll(name, "::::", "::"))
}

func without(s string, open, closing byte) string {
	s = strings.NewReplacer("operator<<", "operatorLL", "operator<", "operatorL", "operator->", "operatorA", "operator()", "operatorC",
		"operator>>", "operatorGG", "operator>", "operatorG", "(anonymous namespace)", "anonymous").Replace(s)
	var out strings.Builder
	depth := 0
	for i := range len(s) {
		switch {
		case s[i] == open:
			depth++
		case s[i] == closing && depth > 0 && (closing != '>' || i == 0 || s[i-1] != '-'):
			depth--
		case depth == 0:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

// difference tells how an answer differs from a judge's; it is empty where it does
// not. Judges give a line to padding between functions, have no namespaces of what
// has no linkage name, and take any of a symbol's aliases.
func difference(got, want []objfile.Frame, alias func(a, b string) bool) string {
	if len(want) == 1 && want[0].Function == "" {
		want = nil
	}
	if len(got) != len(want) {
		return "depth"
	}
	for i := range got {
		g, w := simple(got[i].Function), simple(want[i].Function)
		if g != w && !strings.HasSuffix(g, "::"+w) && !strings.HasSuffix(w, "::"+g) && !alias(g, w) {
			return "name"
		}
		if want[i].Line == 0 { // the file is a guess then, from the table of symbols
			continue
		}
		if got[i].Line != want[i].Line {
			return "line"
		}
		if path.Base(got[i].File) != path.Base(want[i].File) {
			return "file"
		}
	}
	return ""
}

// aliases tells which names are of one address, by the table of symbols.
func aliases(t testing.TB, file string) func(a, b string) bool {
	t.Helper()
	f, err := elf.Open(file)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	all, _ := f.Symbols()
	at := map[string]map[uint64]bool{}
	for _, s := range all {
		name := simple(s.Name)
		if at[name] == nil {
			at[name] = map[uint64]bool{}
		}
		at[name][s.Value] = true
	}
	return func(a, b string) bool {
		for value := range at[a] {
			if at[b][value] {
				return true
			}
		}
		return false
	}
}

// tablesOnly are programs without DWARF: only the function is compared, and not what
// is inlined into it.
func tablesOnly(name string) bool {
	return strings.HasSuffix(name, "-stripped") || name == "symtab" || name == "mini-debug-info"
}

func TestSameAsLLVM(t *testing.T) {
	for _, name := range symboltest.Programs() {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && strings.HasPrefix(name, "go-pie") {
				t.Skip("the standard library is compiled for it")
			}
			p := symboltest.Make(t, name)
			addresses := textAddresses(t, p.Whole)
			require.GreaterOrEqual(t, len(addresses), minAddresses)
			got, want := lookup(t, p.File, addresses), llvm(t, p.Whole, addresses)
			if tablesOnly(name) {
				outermost(got)
				outermost(want)
			}
			compare(t, p, addresses, got, want)
		})
	}
}

func outermost(answers [][]objfile.Frame) {
	for i, frames := range answers {
		if len(frames) > 0 {
			answers[i] = []objfile.Frame{{Function: frames[0].Function}}
		}
	}
}

// compare wants 99.5 % of the answers equal, and shows the others.
func compare(t *testing.T, p symboltest.Program, addresses []uint64, got, want [][]objfile.Frame) {
	t.Helper()
	alias := aliases(t, p.Whole)
	kinds := map[string]int{}
	for i := range addresses {
		kind := difference(got[i], want[i], alias)
		if kinds[kind]++; kind != "" && kinds[kind] <= 3 {
			t.Logf("0x%x: %s\n\tgot  %s\n\twant %s", addresses[i], kind, show(got[i]), show(want[i]))
		}
	}
	equal := 100 * float64(kinds[""]) / float64(len(addresses))
	t.Logf("%s: %d addresses, equal %.2f %%, %v", p.Name, len(addresses), equal, kinds)
	require.GreaterOrEqual(t, equal, 99.5)
}

func show(frames []objfile.Frame) string {
	var parts []string
	for _, f := range frames {
		parts = append(parts, fmt.Sprintf("%s %s:%d", simple(f.Function), path.Base(f.File), f.Line))
	}
	return strings.Join(parts, " > ")
}
