package frame_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
)

// What a time series shows of 30,000,000,000 in a step of 15 s.
func TestUnitOf(t *testing.T) {
	for id, want := range map[string]struct {
		sample, rate string
		shown        float64
	}{
		cpuID:                                               {"ns", "cores", 2},
		cpuID + ":delta":                                    {"ns", "cores", 2},
		"memory:alloc_space:bytes:space:bytes":              {"bytes", "binBps", 2e9},
		"memory:alloc_objects:count:space:bytes":            {"short", "ops", 2e9},
		"memory:inuse_space:bytes:space:bytes":              {"bytes", "bytes", 30e9},
		"memory:inuse_objects:count:space:bytes":            {"short", "short", 30e9},
		"goroutine:goroutine:count:goroutine:count":         {"short", "short", 30e9},
		"goroutines:goroutine:count:goroutine:count":        {"short", "short", 30e9},
		"mutex:contentions:count:contentions:count":         {"short", "ops", 2e9},
		"mutex:delay:nanoseconds:contentions:count":         {"ns", "ns", 2e9},
		"block:contentions:count:contentions:count":         {"short", "ops", 2e9},
		"block:delay:nanoseconds:contentions:count":         {"ns", "ns", 2e9},
		"memory:alloc_in_new_tlab_bytes:bytes::":            {"bytes", "binBps", 2e9},
		"memory:alloc_in_new_tlab_objects:count::":          {"short", "ops", 2e9},
		"process_cpu:alloc_samples:count:cpu:nanoseconds":   {"short", "ops", 2e9},
		"process_cpu:alloc_size:bytes:cpu:nanoseconds":      {"bytes", "binBps", 2e9},
		"process_cpu:exception:count:cpu:nanoseconds":       {"short", "ops", 2e9},
		"process_cpu:lock_count:count:cpu:nanoseconds":      {"short", "ops", 2e9},
		"process_cpu:lock_time:nanoseconds:cpu:nanoseconds": {"ns", "ns", 2e9},
		"process_cpu:samples:count::milliseconds":           {"short", "ops", 2e9},
		"process_cpu:samples:count:cpu:nanoseconds":         {"short", "ops", 2e9},
		"wall:wall:nanoseconds:wall:nanoseconds":            {"ns", "ns", 2e9},
		// .NET's heap is there, and is no rate.
		"heap:inuse_space:bytes:cpu:nanoseconds":        {"bytes", "bytes", 30e9},
		"process_cpu:cpu_samples:count:cpu:nanoseconds": {"short", "ops", 2e9},
		"exception:exception:count:cpu:nanoseconds":     {"short", "ops", 2e9},
		"off_cpu:off_cpu:nanoseconds::":                 {"ns", "ns", 2e9},
		"wall:wall:microseconds:wall:microseconds":      {"µs", "µs", 2e9},
		"custom:waited:milliseconds::":                  {"ms", "ms", 2e9},
		"custom:waited:seconds::":                       {"s", "s", 2e9},
		"memory:alloc_objects:objects::":                {"short", "ops", 2e9},
		"custom:taken:samples::":                        {"short", "ops", 2e9},
		"custom:held:objects::":                         {"short", "short", 30e9},
		// CPU time in other units is in cores too.
		"process_cpu:cpu:milliseconds:cpu:milliseconds": {"ms", "cores", 2e6},
		"process_cpu:cpu:nanoseconds::nanoseconds":      {"ns", "cores", 2},
		"mine:things:count:things:count":                {"short", "short", 30e9},
		"mine:distance:meters::":                        {"meters", "meters", 30e9},
	} {
		t.Run(id, func(t *testing.T) {
			u := frame.UnitOf(mustType(id))
			require.Equal(t, want.sample, u.Sample)
			require.Equal(t, want.rate, u.Rate)
			require.Equal(t, want.shown, u.PerSecond(30e9, 15*time.Second))
			require.Equal(t, want.shown != 30e9, u.Cumulative)
			require.Equal(t, 30e9, u.PerSecond(30e9, 0))
		})
	}
}
