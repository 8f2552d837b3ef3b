package refreshbench

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a refresh fetches is near the least that is possible, and the first one costs
// what it did.
func TestGoals(t *testing.T) {
	var all Cost
	for _, g := range groups() {
		var sum Cost
		for _, s := range g.scenarios {
			cost, err := s.Measure()
			require.NoError(t, err)
			require.Equal(t, cost.FirstBefore, cost.FirstFetched, s.Name)
			require.GreaterOrEqual(t, cost.Fetched, cost.Least, "%s: there is no less than the least", s.Name)
			require.LessOrEqual(t, float64(cost.Requests), maxRequests*float64(cost.RequestsBefore), s.Name)
			sum = sum.plus(cost)
		}
		if g.goal > 0 {
			require.LessOrEqual(t, float64(sum.Fetched), g.goal*float64(sum.Before), g.name)
		}
		all = all.plus(sum)
	}
	require.LessOrEqual(t, float64(all.Fetched), goalOverAll*float64(all.Before))
}

// Refreshes of functions over time read the newest steps, and what was compacted.
func TestFunctionGoals(t *testing.T) {
	for _, s := range functionScenarios() {
		cost, err := s.Measure()
		require.NoError(t, err)
		require.Equal(t, cost.FirstBefore, cost.FirstFetched, s.Name)
		require.GreaterOrEqual(t, cost.Fetched, cost.Least, "%s: there is no less than the least", s.Name)
		require.LessOrEqual(t, float64(cost.Fetched), 1.2*float64(cost.Least), s.Name)
		if s.Goal > 0 {
			require.LessOrEqual(t, float64(cost.Fetched), s.Goal*float64(cost.Before), s.Name)
		}
		require.Less(t, cost.Requests, cost.RequestsBefore, s.Name)
	}
}

func TestRunPrintsTables(t *testing.T) {
	var tables bytes.Buffer
	require.NoError(t, Run(&tables))
	require.NotContains(t, tables.String(), "MISSED")
	t.Log("\n" + tables.String())
}

// The store is compacted as Pyroscope does it: what is written is in one block at any
// time, and most of it in the largest.
func TestStoreIsCompactedBySchedule(t *testing.T) {
	const began = int64(1_790_000_000_000)
	s := newStore(Service{Pods: 20, Scrape: 15_000}, began)
	s.advance(began + 4*3600*1000)
	scrapes, blocks := 0, make(map[uint32]int)
	for _, b := range s.live {
		scrapes += b.profiles
		blocks[b.level]++
		if b.level == 3 {
			require.InDelta(t, 1_000_000, b.to-b.from, 2000, "ten times ten times twenty half seconds")
		}
	}
	require.Equal(t, 4*3600*20/15, scrapes)
	require.Equal(t, 14, blocks[3])
	require.LessOrEqual(t, blocks[2], 10)
	require.LessOrEqual(t, blocks[1], 11)
	require.Less(t, blocks[0], 30)
}
