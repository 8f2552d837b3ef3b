package frame

import (
	"strings"
	"time"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Grafana's ids of the units in use. A unit that Grafana does not know is
// shown as it is, behind the number.
const (
	unitNanoseconds    = "ns"
	unitBytes          = "bytes"
	unitCount          = "short"
	unitCores          = "cores"
	unitBytesPerSecond = "binBps"
	unitPerSecond      = "ops"
	unitFraction       = "percentunit" // 1 is shown as 100 %
)

// A Unit says how the values of a profile type are shown. UnitOf makes it.
type Unit struct {
	// Sample is Grafana's unit id of a value as it is stored: of flame graphs,
	// tables and single profiles.
	Sample string
	// Rate is Grafana's unit id of a time series of the type: the same as
	// Sample for instant types.
	Rate string
	// Cumulative types measure what happened in a span of time: a time series
	// of them is a rate per second. The others are instant: they measure what
	// there was at one moment.
	Cumulative bool

	cpuTime bool
}

// UnitOf is the unit of a profile type. Types that are not known are cumulative
// when they measure time or bytes, which is how Grafana's own data source
// sees them.
func UnitOf(t profile.Type) Unit {
	u := Unit{Sample: sampleUnit(t.SampleUnit)}
	id := strings.Join([]string{t.Name, t.SampleType, t.SampleUnit, t.PeriodType, t.PeriodUnit}, ":")
	switch id {
	case "process_cpu:cpu:nanoseconds:cpu:nanoseconds":
		u.Cumulative, u.cpuTime = true, true
	case "block:contentions:count:contentions:count",
		"mutex:contentions:count:contentions:count",
		"memory:alloc_objects:count:space:bytes",
		"memory:alloc_in_new_tlab_objects:count::",
		"process_cpu:alloc_samples:count:cpu:nanoseconds",
		"process_cpu:exception:count:cpu:nanoseconds",
		"process_cpu:samples:count::milliseconds":
		u.Cumulative = true // counts of events, not of things
	case "memory:inuse_space:bytes:space:bytes":
		u.Cumulative = false // bytes held, not bytes moved
	default:
		u.Cumulative = u.Sample == unitNanoseconds || u.Sample == unitBytes
	}
	u.Rate = u.Sample
	if u.Cumulative {
		u.Rate = rateUnit(u)
	}
	return u
}

// sampleUnit is Grafana's unit id of a pprof unit.
func sampleUnit(pprof string) string {
	switch pprof {
	case "nanoseconds":
		return unitNanoseconds
	case "count":
		return unitCount
	default:
		return pprof
	}
}

func rateUnit(u Unit) string {
	switch {
	case u.cpuTime:
		return unitCores
	case u.Sample == unitBytes:
		return unitBytesPerSecond
	case u.Sample == unitCount:
		return unitPerSecond
	default:
		return u.Sample
	}
}

// PerSecond turns the sum of a step into what a time series of the type shows:
// a rate per second for cumulative types, cores for CPU time, and the sum
// itself for instant types or without a step.
func (u Unit) PerSecond(sum float64, step time.Duration) float64 {
	if !u.Cumulative || step <= 0 {
		return sum
	}
	rate := sum / step.Seconds()
	if u.cpuTime {
		return rate / float64(time.Second)
	}
	return rate
}
