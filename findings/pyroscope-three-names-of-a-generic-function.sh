#!/usr/bin/env bash
# Pyroscope and Go: one generic function has three names, and in Pyroscope its instantiations are one
#
# Guess:    a function's name in a flame graph is the one that the profile has. If generic functions are simplified, then to
#           work[...], as Go's stack traces and the doc comment of Pyroscope's own function have it.
# Really:   Go 1.26, google/pprof v0.0.0-20260402 and github.com/grafana/pyroscope v1.21.0 (pkg/pprof.DropGoTypeParameters, which runs on Go profiles as they
#           come in), seen on 2026-11-27: the profile of a program has work[go.shape.int] and work[go.shape.string], the text form of the same
#           profile, and panics, have work[...], and what Pyroscope stores has work, with the samples of both.
# Why care: an alert rule, a PGO file or a filter with a name copied out of a pprof or a stack trace finds nothing in Pyroscope, silently; and two instantiations
#           cannot be told apart there. Search for names without brackets (docs/query-types.md says so).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > go.mod <<'MOD'
module example.org/finding

go 1.26.0

require (
	github.com/google/pprof v0.0.0-20260402051712-545e8a4df936
	github.com/grafana/pyroscope v1.21.0
	github.com/grafana/pyroscope/api v1.6.0
)

// What is used here needs no newer one; not every module proxy has those.
replace github.com/grafana/dskit => github.com/grafana/dskit v0.0.0-20250908063411-6b6da59b5cc4
MOD
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
	ours "github.com/grafana/pyroscope/pkg/pprof"
)

//go:noinline
func work[T any](started, done chan T) {
	var zero T
	started <- zero
	<-done
}

func waitIn[T any](n int) {
	started := make(chan T)
	for range n {
		go work(started, make(chan T))
		<-started
	}
}

func main() {
	waitIn[int](2)
	waitIn[string](3)
	runtime.Gosched()
	var text, encoded bytes.Buffer
	must(pprof.Lookup("goroutine").WriteTo(&text, 1))
	must(pprof.Lookup("goroutine").WriteTo(&encoded, 0))

	fmt.Println("as text:")
	var names []string
	for line := range strings.Lines(text.String()) {
		if fields := strings.Fields(line); len(fields) > 2 && strings.Contains(fields[2], "main.work") {
			name, _, _ := strings.Cut(fields[2], "+")
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		fmt.Println(" ", name)
	}
	show("as pprof:", encoded.Bytes())

	p, err := ours.RawFromBytes(encoded.Bytes())
	must(err)
	stored, err := ours.DropGoTypeParameters(p.Profile).MarshalVT()
	must(err)
	show("in Pyroscope:", stored)
}

// show prints how many goroutines are in each function of this package that has work in its name.
func show(title string, encoded []byte) {
	p, err := profile.ParseData(encoded)
	must(err)
	in := make(map[string]int64)
	for _, sample := range p.Sample {
		for _, location := range sample.Location {
			for _, line := range location.Line {
				if strings.Contains(line.Function.Name, "main.work") {
					in[line.Function.Name] += sample.Value[0]
				}
			}
		}
	}
	fmt.Println(title)
	for _, name := range sorted(in) {
		fmt.Printf("  %-28s %d\n", name, in[name])
	}
}

func sorted(in map[string]int64) (names []string) {
	for name := range in {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
GO
GOFLAGS=-mod=mod go run . 2>go.log >seen || { cat go.log; exit 1; }
cat seen
diff -u --label expected --label seen - seen <<'WANT'
as text:
  main.work[...]
as pprof:
  main.work[go.shape.int]      2
  main.work[go.shape.string]   3
in Pyroscope:
  main.work                    5
WANT
