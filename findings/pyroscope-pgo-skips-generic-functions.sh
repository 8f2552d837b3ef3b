#!/usr/bin/env bash
# Pyroscope and Go: a PGO profile from Pyroscope does nothing for generic functions, whose names it changes as profiles come in
#
# Guess:    a CPU profile that went through Pyroscope is as good for go build -pgo as the one that the program wrote: the samples are the same, and names of
#           functions are those of the profile. If generic functions are simplified at all, then to mix[...], as Go's stack traces and the doc comment of
#           Pyroscope's own function have it.
# Really:   Go 1.26.8 and github.com/grafana/pyroscope v1.21.0 (pkg/pprof.FixGoProfile, which runs on every profile that comes in as Go's), seen on
#           2026-11-27: mix[go.shape.int] becomes mix, all instantiations one. The compiler looks for the full name. So of two functions that are
#           the same but for their type, and are equally hot, both are inlined with the program's own profile, and only the plain one with Pyroscope's.
# Why care: `profilecli query go-pgo` is what Pyroscope offers for PGO; services that live in generic code (collections, slices.SortFunc, iterators) gain
#           less than was measured, and nothing says why: take their profile from /debug/pprof. Also, a name that is copied out of a pprof or a
#           stack trace into an alert rule or a filter finds nothing: leave out the brackets (docs/query-types.md).
set -euo pipefail
export LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/app" "$work/stored"
cd "$work/app"
cat > go.mod <<'MOD'
module example.org/app

go 1.26.0
MOD
{
  cat <<'GO'
package main

import (
	"fmt"
	"os"
	"runtime/pprof"
	"time"
)

func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		panic(err)
	}
	sum := 0
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
		for i := range 1_000_000 {
			sum += mix(i, sum, 3, 4)
			sum += mixInts(i, sum, 5, 6)
		}
	}
	pprof.StopCPUProfile()
	fmt.Fprintln(os.Stderr, sum)
}

// The functions below are too large to be inlined without a profile, and small enough with one.
GO
  for function in 'mix[T ~int](a, b, c, d T) T' 'mixInts(a, b, c, d int) int'; do
    cat <<GO

func $function {
	e, f, g := a*b+c*d, a*c+b*d, a*d+b*c
	h, i, j := e*f+g, e*g+f, f*g+e
	k, l, m := h*i+j, h*j+i, i*j+h
	n, o, p := k*l+m, k*m+l, l*m+k
	return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p
}
GO
  done
} > main.go

cd "$work/stored"
cat > go.mod <<'MOD'
module example.org/finding

go 1.26.0

require (
	github.com/grafana/pyroscope v1.21.0
	github.com/grafana/pyroscope/api v1.6.0
)

// What is used here needs no newer one; not every module proxy has those.
replace github.com/grafana/dskit => github.com/grafana/dskit v0.0.0-20250908063411-6b6da59b5cc4
MOD
cat > main.go <<'GO'
package main

import (
	"os"

	"github.com/grafana/pyroscope/pkg/pprof"
)

func main() {
	encoded, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	p, err := pprof.RawFromBytes(encoded)
	if err != nil {
		panic(err)
	}
	stored, err := pprof.FixGoProfile(p.Profile).MarshalVT()
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(os.Args[2], stored, 0o600); err != nil {
		panic(err)
	}
}
GO

cd "$work/app"
go build -pgo=off -o "$work/run" .
"$work/run" "$work/own.pprof" 2>/dev/null
(cd "$work/stored" && GOFLAGS=-mod=mod go run . "$work/own.pprof" "$work/stored.pprof" 2>go.log) || { cat "$work/stored/go.log"; exit 1; }
for profile in own stored; do
  echo "$profile profile"
  go tool pprof -top "$work/$profile.pprof" 2>/dev/null | grep -o 'main\.mix.*' | sort | sed 's/^/  has /'
  go build -pgo="$work/$profile.pprof" -o /dev/null -gcflags=-m . 2>&1 | grep -o 'inlining call to mix.*' | sort | sed 's/^/  /'
done > "$work/seen"
cat "$work/seen"
diff -u --label expected --label seen - "$work/seen" <<'WANT'
own profile
  has main.mixInts
  has main.mix[go.shape.int]
  inlining call to mixInts
  inlining call to mix[go.shape.int]
stored profile
  has main.mix
  has main.mixInts
  inlining call to mixInts
WANT
