package querybackend

import (
	"fmt"
	"time"
)

// A stepping lays points out on the steps of a time range.
type stepping struct{ start, end, step int64 } // milliseconds

func newStepping(start, end int64, stepSeconds float64) (stepping, error) {
	const (
		longest = 1e9     // seconds: 31 years
		latest  = 1 << 53 // milliseconds: both are far from any overflow
	)
	if !(stepSeconds >= 0.001 && stepSeconds <= longest) {
		return stepping{}, fmt.Errorf("step %v: it must be from 0.001 to %v seconds", stepSeconds, longest)
	}
	if start < 0 || end > latest {
		return stepping{}, fmt.Errorf("time range from %d to %d: it must be within 0 and %d ms", start, end, int64(latest))
	}
	step := time.Duration(stepSeconds * float64(time.Second)).Milliseconds()
	return stepping{start: start, end: end, step: step}, nil
}

// at is the step that a time falls into: the steps are one step after the
// start, two, and so on up to the end. A step has what came after the step
// before it; the first one also has what came earlier. What comes after the
// last step is in none.
func (s stepping) at(t int64) (int64, bool) {
	first := s.start + s.step
	if t <= first {
		return first, first <= s.end
	}
	if t > s.end {
		return 0, false
	}
	steps := (t - first + s.step - 1) / s.step
	at := first + steps*s.step
	return at, at <= s.end
}

// apply makes one point a step. Of a step's exemplars the one with the largest
// value stays.
func (s stepping) apply(points []point) []point {
	var stepped []point
	for _, p := range points {
		at, ok := s.at(p.time)
		if !ok {
			continue
		}
		if len(stepped) == 0 || stepped[len(stepped)-1].time != at {
			stepped = append(stepped, point{time: at})
		}
		last := &stepped[len(stepped)-1]
		last.value += p.value
		last.annotations = append(last.annotations, p.annotations...)
		last.exemplars = mergeExemplars(last.exemplars, p.exemplars)
	}
	for i := range stepped {
		stepped[i].exemplars = largestExemplar(stepped[i].exemplars)
	}
	return stepped
}
