package queryfrontend

import (
	"math"
	"time"
)

// maxNodes is the number of nodes to ask the cluster for: the default where the
// request names none.
func (f *Frontend) maxNodes(requested int64) (int64, error) {
	if requested == 0 {
		return f.config.Limits.MaxNodesDefault, nil
	}
	return requested, f.checkMaxNodes(requested)
}

// checkMaxNodes allows what lies between 0 and the maximum. 0 is left to the
// caller: for pprof it is "no truncation", for flame graphs "the default".
func (f *Frontend) checkMaxNodes(requested int64) error {
	if requested < 0 {
		return invalid("max_nodes", "%d is negative, allowed are 0 (the default, %d) to %d", requested, f.config.Limits.MaxNodesDefault, f.config.Limits.MaxNodesMax)
	}
	if limit := f.config.Limits.MaxNodesMax; limit > 0 && requested > limit {
		return invalid("max_nodes", "%d is greater than the data source's limit maxNodesMax, %d", requested, limit)
	}
	return nil
}

// step checks the width of a series' steps, in seconds, against the range and
// returns it in milliseconds.
func (f *Frontend) step(seconds float64, r timeRange) (ms int64, err error) {
	if math.IsNaN(seconds) || seconds < 0.001 {
		return 0, invalid("step", "%v s is too short, a step must be at least 0.001 s (1 ms)", seconds)
	}
	if seconds > float64(math.MaxInt64/int64(time.Second)) {
		return 0, invalid("step", "%v s is too long", seconds)
	}
	ms = time.Duration(seconds * float64(time.Second)).Milliseconds()
	if ms > r.start {
		return 0, invalid("step", "%v s is longer than the time since 1970 at the start of the range", seconds)
	}
	if limit := f.config.Limits.MaxPoints; limit > 0 && (r.end-r.start)/ms > limit {
		return 0, invalid("step", "%v s from %s to %s gives more than %d points a series: choose a longer step or a shorter range",
			seconds, formatTime(r.start), formatTime(r.end), limit)
	}
	return ms, nil
}

// checkLimit allows 0, which is no limit, and what is above.
func checkLimit(limit int64) error {
	if limit < 0 {
		return invalid("limit", "%d is negative, allowed are 0 (no limit) and above", limit)
	}
	return nil
}
