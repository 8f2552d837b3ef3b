package frame

import (
	"math"
	"slices"
	"time"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// fewGaps is how many distances between points are too few to learn from.
const fewGaps = 3

// intervals are, for each series, at which distance its points come, in
// milliseconds: the step, or more where profiles are taken less often. Grafana
// breaks a line, or bridges a hole, where two points are further apart than the
// interval of the time field: an outage is a hole then, and a service that is
// profiled once a minute is a line.
func intervals(series []*typesv1.Series, step int64) []int64 {
	found := make([]int64, len(series))
	var all []int64
	gaps := make([][]int64, len(series))
	for i, s := range series {
		gaps[i] = gapsOf(s.GetPoints())
		all = append(all, gaps[i]...)
	}
	ofAll := usualGap(all, step, nil)
	for i, s := range series {
		usual := ofAll
		if len(gaps[i]) >= fewGaps {
			usual = usualGap(gaps[i], step, s.GetPoints())
		}
		found[i] = max(step, usual)
	}
	return found
}

// longestGap is the longest that a time.Duration has. Nobody has profiles that are further
// apart, but points come from elsewhere.
const longestGap = math.MaxInt64 / int64(time.Millisecond)

func gapsOf(points []*typesv1.Point) []int64 {
	var gaps []int64
	for i := 1; i < len(points); i++ {
		if gap := points[i].GetTimestamp() - points[i-1].GetTimestamp(); gap > 0 && gap <= longestGap {
			gaps = append(gaps, gap)
		}
	}
	return gaps
}

// usualGap is the distance of points where nothing is amiss, 0 of no gaps: the
// median, or a step more where profiles come at a distance which is no multiple of
// the step, and have points now one step closer, now one further. A step that is
// missing now and then is an outage. The points, where they are known, are those of
// the gaps.
func usualGap(gaps []int64, step int64, points []*typesv1.Point) int64 {
	if len(gaps) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(gaps))
	median := sorted[(len(sorted)-1)/2]
	below, _ := slices.BinarySearch(sorted, median)
	upTo, _ := slices.BinarySearch(sorted, median+1)
	within, _ := slices.BinarySearch(sorted, median+step+1)
	longer := within - upTo
	switch {
	case longer == 0:
		return median
	case areLate(gaps, median, step, points):
		return sorted[within-1]
	case longer < fewGaps:
		return median
	case 4*longer >= len(gaps), // as often as not
		2*below >= longer, // late, and in time again: after an outage no gap is shorter
		comeEvenly(gaps, median, step):
		return sorted[within-1]
	}
	return median
}

// areLate tells whether every gap above the median, and no longer than a step more, is
// that of a profile which came late or early, and is missing nowhere: the gap beside it
// is so much shorter, or the point beside it is of two profiles, and about twice as high
// as others are.
func areLate(gaps []int64, median, step int64, points []*typesv1.Point) bool {
	if len(points) != len(gaps)+1 { // of several series, or points that stand on each other
		return false
	}
	values := make([]float64, len(points))
	for i, point := range points {
		values[i] = point.GetValue()
	}
	slices.Sort(values)
	const ofTwo = 1.5
	high := ofTwo * values[(len(values)-1)/2]
	shorter := func(i int) bool { return i >= 0 && i < len(gaps) && gaps[i] < median }
	isHigh := func(i int) bool { return high > 0 && points[i].GetValue() >= high }
	for i, gap := range gaps {
		if gap <= median || gap > median+step {
			continue
		}
		if !shorter(i-1) && !shorter(i+1) && !isHigh(i) && !isHigh(i+1) {
			return false
		}
	}
	return true
}

// comeEvenly tells whether gaps above the median, and no longer than a step more,
// come at about the same distance from each other, as those of profiles do that fall
// behind the step a little each time. The distance is a whole number of gaps, so that
// it varies by one of them: profiles every 63 1/3 seconds on a grid of 15 are late now
// each fourth time, now each fifth. A few may not: there are outages too.
func comeEvenly(gaps []int64, median, step int64) bool {
	var apart []int64
	at, last := int64(0), int64(-1)
	for _, gap := range gaps {
		at += gap
		if gap <= median || gap > median+step {
			continue
		}
		if last >= 0 {
			apart = append(apart, at-last)
		}
		last = at
	}
	slices.Sort(apart)
	usual := apart[(len(apart)-1)/2]
	slack := median + step + usual/20
	even := 0
	for _, distance := range apart {
		if distance >= usual-slack && distance <= usual+slack {
			even++
		}
	}
	return 4*even >= 3*len(apart)
}
