#!/usr/bin/env bash
# Go: a block or mutex profile knows nothing of a wait that has not ended, and then books all of it at once
#
# Guess:    the block profile shows where goroutines are blocked. A goroutine that has waited 3 s for a channel and one that has waited 3 s for a
#           mutex show as (about) 3 s each, growing with every profile, so a dead lock is the highest line of a delta profile.
# Really:   Go 1.26.8 (runtime/pprof; both rates at 1), seen on 2026-11-27: while they wait, both profiles hold 0 s. When the waits end, the whole time is
#           added at once: the block profile then has 6 s (it has the mutex too), the mutex profile 3 s. So the delta of the one second in
#           which two waits ended is 6 s.
# Why care: continuous profiling draws deltas of these profiles. What is stuck *now* is invisible (the goroutine profile has it), and a spike
#           stands where a jam dissolved, not where it was. A point may be many times goroutines x step, so "delay" is no rate and a
#           threshold on it fires late.
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
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/google/pprof/profile"
)

func delay(name string) time.Duration {
	var buffer bytes.Buffer
	if err := pprof.Lookup(name).WriteTo(&buffer, 0); err != nil {
		panic(err)
	}
	p, err := profile.Parse(&buffer)
	if err != nil {
		panic(err)
	}
	var total time.Duration
	for _, s := range p.Sample {
		total += time.Duration(s.Value[1])
	}
	return total
}

// verdict keeps the seconds, and leaves out how long this machine took to wake somebody up.
func verdict(d time.Duration) string {
	fmt.Fprintln(os.Stderr, "exactly", d)
	switch s := d.Seconds(); {
	case s < 0.5:
		return "none"
	case s > 2.9 && s < 4:
		return "about 3 s"
	case s > 5.8 && s < 8:
		return "about 6 s"
	}
	return d.String()
}

func main() {
	runtime.SetBlockProfileRate(1)
	runtime.SetMutexProfileFraction(1)
	var lock sync.Mutex
	lock.Lock()
	gate := make(chan struct{})
	var waiters sync.WaitGroup
	waiters.Go(func() { <-gate })
	waiters.Go(func() { lock.Lock(); lock.Unlock() })
	time.Sleep(3 * time.Second)
	fmt.Println("both wait since 3 s: block", verdict(delay("block"))+", mutex", verdict(delay("mutex")))
	close(gate)
	lock.Unlock()
	waiters.Wait()
	fmt.Println("both waits ended:    block", verdict(delay("block"))+", mutex", verdict(delay("mutex")))
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
both wait since 3 s: block none, mutex none
both waits ended:    block about 6 s, mutex about 3 s
WANT
