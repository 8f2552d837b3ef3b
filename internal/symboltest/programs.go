package symboltest

import (
	"embed"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

//go:embed src
var sources embed.FS

// A Program is a file to name addresses in.
type Program struct {
	Name string
	// File is what is read: the program, or its debug file.
	File string
	// Whole is the same program with all its debug data, which judges read.
	Whole string
}

const tiny = "gcc -g -O1 -nostdlib -static -fno-asynchronous-unwind-tables -o tiny tiny.c"

// How programs are made. Each line is run by the shell in a folder with the
// sources.
var recipes = []struct {
	name, file, whole string
	tools             []string
	commands          string
}{
	{"c", "c", "c", []string{"gcc"}, "gcc -g -O2 -funroll-all-loops -o c shapes.c cold.c -lm"},
	{"c-dwarf4", "c4", "c4", []string{"gcc"}, "gcc -g -gdwarf-4 -O2 -funroll-all-loops -o c4 shapes.c cold.c -lm"},
	{"c-dwarf3", "c3", "c3", []string{"gcc"}, "gcc -g -gdwarf-3 -gstrict-dwarf -O2 -funroll-all-loops -o c3 shapes.c cold.c -lm"},
	{"c-static", "cs", "cs", []string{"gcc"}, "gcc -static -g -O2 -o cs shapes.c cold.c -lm"},
	{"c-zlib", "cz", "cz", []string{"gcc"}, "gcc -g -O2 -funroll-all-loops -gz=zlib -o cz shapes.c cold.c -lm"},
	{"c-zlib-gnu", "cg", "c", []string{"gcc", "objcopy"}, "gcc -g -O2 -funroll-all-loops -o c shapes.c cold.c -lm && objcopy --compress-debug-sections=zlib-gnu c cg"},
	{"c-zstd", "czst", "c", []string{"gcc", "llvm-objcopy"}, "gcc -g -O2 -funroll-all-loops -o c shapes.c cold.c -lm && (objcopy --compress-debug-sections=zstd c czst)"},
	{"c-debug-file", "c.debug", "c", []string{"gcc", "objcopy"}, "gcc -g -O2 -funroll-all-loops -o c shapes.c cold.c -lm && objcopy --only-keep-debug c c.debug"},
	{"c++", "cc", "cc", []string{"g++"}, "g++ -g -O2 -o cc templates.cc lambdas.cc"},
	{"c++-lto", "lto", "lto", []string{"g++"}, "g++ -g -O2 -flto -ffunction-sections -Wl,--gc-sections -o lto templates.cc lambdas.cc"},
	{"rust", "r", "r", []string{"rustc"}, "rustc -g -O -o r shapes.rs"},
	{"go", "g", "g", []string{"go"}, "go build -o g ./gocode"},
	{"go-plain-debug", "gp", "gp", []string{"go"}, "go build -ldflags=-compressdwarf=false -o gp ./gocode"},
	{"go-cgo", "gc", "gc", []string{"go", "gcc"}, "CGO_ENABLED=1 go build -o gc ./cgocode"},
	{"go-stripped", "gs", "g", []string{"go"}, "go build -o g ./gocode && go build -ldflags=-s -o gs ./gocode"},
	{"go-cgo-stripped", "gcs", "gc", []string{"go", "strip"}, "CGO_ENABLED=1 go build -o gc ./cgocode && strip -o gcs gc"},
	{"go-pie-stripped", "gpies", "gpie", []string{"go", "strip"}, "go build -buildmode=pie -o gpie ./gocode && strip -o gpies gpie"},
	{"libc", "libc.debug", "libc.debug", []string{"readelf"}, `id=$(readelf -n "$(ldd /bin/sh | grep -o '/[^ ]*libc.so.6')" | sed -n 's/.*Build ID: //p')
		ln -s "/usr/lib/debug/.build-id/$(echo "$id" | cut -c1-2)/$(echo "$id" | cut -c3-).debug" libc.debug && cat libc.debug >/dev/null`},
	{"symtab", "sym", "c", []string{"gcc", "strip"}, "gcc -g -O2 -funroll-all-loops -o c shapes.c cold.c -lm && strip -g -o sym c"},
	{"mini-debug-info", "mini", "c", []string{"gcc", "strip", "objcopy", "xz"}, `gcc -g -O2 -funroll-all-loops -o c shapes.c cold.c -lm
		strip -o mini c && objcopy -S --strip-debug --keep-file-symbols c ignored
		objcopy --only-keep-debug c full.debug && strip -g -o keep.debug full.debug && xz -k keep.debug
		objcopy --add-section .gnu_debugdata=keep.debug.xz mini`},
	{"tiny", "tiny", "tiny", []string{"gcc"}, tiny},
	{"tiny-dwarf4", "tiny", "tiny", []string{"gcc"}, tiny + " -gdwarf-4"},
	{"tiny-zlib", "tinyz", "tiny", []string{"gcc", "objcopy"}, tiny + " && objcopy --compress-debug-sections=zlib tiny tinyz"},
	{"tiny-zstd", "tinyz", "tiny", []string{"gcc", "objcopy"}, tiny + " && objcopy --compress-debug-sections=zstd tiny tinyz"},
	{"tiny-mini", "mini", "tiny", []string{"gcc", "strip", "objcopy", "xz"}, tiny + ` && strip -o mini tiny && strip -g -o keep tiny
		xz --lzma2=dict=64KiB keep && objcopy --add-section .gnu_debugdata=keep.xz mini`},
}

// Programs are the names of all programs but the tiny ones.
func Programs() []string {
	var names []string
	for _, r := range recipes {
		if !strings.HasPrefix(r.name, "tiny") {
			names = append(names, r.name)
		}
	}
	return names
}

var (
	workshop sync.Mutex
	made     = map[string]Program{}
	workDir  string
)

// Make makes a program, once a process.
func Make(t testing.TB, name string) Program {
	t.Helper()
	workshop.Lock()
	defer workshop.Unlock()
	if p, ok := made[name]; ok {
		return p
	}
	for _, r := range recipes {
		if r.name != name {
			continue
		}
		if _, err := exec.LookPath("rustc"); r.name == "rust" && err != nil {
			t.Skip("rustc is missing")
		}
		Tool(t, r.tools...)
		dir := filepath.Join(unpackSources(t), "build-"+name)
		copyTree(t, dir)
		cmd := exec.Command("sh", "-ec", r.commands)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "LC_ALL=C", "GOFLAGS=-buildvcs=false", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", r.commands, err, out)
		}
		p := Program{name, filepath.Join(dir, r.file), filepath.Join(dir, r.whole)}
		made[name] = p
		return p
	}
	t.Fatalf("no program %q", name)
	return Program{}
}

// Clean removes what was made. A TestMain calls it at the end.
func Clean() {
	workshop.Lock()
	defer workshop.Unlock()
	if workDir != "" {
		_ = os.RemoveAll(workDir)
	}
	workDir, made = "", map[string]Program{}
}

func unpackSources(t testing.TB) string {
	t.Helper()
	if workDir == "" {
		dir, err := os.MkdirTemp("", "symbols-")
		if err != nil {
			t.Fatal(err)
		}
		workDir = dir
	}
	return workDir
}

// copyTree writes the sources into a folder. Go's have a suffix here, so that they
// are no packages of this module.
func copyTree(t testing.TB, to string) {
	t.Helper()
	err := fs.WalkDir(sources, "src", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("src", path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		data, err := sources.ReadFile(path)
		if err != nil {
			return err
		}
		if ext := filepath.Ext(target); ext == ".txt" {
			target = target[:len(target)-len(ext)]
		}
		return os.WriteFile(target, data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
