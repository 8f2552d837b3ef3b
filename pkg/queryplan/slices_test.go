package queryplan_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

const minute = int64(60_000)

// slicedRead is a read of a day that is queried from minute 0 to 1440.
func slicedRead(name string, from, to int64, level uint32) queryplan.Read {
	r := queryplan.Read{MinTime: dayStart + from*minute, MaxTime: dayStart + to*minute, Level: level, Bytes: 1 << 20, Whole: from > 0 && to < 1440, Ends: to < 1440}
	copy(r.ID[:], name)
	return r
}

const dayStart = int64(1_790_000_000_000)

func dayPlan(t require.TestingT) *queryplan.Plan {
	q := query(tree, equal("service_name", "a"))
	q.Start, q.End = dayStart, dayStart+1440*minute
	plan, err := queryplan.Build(q, nil, queryplan.Options{})
	require.NoError(t, err)
	return plan
}

func knownSlice(reads ...queryplan.Read) queryplan.KnownSlice {
	k := queryplan.KnownSlice{MinTime: reads[0].MinTime, MaxTime: reads[0].MaxTime}
	for _, r := range reads {
		k.Reads = append(k.Reads, r.ID)
		k.Bytes += r.Bytes
		k.MinTime, k.MaxTime = min(k.MinTime, r.MinTime), max(k.MaxTime, r.MaxTime)
	}
	return k
}

func TestSlices(t *testing.T) {
	cut := slicedRead("cut", -5, 10, 3)
	a, b, c := slicedRead("a", 60, 76, 3), slicedRead("b", 76, 92, 3), slicedRead("c", 1300, 1316, 3)
	young, segment, last := slicedRead("young", 1430, 1432, 2), slicedRead("segment", 1438, 1438, 0), slicedRead("last", 1439, 1440, 3)
	all := []queryplan.Read{cut, a, b, c, young, segment, last}
	names := func(at []int) (of string) {
		for _, i := range at {
			of += string(all[i].ID[:2])
		}
		return of
	}
	for _, test := range []struct {
		name    string
		known   []queryplan.KnownSlice
		options queryplan.SliceOptions
		reused  []int
		dead    []int
		fresh   int
		rest    []int
	}{
		{name: "no slice may be made", options: queryplan.SliceOptions{Interval: time.Second}, rest: []int{0, 1, 2, 3, 4, 5, 6}},
		{name: "what is cut, a segment and what ends with the range are not kept", options: queryplan.SliceOptions{Interval: time.Second, Fresh: 9}, fresh: 3, rest: []int{0, 5, 6}},
		{name: "what the range cuts off can be cut off the answer", options: queryplan.SliceOptions{Interval: time.Second, Fresh: 9, Uncut: true}, fresh: 4, rest: []int{5, 6}},
		{name: "what would be gone before it is asked again is not kept", options: queryplan.SliceOptions{Interval: time.Hour, Fresh: 9}, fresh: 1, rest: []int{0, 1, 2, 4, 5, 6}},
		{name: "few slices are made, of many blocks", options: queryplan.SliceOptions{Interval: time.Second, Fresh: 1}, fresh: 1, rest: []int{0, 4, 5, 6}},
		{name: "what is known is reused", known: []queryplan.KnownSlice{knownSlice(a, b)}, options: queryplan.SliceOptions{Interval: time.Second}, reused: []int{0}, rest: []int{0, 3, 4, 5, 6}},
		{name: "no read is in two", known: []queryplan.KnownSlice{knownSlice(a), knownSlice(a, b)}, options: queryplan.SliceOptions{Interval: time.Second}, reused: []int{1}, rest: []int{0, 3, 4, 5, 6}},
		{name: "what was cut meanwhile is not", known: []queryplan.KnownSlice{knownSlice(cut)}, options: queryplan.SliceOptions{Interval: time.Second}, rest: []int{0, 1, 2, 3, 4, 5, 6}},
		{name: "what was compacted is dead", known: []queryplan.KnownSlice{knownSlice(a, slicedRead("gone", 70, 80, 2))}, options: queryplan.SliceOptions{Interval: time.Second}, dead: []int{0}, rest: []int{0, 1, 2, 3, 4, 5, 6}},
		{name: "what is outside of the range may be asked for again", known: []queryplan.KnownSlice{knownSlice(a, slicedRead("early", -50, -40, 3))}, options: queryplan.SliceOptions{Interval: time.Second}, rest: []int{0, 1, 2, 3, 4, 5, 6}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := dayPlan(t).Slice(all, test.known, test.options)
			require.Equal(t, test.reused, got.Reused)
			require.Equal(t, test.dead, got.Dead)
			require.Len(t, got.Fresh, test.fresh)
			require.Equal(t, test.rest, got.Rest, names(got.Rest))
		})
	}
}

// Each read is in one place, whatever is known; there are no more slices than allowed, and
// what the range cuts is in none.
func TestSlicesShareOutAllReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []queryplan.Read
		for i := range rapid.IntRange(0, 60).Draw(t, "reads") {
			from := rapid.Int64Range(-20, 1440).Draw(t, "from")
			all = append(all, slicedRead(fmt.Sprintf("read %d", i), from, from+rapid.Int64Range(0, 20).Draw(t, "for"), rapid.Uint32Range(0, 3).Draw(t, "level")))
		}
		var known []queryplan.KnownSlice
		for range rapid.IntRange(0, 5).Draw(t, "known") {
			if of := rapid.SliceOfNDistinct(rapid.SampledFrom(append(all, slicedRead("gone", 3, 4, 1))), 1, 4, func(r queryplan.Read) queryplan.ReadID { return r.ID }).Draw(t, "slice"); len(of) > 0 {
				known = append(known, knownSlice(of...))
			}
		}
		o := queryplan.SliceOptions{Interval: time.Duration(rapid.Int64Range(0, 3600).Draw(t, "interval")) * time.Second,
			Fresh: rapid.IntRange(-1, 8).Draw(t, "fresh"), Uncut: rapid.Bool().Draw(t, "uncut")}
		got := dayPlan(t).Slice(all, known, o)
		require.LessOrEqual(t, len(got.Fresh), max(0, o.Fresh))
		times := make(map[queryplan.ReadID]int)
		kept := make(map[queryplan.ReadID]bool)
		for _, i := range got.Reused {
			for _, id := range known[i].Reads {
				times[id]++
				kept[id] = true
			}
		}
		for _, of := range append(got.Fresh, got.Rest) {
			for _, i := range of {
				times[all[i].ID]++
			}
		}
		for _, of := range got.Fresh {
			require.NotEmpty(t, of)
			for _, i := range of {
				kept[all[i].ID] = true
			}
		}
		require.Len(t, times, len(all))
		for _, r := range all {
			require.Equal(t, 1, times[r.ID])
			require.True(t, !kept[r.ID] || r.Whole || (o.Uncut && r.Ends))
		}
		require.Empty(t, slices.DeleteFunc(slices.Clone(got.Dead), func(i int) bool { return !slices.Contains(got.Reused, i) }))
	})
}

// Names of reads tell apart what is read apart, and nothing else: the range, the seed and
// diagnostics do not count.
func TestReadsAreNamedByWhatIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, q := drawStore(t), drawQuery(t)
		plan := build(t, store, q, queryplan.Options{})
		seen := make(map[queryplan.ReadID]bool)
		for _, r := range plan.Reads() {
			require.False(t, seen[r.ID])
			seen[r.ID] = true
			require.Equal(t, r.MinTime > q.Start && r.MaxTime < q.End, r.Whole)
		}
		again := q
		again.Seed, again.Diagnostics = q.Seed+1, true
		for _, r := range build(t, store, again, queryplan.Options{LeafBlocks: 1}).Reads() {
			require.True(t, seen[r.ID])
		}
	})
}

// Parts of a plan read what the plan reads, each read in the part that it was put into.
func TestPartsReadWhatThePlanReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, q := drawStore(t), drawQuery(t)
		plan := build(t, store, q, drawOptions(t))
		var parts [2][]int
		for i := range plan.Reads() {
			at := rapid.IntRange(0, 1).Draw(t, "part")
			parts[at] = append(parts[at], i)
		}
		got := make(map[read]int)
		bytes := uint64(0)
		for _, of := range parts {
			part := plan.Part(of, q.Start, q.End, q.Queries)
			require.Equal(t, len(of) == 0, part.Empty())
			bytes += part.Summary().Bytes
			for place, n := range readsOf(part) {
				got[place] += n
			}
		}
		require.Equal(t, plan.Summary().Bytes, bytes)
		require.Equal(t, readsOf(plan), got)
	})
}
