package queryplan

import (
	"cmp"
	"math"
	"slices"
)

// A Portion is a part of a plan's reads, by index, which is read by a request of its own.
type Portion struct {
	Reads []int
	Bytes uint64
	// Lasting says that its answer is worth being kept as a slice.
	Lasting bool
}

// Portions are of growing size, so that the first one is soon there. Each is larger than
// the one before by so much, and there are about so many. Where a cluster shares itself
// evenly among the requests that it has at once, one of them ends about every tenth of the
// time that all take, and the first after a sixteenth.
const (
	portionGrowth = 1.5
	maxPortions   = 11
	// leastLeaves is about how many leaves all portions have together.
	leastLeaves = 12
)

// Portions cuts reads into some that are read at the same time, the newest first. Those
// that last stand in portions of their own, as a slice is lost with the first of its reads
// that is not there any more. Without an interval, nothing is kept.
func (p *Plan) Portions(reads []Read, of []int, o SliceOptions) []Portion {
	var classes [3][]int // what changes or is cut by the end, what lasts, what the start cuts
	var total uint64
	for _, i := range of {
		r := &reads[i]
		class := 0
		switch {
		case o.Interval <= 0:
		case p.lasts(r, o):
			class = 1
		case r.Ends && r.Level >= finalLevel:
			class = 2
		}
		classes[class] = append(classes[class], i)
		total = addBytes(total, r.Bytes)
	}
	size := float64(total) * (portionGrowth - 1) / (math.Pow(portionGrowth, maxPortions) - 1)
	var portions []Portion
	for class, of := range classes {
		slices.SortStableFunc(of, func(a, b int) int {
			return cmp.Or(cmp.Compare(reads[b].MaxTime, reads[a].MaxTime), cmp.Compare(reads[b].MinTime, reads[a].MinTime))
		})
		next := Portion{Lasting: class == 1}
		for _, i := range of {
			next.Reads, next.Bytes = append(next.Reads, i), addBytes(next.Bytes, reads[i].Bytes)
			if size > 0 && float64(next.Bytes) >= size {
				portions, next = append(portions, next), Portion{Lasting: next.Lasting}
				size *= portionGrowth
			}
		}
		if len(next.Reads) > 0 {
			portions = append(portions, next)
		}
	}
	return portions
}

// Finer is the plan for parts with smaller leaves: a part has few of them, and a cluster
// whose last part is one leaf stands idle but for one query-backend.
func (p *Plan) Finer() *Plan {
	finer := *p
	finer.options.LeafBytes = min(p.options.LeafBytes, max(1, p.summary.Bytes/leastLeaves))
	return &finer
}

// lasts says that a read will be asked for again as it is.
func (p *Plan) lasts(r *Read, o SliceOptions) bool {
	return r.Level > 0 && r.reusable(o) && p.reuses(r, o) >= leastReuses
}
