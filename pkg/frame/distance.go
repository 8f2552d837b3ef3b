package frame

import (
	"slices"
	"time"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// SparseRates is the distance at which the profiles of a series come where that is more
// than a step, 0 where none come like that: the largest of all series. A rate is what came
// in a step, divided by the step, so that it is too high then, and falls as the step grows.
// Types that are shown as they are have no such distance, nor have events that come
// when they like.
func SparseRates(series []*typesv1.Series, t profile.Type, r Rate) time.Duration {
	step := r.Step.Milliseconds()
	if step <= 0 || r.Average || !UnitOf(t).Cumulative {
		return 0
	}
	sparse := int64(0)
	for _, s := range series {
		gaps := gapsOf(s.GetPoints())
		if len(gaps) < fewGaps {
			continue
		}
		slices.Sort(gaps)
		median := gaps[(len(gaps)-1)/2]
		from, _ := slices.BinarySearch(gaps, median-step)
		to, _ := slices.BinarySearch(gaps, median+step+1)
		if median >= 2*step && 4*(to-from) >= 3*len(gaps) {
			sparse = max(sparse, median)
		}
	}
	return time.Duration(sparse) * time.Millisecond
}
