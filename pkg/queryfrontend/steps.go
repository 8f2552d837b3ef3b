package queryfrontend

import "time"

// Steps are what a range is cut into, for questions that are asked for each step. They
// stand on the grid of panels' points.
type Steps struct {
	// Ends are where steps end, inclusive, in Unix milliseconds. A step begins a
	// millisecond after the one before it has ended.
	Ends []int64
	// Width is that of each. Widened is set where it is more than was asked, since there
	// would be too many.
	Width   time.Duration
	Widened bool
	// Clamped and Cut are those of a Scope.
	Clamped, Cut bool
}

// Start is where the n-th step begins.
func (s Steps) Start(n int) int64 { return s.Ends[n] - s.Width.Milliseconds() + 1 }

// Steps cuts a range into whole steps, no more than so many. A range that is shorter than a
// step has the newest whole one. It is not ok where the range cannot be read, of which the
// checks of a request tell the reason.
func (f *Frontend) Steps(start, end int64, seconds float64, most int64, strict bool) (s Steps, ok bool) {
	r, ok := f.panelRange(start, end, strict)
	if !ok {
		return s, false
	}
	asked := seconds
	// As long as one more step would not fit as a whole, there are no more than that. Ranges
	// of an hour or a day are a few milliseconds off now and then: the width must not jump.
	if fit := asked * float64(most+1); fit > 0 {
		// A multiple of what was asked, for its points to be among those of other widths.
		seconds = asked * float64(int64(float64(r.end-r.start)/1000/fit)+1)
	}
	g, ok := f.panelGrid(r, seconds)
	if !ok {
		return s, false
	}
	s = Steps{Width: time.Duration(g.step) * time.Millisecond, Widened: g.widened || seconds > asked, Clamped: r.clamped, Cut: r.cut}
	for at := g.first; at <= g.last; at += g.step {
		if at-g.step+1 >= r.start || at == g.last {
			s.Ends = append(s.Ends, at)
		}
	}
	return s, true
}
