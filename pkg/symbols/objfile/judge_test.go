package objfile_test

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/symbols/objfile"
	"github.com/pyrofront/pyrofront/pkg/symbols/symboltest"
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
	defer f.Close()
	text := f.Section(".text")
	require.NotNil(t, text)
	step := max(text.Size/4000, 1)
	var addresses []uint64
	for a := text.Addr; a < text.Addr+text.Size; a += step {
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
	suffix  = regexp.MustCompile(`(\.(cold|isra|constprop|part|lto_priv|llvm)(\.\d+)*)+$`)
	ordinal = regexp.MustCompile(`#\d+|\[abi:\w+\]| const$|::h[0-9a-f]{16}$`)
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
// not.
func difference(got, want []objfile.Frame, lines bool) string {
	if len(got) != len(want) {
		return "depth"
	}
	for i := range got {
		g, w := simple(got[i].Function), simple(want[i].Function)
		// Judges have no namespaces of what has no linkage name.
		if g != w && !strings.HasSuffix(g, "::"+w) && !strings.HasSuffix(w, "::"+g) {
			return "name"
		}
		if !lines {
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

func TestSameAsLLVM(t *testing.T) {
	for _, name := range symboltest.Programs() {
		t.Run(name, func(t *testing.T) {
			p := symboltest.Make(t, name)
			addresses := textAddresses(t, p.Whole)
			require.GreaterOrEqual(t, len(addresses), minAddresses)
			report(t, filepath.Base(p.File), addresses, lookup(t, p.File, addresses), llvm(t, p.Whole, addresses))
		})
	}
}

func report(t *testing.T, name string, addresses []uint64, got, want [][]objfile.Frame) {
	kinds := map[string]int{}
	named := 0
	for i := range addresses {
		kind := difference(got[i], want[i], true)
		kinds[kind]++
		if len(got[i]) > 0 {
			named++
		}
		if kind != "" && kinds[kind] <= 5 {
			t.Logf("%s 0x%x: %s\n\tgot  %+v\n\twant %+v", name, addresses[i], kind, got[i], want[i])
		}
	}
	t.Logf("%s: %d addresses, %d named, equal %.2f %%, %v", name, len(addresses), named, 100*float64(kinds[""])/float64(len(addresses)), kinds)
}
