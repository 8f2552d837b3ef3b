package queryfrontend

import "time"

// Allowances beyond MaxQueryLength. A day on which clocks go back has 25 hours, and
// what asks for "the last 24 hours" may round both ends.
const (
	roundingAllowance = time.Second
	longDayAllowance  = time.Hour
)

// longest is the longest range that passes for one of MaxQueryLength.
func (l Limits) longest() time.Duration {
	if l.MaxQueryLength >= 24*time.Hour {
		return l.MaxQueryLength + longDayAllowance + roundingAllowance
	}
	return l.MaxQueryLength + roundingAllowance
}

// tooLong tells whether a range is longer than the limit allows.
func (l Limits) tooLong(r timeRange) bool {
	return l.MaxQueryLength > 0 && r.end-r.start > l.longest().Milliseconds()
}

// cut leaves the newest part of a range that is too long.
func (l Limits) cut(r timeRange) timeRange {
	if l.tooLong(r) {
		r.start, r.cut = r.end-l.MaxQueryLength.Milliseconds(), true
	}
	return r
}

// lookupRange is the range of a look-up of labels or profile types: the last hour
// where there is none, as some clients never give one
// (https://github.com/grafana/grafana/issues/110211), and the newest part of one
// that is too long. A list of the newest names is of use, and an error is not.
func (f *Frontend) lookupRange(start, end int64) (r timeRange, empty bool, err error) {
	if start == 0 && end == 0 {
		now := f.now()
		start, end = now.Add(-defaultRange).UnixMilli(), now.UnixMilli()
	}
	if r, empty, err = f.recentRange(start, end); err != nil || empty {
		return r, empty, err
	}
	return f.config.Limits.cut(r), false, nil
}
