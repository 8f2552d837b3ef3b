package legacyapi

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// units are what an offset can be counted in, as Graphite's notation has them.
// M is a month, m a minute.
func unitSeconds(unit string) (seconds int64, known bool) {
	const minute, hour, day = 60, 3600, 86400
	if unit == "M" {
		return 30 * day, true
	}
	switch strings.ToLower(unit) {
	case "s", "sec", "secs", "second", "seconds":
		return 1, true
	case "m", "min", "mins", "minute", "minutes":
		return minute, true
	case "h", "hr", "hrs", "hour", "hours":
		return hour, true
	case "d", "day", "days":
		return day, true
	case "w", "week", "weeks":
		return 7 * day, true
	case "mon", "month", "months":
		return 30 * day, true
	case "y", "year", "years":
		return 365 * day, true
	default:
		return 0, false
	}
}

const (
	// maxTimeLength bounds what is looked at: no notation is nearly as long.
	maxTimeLength = 64
	// maxOffset is longer than any data can be old, and far from overflowing.
	maxOffset = 100 * 365 * 86400
	notations = "now, now-1h, now-1h30min (s, min, h, d, w, mon, y), 20240131, or a Unix time in seconds, milliseconds, microseconds or nanoseconds"
)

var errNotation = errors.New("it must be like " + notations)

// parseTime reads a time in one of the notations of the old API. Spaces, commas
// and underscores are of no meaning anywhere.
func parseTime(text string, now time.Time) (time.Time, error) {
	if len(text) > maxTimeLength {
		return time.Time{}, fmt.Errorf("a time of %d characters: %w", len(text), errNotation)
	}
	compact := strings.Map(func(r rune) rune {
		if r == ' ' || r == ',' || r == '_' || r == '\t' {
			return -1
		}
		return r
	}, text)
	var (
		at  time.Time
		err error
	)
	if compact != "" && countDigits(compact) == len(compact) {
		at, err = parseNumber(compact)
	} else {
		at, err = parseRelative(compact, now)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time: %w", text, err)
	}
	return at, nil
}

// parseNumber reads a day, or a Unix time whose unit its length tells.
func parseNumber(digits string) (time.Time, error) {
	if len(digits) == len("20060102") {
		if day, err := time.Parse("20060102", digits); err == nil && day.Year() > 1900 {
			return day, nil
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return time.Time{}, errNotation
	}
	switch len(digits) {
	case 13:
		return time.UnixMilli(n), nil
	case 16:
		return time.UnixMicro(n), nil
	case 19:
		return time.Unix(0, n), nil
	}
	if len(digits) > 11 {
		return time.Time{}, errNotation
	}
	return time.Unix(n, 0), nil
}

// parseRelative reads now, and offsets from it. Without a reference, as in -1h,
// now is meant.
func parseRelative(text string, now time.Time) (time.Time, error) {
	reference, offset := text, ""
	if i := strings.IndexAny(text, "+-"); i >= 0 {
		reference, offset = text[:i], text[i:]
	}
	if reference != "now" && (reference != "" || offset == "") {
		return time.Time{}, errNotation
	}
	if offset == "" {
		return now, nil
	}
	seconds, err := parseOffset(offset[1:])
	if err != nil {
		return time.Time{}, err
	}
	if offset[0] == '-' {
		seconds = -seconds
	}
	return now.Add(time.Duration(seconds) * time.Second), nil
}

// parseOffset reads numbers, each followed by its unit, and adds them up.
func parseOffset(text string) (seconds int64, err error) {
	if text == "" {
		return 0, errNotation
	}
	for text != "" {
		digits := countDigits(text)
		n, err := strconv.ParseInt(text[:digits], 10, 64)
		if err != nil {
			return 0, errNotation
		}
		text = text[digits:]
		letters := strings.IndexFunc(text, isDigit)
		if letters < 0 {
			letters = len(text)
		}
		unit, known := unitSeconds(text[:letters])
		if !known {
			return 0, errNotation
		}
		text = text[letters:]
		if n > maxOffset/unit {
			return 0, errors.New("it is more than 100 years away")
		}
		if seconds += n * unit; seconds > maxOffset {
			return 0, errors.New("it is more than 100 years away")
		}
	}
	return seconds, nil
}

func countDigits(text string) int {
	if i := strings.IndexFunc(text, func(r rune) bool { return !isDigit(r) }); i >= 0 {
		return i
	}
	return len(text)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
