package queryfrontend

import (
	"time"
)

// A timeRange is inclusive at both ends, in Unix milliseconds.
type timeRange struct {
	start, end int64
	// clamped is set where the lookback limit moved the start.
	clamped bool
	// cut is set where the length limit moved it.
	cut bool
	// step is the width of a step in milliseconds, 0 where the request has none.
	step int64
}

// timeRange checks the range of a request, cuts off what lies before the lookback
// limit, and refuses what is longer than the length limit. It reports empty where
// nothing is left to read.
func (f *Frontend) timeRange(start, end int64) (r timeRange, empty bool, err error) {
	r, empty, err = f.recentRange(start, end)
	if limits := f.config.Limits; err == nil && !empty && limits.tooLong(r) {
		return r, false, invalid("start, end", "the query's time range, %s to %s, is longer than the data source's limit maxQueryLength, %s",
			formatTime(r.start), formatTime(r.end), limits.MaxQueryLength)
	}
	return r, empty, err
}

// recentRange is timeRange for a range of any length.
func (f *Frontend) recentRange(start, end int64) (r timeRange, empty bool, err error) {
	switch {
	case start <= 0 || end <= 0:
		return r, false, invalid("start, end", "the query has no time range: start is %d and end is %d, both must be Unix times in milliseconds above 0", start, end)
	case start > end:
		return r, false, invalid("start, end", "the start time %s is after the end time %s", formatTime(start), formatTime(end))
	}
	r = timeRange{start: start, end: end}
	if lookback := f.config.Limits.MaxQueryLookback; lookback > 0 {
		earliest := f.now().Add(-lookback).UnixMilli()
		if end < earliest {
			r.clamped = true
			return r, true, nil
		}
		if start < earliest {
			r.start, r.clamped = earliest, true
		}
	}
	return r, false, nil
}

func formatTime(ms int64) string {
	return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
}
