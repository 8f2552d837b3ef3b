package queryplan

import (
	"cmp"
	"slices"
	"time"
)

// A KnownSlice is a set of reads of which an answer was kept.
type KnownSlice struct {
	Reads []ReadID
	Bytes uint64 // what reading them again would fetch
}

// A Slicing says where the answer to a plan comes from.
type Slicing struct {
	// Reused are slices that are known, by index. No two have a read in common.
	Reused []int
	// Fresh are slices to be read and kept, and Rest is what is read beside them: reads
	// by index, each in one of them.
	Fresh [][]int
	Rest  []int
}

// SliceOptions say what slices are worth.
type SliceOptions struct {
	// Interval is how long it takes until the query is asked again.
	Interval time.Duration
	// Fresh bounds the slices that are made: each is a request.
	Fresh int
	// Uncut says that what the range cuts off can be cut off the answers too: then
	// reads need not be whole to be reused.
	Uncut bool
}

const (
	// finalLevel is the compaction level from which on blocks stay as they are.
	finalLevel = 3
	// batch is how many blocks of a level are compacted into one; segments are not kept.
	batch = 10
	// windows is about how many slices a range is cut into.
	windows = 24
	// leastReuses is how often a slice has to be reused for its request to pay.
	leastReuses = 2
)

// Slice decides which known slices answer a part of the plan, and which parts of the
// rest are worth being kept.
//
// A known slice is reused if all of its reads are read by the plan, and none by another
// slice. Of what is left, those reads are kept together that begin in the same window
// of the clock and are likely to be there for the same time: a slice is lost as a whole
// with the first block of it that is compacted or leaves the range.
func (p *Plan) Slice(reads []Read, known []KnownSlice, o SliceOptions) Slicing {
	free := make(map[ReadID]int, len(reads))
	for i := range reads {
		if reads[i].Whole || o.Uncut {
			free[reads[i].ID] = i
		}
	}
	var s Slicing
	order := make([]int, len(known))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(known[b].Bytes, known[a].Bytes) })
	covered := make([]bool, len(reads))
	for _, i := range order {
		if len(known[i].Reads) == 0 || slices.ContainsFunc(known[i].Reads, func(id ReadID) bool { _, ok := free[id]; return !ok }) {
			continue
		}
		for _, id := range known[i].Reads {
			covered[free[id]] = true
			delete(free, id)
		}
		s.Reused = append(s.Reused, i)
	}
	groups := p.worthKeeping(reads, covered, o)
	for _, g := range groups[:min(len(groups), max(0, o.Fresh))] {
		s.Fresh = append(s.Fresh, g.reads)
		for _, i := range g.reads {
			covered[i] = true
		}
	}
	for i := range reads {
		if !covered[i] {
			s.Rest = append(s.Rest, i)
		}
	}
	return s
}

// A group is reads that may become a slice.
type group struct {
	reads  []int
	bytes  uint64
	reuses float64 // how often, at least
}

// saves is what is not fetched if the group is kept.
func (g *group) saves() float64 { return float64(g.bytes) * g.reuses }

type groupKey struct {
	window int64
	level  uint32
}

// worthKeeping groups what is not covered, the most worth first.
func (p *Plan) worthKeeping(reads []Read, covered []bool, o SliceOptions) []group {
	byKey := make(map[groupKey]*group)
	var all []*group
	window := Window(p.query.End - p.query.Start)
	for i := range reads {
		if covered[i] || reads[i].Level == 0 || !reads[i].Whole && !o.Uncut {
			continue
		}
		reuses := p.reuses(&reads[i], o)
		if reuses < leastReuses {
			continue
		}
		key := groupKey{reads[i].MinTime / window, min(reads[i].Level, finalLevel)}
		if key.level < finalLevel {
			key.window = 0
		}
		g := byKey[key]
		if g == nil {
			g = &group{reuses: reuses}
			byKey[key] = g
			all = append(all, g)
		}
		g.reads = append(g.reads, i)
		g.bytes = addBytes(g.bytes, reads[i].Bytes)
		g.reuses = min(g.reuses, reuses)
	}
	groups := make([]group, len(all))
	for i, g := range all {
		groups[i] = *g
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(b.saves(), a.saves()) })
	return groups
}

// reuses is how often a read will be asked for again before it is compacted or leaves
// the range.
func (p *Plan) reuses(r *Read, o SliceOptions) float64 {
	interval := float64(max(o.Interval.Milliseconds(), 1))
	left := r.MinTime - p.query.Start
	if o.Uncut {
		left = r.MaxTime - p.query.Start
	}
	if r.Level < finalLevel {
		left = min(left, batch*(r.MaxTime-r.MinTime)-(p.query.End-r.MaxTime))
	}
	return float64(left) / interval
}

// Window is the length of the clock's windows that a range is cut into, in
// milliseconds.
func Window(length int64) int64 {
	for _, window := range []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour} {
		if window.Milliseconds()*windows >= length {
			return window.Milliseconds()
		}
	}
	return (24 * time.Hour).Milliseconds()
}
