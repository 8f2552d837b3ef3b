package frame

import (
	"slices"

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
	ofAll := usualGap(all, step)
	for i := range series {
		usual := ofAll
		if len(gaps[i]) >= fewGaps {
			usual = usualGap(gaps[i], step)
		}
		found[i] = max(step, usual)
	}
	return found
}

func gapsOf(points []*typesv1.Point) []int64 {
	var gaps []int64
	for i := 1; i < len(points); i++ {
		if gap := points[i].GetTimestamp() - points[i-1].GetTimestamp(); gap > 0 {
			gaps = append(gaps, gap)
		}
	}
	return gaps
}

// usualGap is the distance of points where nothing is amiss, 0 of no gaps. It sorts
// the gaps. Half of them are no longer than the median. Profiles that come at a
// distance which is no multiple of the step have points now one step closer, now one
// further: that is no outage, when it happens more than once.
func usualGap(gaps []int64, step int64) int64 {
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	median := gaps[(len(gaps)-1)/2]
	within, _ := slices.BinarySearch(gaps, median+step+1)
	if within >= 2 && gaps[within-2] > median {
		return gaps[within-1]
	}
	return median
}
