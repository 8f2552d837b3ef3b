package transport

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Policy picks the endpoints of calls. It is called for one call at a time.
type Policy interface {
	// Pick picks one of the candidates, of which there is at least one.
	Pick(candidates []Candidate) Candidate
	// Report is told that an endpoint answered (err is nil, and so is known), or how it failed, with the endpoints that
	// there are at the moment.
	Report(e *Endpoint, err error, known []*Endpoint) Verdict
}

// Candidate is an endpoint that is connected or may soon be, as a policy sees it.
type Candidate struct {
	*Endpoint
	Health Health
	// InFlight is the number of attempts under way at the endpoint.
	InFlight int
}

// Health tells how fit an endpoint is for the attempt at hand; lower is better.
type Health int

// The grades of Health.
const (
	Ready      Health = iota // connected, and no recent failure
	Resting                  // it has failed lately
	Connecting               // not connected yet: picking it is to wait for it
	Tried                    // this call has failed there already
)

// Verdict is what to do about a failed attempt.
type Verdict struct {
	// Elsewhere is set when the endpoint did nothing wrong, it is only the wrong one: it keeps its good name, and the
	// next attempt needs no pause.
	Elsewhere bool
}

// Best returns the candidates of the best health there is.
func Best(candidates []Candidate) []Candidate {
	best := slices.MinFunc(candidates, func(a, b Candidate) int { return int(a.Health - b.Health) }).Health
	kept := make([]Candidate, 0, len(candidates))
	for _, c := range candidates {
		if c.Health == best {
			kept = append(kept, c)
		}
	}
	return kept
}

// LeastLoaded picks, of the healthiest endpoints, the one with the fewest attempts under way; in turn among equals, so
// that under a light load it is round robin. A slow endpoint fills up and is passed over, and keeps its place.
//
// gRPC's own leastrequest looks at a random few, and has no notion of where a call has failed: docs/adr/0002-transport.md.
type LeastLoaded struct {
	turn int
}

// Pick implements Policy.
func (l *LeastLoaded) Pick(candidates []Candidate) Candidate {
	best := Best(candidates)
	l.turn++
	pick := best[l.turn%len(best)]
	for i := range best {
		if c := best[(l.turn+i)%len(best)]; c.InFlight < pick.InFlight {
			pick = c
		}
	}
	return pick
}

// Report implements Policy: every failure is the endpoint's own.
func (l *LeastLoaded) Report(*Endpoint, error, []*Endpoint) Verdict { return Verdict{} }

// Rests after failures: an endpoint that failed is passed over for a while, where there are others; for longer with
// every failure in a row.
const (
	restBase = 100 * time.Millisecond
	restMax  = 5 * time.Second
)

func (e *Endpoint) rest(now time.Time) {
	e.failures++
	rest := restMax
	if shift := e.failures - 1; shift < 6 {
		rest = min(restMax, restBase<<shift)
	}
	e.restUntil = now.Add(jitter(rest))
}

// jitter returns between half of d and d: what failed together does not come back together.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
