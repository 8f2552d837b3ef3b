package queryfrontend

import (
	"math"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// panelRange is the range that a panel reads: what is too long is cut, unless the
// panel is strict. An error is left to the checks of the request itself, and so is
// what is too long for a strict panel.
func (f *Frontend) panelRange(start, end int64, strict bool) (r timeRange, ok bool) {
	r, empty, err := f.recentRange(start, end)
	if err != nil || empty {
		return r, false
	}
	if !strict {
		r = f.config.Limits.cut(r)
	}
	return r, !f.config.Limits.tooLong(r)
}

// Shown is the part of a range that a panel shows. What cannot be a range is returned as
// it is, for the checks of a request to say so.
func (f *Frontend) Shown(start, end int64) (from, to int64) {
	if r, ok := f.panelRange(start, end, false); ok {
		return r.start, r.end
	}
	return start, end
}

// A grid is where the points of a panel's series stand: on multiples of the step
// since 1970, whatever the range. A panel that is refreshed then shows the same
// points again, and the same panel on other screens asks for the same.
type grid struct {
	// first and last are points, and no point is after now: the step that a clock
	// is in the middle of would change with every refresh.
	first, last int64
	// step is in milliseconds; widened is set where that is more than was asked.
	step    int64
	widened bool
}

// panelGrid lays the grid over a range. It is not ok where the step cannot be, which
// is left to the checks of the request.
func (f *Frontend) panelGrid(r timeRange, seconds float64) (g grid, ok bool) {
	if math.IsNaN(seconds) || seconds < 0.001 || seconds > float64(math.MaxInt64/int64(time.Second)) {
		return g, false
	}
	g.step = int64(math.Round(seconds * 1000))
	if limit := f.config.Limits.MaxPoints; limit > 0 && (r.end-r.start)/g.step > limit {
		most := g.step * limit
		g.step, g.widened = g.step*((r.end-r.start+most-1)/most), true
	}
	end := r.end
	if now := f.now().UnixMilli(); r.start <= now {
		end = min(end, now)
	}
	if g.step > r.start/3 {
		return g, false // what is read begins before 1970
	}
	g.first, g.last = (r.start+g.step-1)/g.step*g.step, end/g.step*g.step
	// A range that is shorter than a step may have no point in it. The newest whole
	// step is better than none: an alert rule would have data now and then.
	g.first = min(g.first, g.last)
	return g, true
}

// on puts a question on the grid, for a range. A step is (t - step, t]. A query-backend counts what
// lies on the border before the first step it is asked for to that step, where it
// would be in one answer and not in the next: so a step more is read, and not shown.
func on[T any](g grid, r timeRange, q question[T]) question[T] {
	q.timeRange = r
	q.start, q.end, q.step = g.first, g.last, g.step
	q.readStart = g.first - 2*g.step
	shape := q.shape
	q.shape = func(r reading, report *queryv1.Report) (T, error) {
		if heatmap := report.GetHeatmap(); heatmap != nil {
			report = &queryv1.Report{ReportType: report.GetReportType(), Heatmap: profile.HeatmapAfter(heatmap, g.first-g.step)}
		}
		return shape(r, report)
	}
	return q
}

// seconds is the step as requests have it. It is never less than the step: whoever
// reads it cuts off what is no whole millisecond.
func (g grid) seconds() float64 {
	seconds := float64(g.step) / 1000
	for time.Duration(seconds*float64(time.Second)).Milliseconds() < g.step {
		seconds = math.Nextafter(seconds, math.Inf(1))
	}
	return seconds
}
