#!/usr/bin/env bash
# Go: a CPU profile at a higher rate does not only cost more, it has less CPU time in it
#
# Guess:    at a rate of 5000 Hz each sample stands for 0.2 ms; the profile is finer, and its total is the CPU time that the process used, as it
#           is at 100 Hz.
# Really:   Go 1.26.8 on Linux, seen on 2026-11-27: at 100 Hz the profile's total is the CPU time that the kernel counted (getrusage). At 5000 Hz it
#           is far below half of it (5 % here). The kernel's timers fire at its own tick (250 or 1000 a second), each signal
#           is one sample, and every sample is written as 0.2 ms, whatever time has passed. The file's period says 200 microseconds, so no reader can
#           tell. Nothing is printed but "cannot set cpu profile rate until previous profile has finished", which is about something
#           else: the rate *is* in force.
# Why care: totals are read as cores and compared between services. A service whose owner "turned the rate up for detail" seems to have become
#           much cheaper. Keep to 100 Hz where numbers are compared; check a profile's total against the process' CPU seconds.
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
	"syscall"
	"time"

	"github.com/google/pprof/profile"
)

var sink int

func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// burn uses two seconds of CPU, however long that takes.
func burn() {
	for start := used(); used()-start < 2*time.Second; {
		for i := range 1_000_000 {
			sink += i
		}
	}
}

func measure(rate int) {
	var buffer bytes.Buffer
	if rate != 100 {
		runtime.SetCPUProfileRate(rate)
	}
	if err := pprof.StartCPUProfile(&buffer); err != nil {
		panic(err)
	}
	start := used()
	burn()
	real := used() - start
	pprof.StopCPUProfile()
	p, err := profile.Parse(&buffer)
	if err != nil {
		panic(err)
	}
	var total time.Duration
	for _, s := range p.Sample {
		total += time.Duration(s.Value[1])
	}
	share := total.Seconds() / real.Seconds()
	fmt.Fprintf(os.Stderr, "rate %d: profile %v, getrusage %v, share %.2f\n", rate, total, real, share)
	verdict := "unexpected"
	switch {
	case share > 0.8 && share < 1.25:
		verdict = "about all"
	case share < 0.5:
		verdict = "less than half"
	}
	fmt.Printf("%d Hz: period %v, the profile has %s of the CPU time used\n", rate, time.Duration(p.Period), verdict)
}

func main() {
	measure(100)
	measure(5000)
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
100 Hz: period 10ms, the profile has about all of the CPU time used
5000 Hz: period 200µs, the profile has less than half of the CPU time used
WANT
