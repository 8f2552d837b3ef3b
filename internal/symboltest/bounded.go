package symboltest

import (
	"runtime"
	"testing"
	"time"
)

// Bounded runs what reads hostile bytes, and fails where it takes more memory or
// time than input of that size may.
func Bounded(t testing.TB, input int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	f()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 256<<20+uint64(input)*256 {
		t.Fatalf("%d bytes made it take %d bytes of memory", input, n)
	}
	if took > 20*time.Second {
		t.Fatalf("%d bytes made it take %s", input, took)
	}
}
