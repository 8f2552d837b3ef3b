package legacyapi

import (
	"math"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// timelinePoints is how many points a timeline has at most, about.
const timelinePoints = 1500

// minTimelineStep in seconds is how often agents send profiles.
const minTimelineStep = 15

// timelineSteps are the round steps, in seconds, each with the widest exact step
// that it stands for, in milliseconds. They are those that Grafana rounds
// intervals to.
var timelineSteps = [...]struct{ upTo, step int64 }{
	{17_500, minTimelineStep},
	{25_000, 20},
	{45_000, 30},
	{90_000, 60},
	{210_000, 120},
	{450_000, 300},
	{750_000, 600},
	{1_050_000, 900},
	{1_500_000, 1200},
	{2_700_000, 1800},
	{5_400_000, 3600},
	{9_000_000, 7200},
	{16_200_000, 10_800},
	{32_400_000, 21_600},
	{86_400_000, 43_200},
	{604_800_000, 86_400},
	{1_814_400_000, 604_800},
	{3_628_799_999, 2_592_000},
}

// timelineStep is the width in seconds of a point of the timeline of a range in
// Unix milliseconds.
func timelineStep(start, end int64) int64 {
	for _, s := range timelineSteps {
		if end-start <= s.upTo*timelinePoints {
			return s.step
		}
	}
	return 31_536_000
}

// A timeline is a series as samples at equal distances, 0 where there are none.
type timeline struct {
	StartTime     int64         `json:"startTime"` // Unix seconds
	Samples       []uint64      `json:"samples"`
	DurationDelta int64         `json:"durationDelta"` // seconds
	Watermarks    map[int]int64 `json:"watermarks"`    // always null, as Pyroscope has it
}

// newTimeline lays points of the range, in Unix milliseconds, on a grid of the step,
// in seconds. Both ends are rounded down to the grid.
func newTimeline(points []*typesv1.Point, start, end, step int64) *timeline {
	width := step * 1000
	start -= start % width
	end -= end % width
	t := &timeline{StartTime: start / 1000, DurationDelta: step, Samples: make([]uint64, max(0, (end-start)/width))}
	for _, p := range points {
		if slot := (p.GetTimestamp() - start) / width; p.GetTimestamp() >= start && slot < int64(len(t.Samples)) {
			t.Samples[slot] += unsigned(p.GetValue())
		}
	}
	return t
}

// unsigned is a value as the format can hold it.
func unsigned(value float64) uint64 {
	switch {
	case math.IsNaN(value) || value <= 0:
		return 0
	case value >= math.MaxUint64:
		return math.MaxUint64
	default:
		return uint64(value)
	}
}
