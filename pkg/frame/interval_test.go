package frame_test

import (
	"slices"
	"testing"
	"time"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// pointsAt is a series with points at some seconds.
func pointsAt(seconds ...int64) *typesv1.Series {
	s := new(typesv1.Series)
	for _, second := range seconds {
		s.Points = append(s.Points, &typesv1.Point{Timestamp: 1_795_372_800_000 + second*1000, Value: 1})
	}
	return s
}

// every makes seconds from one to another.
func every(distance, from, to int64) (seconds []int64) {
	for s := from; s <= to; s += distance {
		seconds = append(seconds, s)
	}
	return seconds
}

// drawn are the stretches of a series that Grafana draws as one line where
// "Connect null values" is never: it puts a null in where two points are further
// apart than the time field's interval.
func drawn(t *testing.T, s *typesv1.Series, interval float64) (lines int) {
	t.Helper()
	lines = 1
	for i := 1; i < len(s.GetPoints()); i++ {
		if float64(s.GetPoints()[i].GetTimestamp()-s.GetPoints()[i-1].GetTimestamp()) > interval {
			lines++
		}
	}
	return lines
}

func TestIntervalOfTheTimeField(t *testing.T) {
	outage := func(distance int64) []int64 { return append(every(distance, 0, 600), every(distance, 1800, 2400)...) }
	// The points of profiles that come every 61 seconds, on a grid of a minute, and
	// of such every 70 seconds, on one of 15 seconds.
	var drifting, uneven []int64
	for at := int64(1); at < 16_000; at += 61 {
		drifting = append(drifting, (at+59)/60*60)
	}
	// without is each step of a day but some.
	without := func(step int64, missing ...int64) []int64 {
		return slices.DeleteFunc(every(step, 0, 86_400), func(at int64) bool { return slices.Contains(missing, at/step) })
	}
	// Profiles that come a little before a step ends, and each seventh after it.
	var late []int64
	for i := range int64(100) {
		at := 60*i + 14
		if i%7 == 3 || i%31 == 5 {
			at += 2
		}
		late = append(late, (at+14)/15*15)
	}
	// Profiles that come every 63 1/3 seconds, on a grid of 15, in an hour: now each fourth is late, now each fifth.
	var fourthOrFifth []int64
	for i := int64(0); i*190/3 < 3600; i++ {
		fourthOrFifth = append(fourthOrFifth, (i*190/3+15)/15*15)
	}
	for at := int64(1); at < 3000; at += 70 {
		uneven = append(uneven, (at+14)/15*15)
	}
	for name, test := range map[string]struct {
		step     int64 // seconds
		seconds  []int64
		interval int64
		lines    int
	}{
		"every step":                          {15, every(15, 0, 600), 15, 1},
		"an outage":                           {15, outage(15), 15, 2},
		"an outage of one step":               {15, []int64{0, 15, 30, 60, 75, 90}, 15, 2},
		"two minutes of a day":                {60, without(60, 200, 900), 60, 3},
		"two steps of a day":                  {15, without(15, 2000, 2007), 15, 3},
		"two minutes in steps of 15":          {15, without(15, 100, 101, 102, 103, 3000, 3001, 3002, 3003), 15, 3},
		"seven minutes of a day":              {60, without(60, 3, 77, 200, 340, 900, 1100, 1101, 1430), 60, 8},
		"drifting, and an outage":             {60, slices.DeleteFunc(slices.Clone(drifting), func(at int64) bool { return at > 5000 && at < 6000 }), 120, 2},
		"each seventh is late":                {15, late, 75, 1},
		"once a minute":                       {15, every(60, 0, 600), 60, 1},
		"once a minute, and an outage":        {15, outage(60), 60, 2},
		"once a minute, seen from afar":       {300, every(300, 0, 6000), 300, 1},
		"once a minute and a second":          {60, drifting, 120, 1},
		"every 63 1/3 seconds in steps of 15": {15, fourthOrFifth, 75, 1},
		"the same, and an outage":             {15, slices.DeleteFunc(slices.Clone(fourthOrFifth), func(at int64) bool { return at > 1000 && at < 2000 }), 75, 2},
		"every 70 seconds in steps of 15":     {15, uneven, 75, 1},
		"more outage than service":            {15, []int64{0, 15, 30, 45, 6000, 6015, 6030, 12000, 12015, 12030}, 15, 3},
		"a point":                             {15, []int64{0}, 15, 1},
		"two points are a line":               {15, []int64{0, 60}, 60, 1},
		"two points and one after an outage":  {15, []int64{0, 15, 900}, 15, 2},
		"points that stand on each other":     {15, []int64{0, 0, 0, 0}, 15, 1},
	} {
		t.Run(name, func(t *testing.T) {
			series := []*typesv1.Series{pointsAt(test.seconds...)}
			f := frame.Series(series, cpu, frame.Rate{Step: time.Duration(test.step) * time.Second})[0]
			require.Equal(t, float64(test.interval*1000), f.Fields[0].Config.Interval)
			require.Equal(t, test.lines, drawn(t, series[0], f.Fields[0].Config.Interval))
		})
	}
}

// A profile that comes a moment late falls into the next step, which has two then. What is
// missing is told from it by what is beside the hole, in ranges that are too short for a
// pattern: a hole of more than one step stays one, whatever is beside it.
func TestProfilesThatAreLateAreNoOutage(t *testing.T) {
	for name, test := range map[string]struct {
		step     int64
		seconds  []int64
		values   map[int64]float64 // others are 1
		interval int64
		lines    int
	}{
		"late, two in the next step":            {15, []int64{0, 15, 30, 60, 75, 90}, map[int64]float64{60: 2.1}, 30, 1},
		"early, two in the step before":         {15, []int64{0, 15, 30, 60, 75, 90}, map[int64]float64{30: 1.9}, 30, 1},
		"missing":                               {15, []int64{0, 15, 30, 60, 75, 90}, map[int64]float64{60: 1.2}, 15, 2},
		"one late, one missing":                 {15, []int64{0, 15, 30, 60, 75, 90, 120, 135}, map[int64]float64{60: 2}, 15, 3},
		"two steps missing, and much to do":     {15, []int64{0, 15, 30, 75, 90, 105}, map[int64]float64{75: 2}, 15, 2},
		"one late, and an outage":               {15, []int64{0, 15, 30, 60, 75, 90, 105, 600, 615}, map[int64]float64{60: 2}, 30, 2},
		"no work at all":                        {15, []int64{0, 15, 30, 60, 75, 90}, map[int64]float64{0: 0, 15: 0, 30: 0, 60: 0, 75: 0, 90: 0}, 15, 2},
		"once a minute, one late":               {15, []int64{0, 60, 120, 195, 240, 300}, nil, 75, 1},
		"once a minute, one late, one missing":  {15, []int64{0, 60, 120, 195, 240, 300, 420, 480}, nil, 75, 2},
		"once a minute, all later from then on": {15, []int64{0, 60, 120, 195, 255, 315}, nil, 60, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := pointsAt(test.seconds...)
			for i, at := range test.seconds {
				if value, ok := test.values[at]; ok {
					s.Points[i].Value = value
				}
			}
			f := frame.Series([]*typesv1.Series{s}, cpu, frame.Rate{Step: time.Duration(test.step) * time.Second})[0]
			require.Equal(t, float64(test.interval*1000), f.Fields[0].Config.Interval)
			require.Equal(t, test.lines, drawn(t, s, f.Fields[0].Config.Interval))
		})
	}
}

// Each series has its own interval; one of few points has that of all.
func TestIntervalOfSeveralSeries(t *testing.T) {
	frames := frame.Series([]*typesv1.Series{
		pointsAt(every(60, 0, 600)...), pointsAt(every(60, 15, 1200)...), pointsAt(every(15, 0, 60)...), pointsAt(30, 3630), pointsAt(30),
	}, cpu, frame.Rate{Step: 15 * time.Second})
	var intervals []float64
	for _, f := range frames {
		intervals = append(intervals, f.Fields[0].Config.Interval)
	}
	require.Equal(t, []float64{60_000, 60_000, 15_000, 60_000, 60_000}, intervals)
	require.Nil(t, frame.Series([]*typesv1.Series{pointsAt(0)}, cpu, frame.Rate{})[0].Fields[0].Config, "nobody knows")
}

func TestSparseRates(t *testing.T) {
	inUse := profile.Type{Name: "memory", SampleType: "inuse_space", SampleUnit: "bytes", PeriodType: "space", PeriodUnit: "bytes"}
	step := frame.Rate{Step: 15 * time.Second}
	for name, test := range map[string]struct {
		seconds []int64
		ofType  profile.Type
		rate    frame.Rate
		want    time.Duration
	}{
		"every step":                  {every(15, 0, 600), cpu, step, 0},
		"every step, with outages":    {append(every(15, 0, 60), every(15, 600, 660)...), cpu, step, 0},
		"a little late now and then":  {[]int64{0, 15, 30, 60, 75, 105, 120, 135}, cpu, step, 0},
		"once a minute":               {every(60, 0, 600), cpu, step, time.Minute},
		"once a minute, with outages": {append(every(60, 0, 600), every(60, 3000, 3600)...), cpu, step, time.Minute},
		"once a minute, a long step":  {every(60, 0, 600), cpu, frame.Rate{Step: time.Minute}, 0},
		"once a minute, an average":   {every(60, 0, 600), cpu, frame.Rate{Step: 15 * time.Second, Average: true}, 0},
		"what there is":               {every(60, 0, 600), inUse, step, 0},
		"when they like":              {[]int64{0, 30, 300, 345, 900, 1200, 1215, 3000}, cpu, step, 0},
		"too few":                     {every(60, 0, 120), cpu, step, 0},
		"without a step":              {every(60, 0, 600), cpu, frame.Rate{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			often := pointsAt(every(15, 0, 600)...)
			require.Equal(t, test.want, frame.SparseRates([]*typesv1.Series{often, pointsAt(test.seconds...)}, test.ofType, test.rate))
		})
	}
}
