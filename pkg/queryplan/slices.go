package queryplan

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// A KnownSlice is a set of reads of which an answer was kept.
type KnownSlice struct {
	Reads []ReadID
	Bytes uint64 // what reading them again would fetch
	// MinTime and MaxTime are when what was read begins and ends.
	MinTime, MaxTime int64
}

// A Slicing says where the answer to a plan comes from.
type Slicing struct {
	// Reused are slices that are known, by index. No two have a read in common.
	Reused []int
	// Dead are slices that will never be reused: a block of theirs would be read if it
	// were still there.
	Dead []int
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
	// Uncut says that what lies before the range can be cut off the answers too: then
	// reads need not begin within it to be reused.
	Uncut bool
}

func (r *Read) reusable(o SliceOptions) bool { return r.Whole || o.Uncut && r.Ends }

const (
	// finalLevel is the compaction level from which on blocks stay as they are.
	finalLevel = 3
	// batch is how many blocks of a level are compacted into one; segments are not kept.
	batch = 10
	// windows is about how many slices a range is cut into.
	windows = 48
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
		if reads[i].reusable(o) {
			free[reads[i].ID] = i
		}
	}
	var s Slicing
	listed := make(map[ReadID]bool, len(reads))
	for i := range reads {
		listed[reads[i].ID] = true
	}
	order := make([]int, len(known))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(known[b].Bytes, known[a].Bytes) })
	covered := make([]bool, len(reads))
	for _, i := range order {
		if slices.ContainsFunc(known[i].Reads, func(id ReadID) bool { _, ok := free[id]; return !ok }) {
			within := known[i].MinTime > p.query.Start && known[i].MaxTime < p.query.End
			if within && slices.ContainsFunc(known[i].Reads, func(id ReadID) bool { return !listed[id] }) {
				s.Dead = append(s.Dead, i)
			}
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

func (g *group) take(i int, r *Read, reuses float64) {
	if len(g.reads) == 0 {
		g.reuses = reuses
	}
	g.reads = append(g.reads, i)
	g.bytes = addBytes(g.bytes, r.Bytes)
	g.reuses = min(g.reuses, reuses)
}

// worthKeeping groups what is not covered, the most worth first.
func (p *Plan) worthKeeping(reads []Read, covered []bool, o SliceOptions) []group {
	if o.Fresh < 1 {
		return nil
	}
	var young [finalLevel]group // by level
	settled := make(map[int64]*group)
	window := windowOf(p.query.End - p.query.Start)
	for i := range reads {
		r := &reads[i]
		if covered[i] || !p.lasts(r, o) {
			continue
		}
		reuses := p.reuses(r, o)
		if r.Level < finalLevel {
			young[r.Level].take(i, r, reuses)
			continue
		}
		g := settled[r.MinTime/window]
		if g == nil {
			g = new(group)
			settled[r.MinTime/window] = g
		}
		g.take(i, r, reuses)
	}
	var groups []group
	for _, at := range slices.Sorted(maps.Keys(settled)) {
		groups = append(groups, *settled[at])
	}
	groups = joinYounger(groups, o.Fresh)
	for _, g := range young {
		if len(g.reads) > 0 {
			groups = append(groups, g)
		}
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(b.saves(), a.saves()) })
	return groups
}

// joinYounger makes no more than so many groups of groups in their order of time. The
// younger they are, the more are joined: the oldest will leave the range first, and what
// is left of their slice has to be read again then.
func joinYounger(groups []group, most int) []group {
	for growth := 1.0; len(groups) > most; growth += 0.25 {
		var joined []group
		room, next := growth, 0
		for next < len(groups) && len(joined) < most {
			g := groups[next]
			g.reads = slices.Clone(g.reads)
			for _, other := range groups[next+1 : min(len(groups), next+int(room))] {
				g.reads = append(g.reads, other.reads...)
				g.bytes = addBytes(g.bytes, other.bytes)
				g.reuses = min(g.reuses, other.reuses)
			}
			next += int(room)
			room *= growth
			joined = append(joined, g)
		}
		if next >= len(groups) {
			return joined
		}
	}
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

// windowOf is the length of the clock's windows that a range is cut into, in
// milliseconds.
func windowOf(length int64) int64 {
	for _, window := range []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour} {
		if window.Milliseconds()*windows >= length {
			return window.Milliseconds()
		}
	}
	return (24 * time.Hour).Milliseconds()
}
