package queryplan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// Portions share out all reads, newest first among those that may last and among those
// that may not; they grow, and are not many.
func TestPortionsShareOutAllReads(t *testing.T) {
	plan := dayPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		var reads []queryplan.Read
		var of []int
		for i := range rapid.IntRange(0, 400).Draw(t, "reads") {
			from := rapid.Int64Range(-10, 1439).Draw(t, "from")
			to := min(1445, from+rapid.Int64Range(0, 30).Draw(t, "length"))
			r := slicedRead("a", from, to, rapid.Uint32Range(0, 3).Draw(t, "level"))
			r.Bytes = rapid.Uint64Range(0, 1<<22).Draw(t, "bytes")
			reads = append(reads, r)
			if rapid.IntRange(0, 9).Draw(t, "read") > 0 {
				of = append(of, i)
			}
		}
		options := queryplan.SliceOptions{Interval: rapid.SampledFrom([]time.Duration{0, time.Minute, time.Hour}).Draw(t, "interval")}
		portions := plan.Portions(reads, slices.Clone(of), options)
		require.LessOrEqual(t, len(portions), 14)
		var all []int
		newest := map[bool]int64{true: 1 << 62, false: 1 << 62}
		for _, p := range portions {
			require.NotEmpty(t, p.Reads)
			var bytes uint64
			for _, i := range p.Reads {
				bytes += reads[i].Bytes
				require.True(t, !p.Lasting || reads[i].Whole && reads[i].Level > 0, "what does not last is with what does")
				require.True(t, !p.Lasting || options.Interval > 0)
				if p.Lasting || options.Interval == 0 {
					require.LessOrEqual(t, reads[i].MaxTime, newest[p.Lasting])
					newest[p.Lasting] = reads[i].MaxTime
				}
			}
			require.Equal(t, bytes, p.Bytes)
			all = append(all, p.Reads...)
		}
		slices.Sort(all)
		require.Equal(t, of, all)
	})
}

// Of many even reads, the first portion is small, and each is larger than the one before.
func TestPortionsGrow(t *testing.T) {
	plan := dayPlan(t)
	var reads []queryplan.Read
	var of []int
	for i := range 1000 {
		reads, of = append(reads, slicedRead("a", int64(i)+1, int64(i)+1, 0)), append(of, i)
	}
	portions := plan.Portions(reads, of, queryplan.SliceOptions{})
	require.Len(t, portions, 11)
	require.Less(t, len(portions[0].Reads), 10)
	require.Less(t, len(portions[10].Reads), 350)
	for i, p := range portions[1:] {
		require.Greater(t, len(p.Reads), len(portions[i].Reads))
	}
}
