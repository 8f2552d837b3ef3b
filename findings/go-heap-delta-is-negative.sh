#!/usr/bin/env bash
# Go: the delta heap profile that net/http/pprof serves has negative bytes, and names no sample type that is safe to show
#
# Guess:    /debug/pprof/heap?seconds=1 is made for scrapers: it has what was allocated in that second. A profile's values are counts and
#           bytes, so they are not negative, and its default sample type is the one that makes sense for a delta, alloc_space.
# Really:   Go 1.26.8, seen on 2026-11-27: all four sample types are differences. Memory allocated before and freed within the second gives
#           inuse_space below zero (-64 MiB here, in a valid file that every reader takes). DefaultSampleType is empty, and tools then take
#           the last one, inuse_space: `go tool pprof -top` shows a negative total as the first thing.
# Why care: flame graphs cannot draw a node of less than nothing, so each tool must clip it, drop it or take it from its parent, and the
#           same file looks different in each. Scrape deltas of allocs, and heap without `seconds`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export GOTOOLCHAIN=go1.26.8

cat > go.mod <<'MOD'
module finding
go 1.26.0
require github.com/google/pprof v0.0.0-20261016150608-1facf8f91b50
MOD
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	_ "net/http/pprof"
	"os"
	"runtime"
	"time"

	"github.com/google/pprof/profile"
)

var kept [][]byte

//go:noinline
func keep() {
	for range 64 {
		kept = append(kept, make([]byte, 1<<20))
	}
}

func main() {
	runtime.MemProfileRate = 1
	keep()
	runtime.GC()
	runtime.GC()
	server := httptest.NewServer(http.DefaultServeMux)
	defer server.Close()
	go func() {
		time.Sleep(300 * time.Millisecond)
		kept = nil
		runtime.GC()
		runtime.GC()
	}()
	answer, err := http.Get(server.URL + "/debug/pprof/heap?seconds=1")
	if err != nil {
		panic(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile("heap.pb.gz", body, 0o644); err != nil {
		panic(err)
	}
	p, err := profile.Parse(bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	fmt.Printf("valid: %t, default sample type: %q\n", p.CheckValid() == nil, p.DefaultSampleType)
	for i, t := range p.SampleType {
		var inKeep int64
		for _, s := range p.Sample {
			for _, l := range s.Location {
				if l.Line[0].Function.Name == "main.keep" {
					inKeep += s.Value[i]
					break
				}
			}
		}
		fmt.Printf("%s below main.keep: %d %s\n", t.Type, inKeep, t.Unit)
	}
}
GO
GOFLAGS=-mod=mod go run . > seen
go tool pprof -top -nodecount=1 heap.pb.gz 2>/dev/null > top
grep -E '^Type|main.keep' top | sed -E 's/ +/ /g; s/ *-?[0-9.]+%//g' >> seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
valid: true, default sample type: ""
alloc_objects below main.keep: 0 count
alloc_space below main.keep: 0 bytes
inuse_objects below main.keep: -65 count
inuse_space below main.keep: -67110656 bytes
Type: inuse_space
 -64MB -64MB main.keep
WANT
