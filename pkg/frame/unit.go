package frame

import (
	"time"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Grafana's ids of the units that are no profile type's own.
const (
	unitBytes    = "bytes"
	unitCount    = "short"
	unitFraction = "percentunit" // 1 is shown as 100 %
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

	// perRate is how much of the unit one of the rate's is: 1e9 nanoseconds a
	// second are one core.
	perRate float64
}

// UnitOf is the unit of a profile type, from the table of types.
func UnitOf(t profile.Type) Unit {
	meaning := t.Meaning()
	u := Unit{Sample: meaning.Unit, Rate: meaning.Unit, Cumulative: meaning.Kind == profile.Cumulative, perRate: 1}
	if u.Cumulative {
		u.Rate = meaning.Rate
	}
	if u.Rate == profile.Cores {
		u.perRate = meaning.PerSecond
	}
	return u
}

// PerSecond turns the sum of a step into what a time series of the type shows:
// a rate per second for cumulative types, cores for CPU time, and the sum
// itself for instant types or without a step.
func (u Unit) PerSecond(sum float64, step time.Duration) float64 {
	if !u.Cumulative || step <= 0 {
		return sum
	}
	return sum / step.Seconds() / u.perRate
}
