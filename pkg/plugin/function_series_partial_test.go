package plugin_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Where blocks cannot be read, steps that have others are shown, and one notice says what is
// missing of all.
func TestPartialFunctionSeries(t *testing.T) {
	cluster := startCluster(t)
	on := newDatasource(t, cluster.settings(map[string]any{"partialAnswers": true, "minStep": "1s"}), nil)
	target := checkoutTarget(map[string]any{"queryType": "functionSeries", "measure": "self"})
	points := func() int {
		answer := queryDataEvery(t, on, cluster.timeRange, 5*time.Second, target)["A"]
		require.NoError(t, answer.Error)
		if noticed := noticesOf(t, answer); len(noticed) > 0 {
			require.Len(t, noticed, 1)
			require.Regexp(t, `^This is only a part: (for \d+ of \d+ steps there are blocks|\d+ of \d+ blocks) .*Reason: query-backend: `, noticed[0])
		}
		_, points := functionPoints(t, answer.Frames[0])
		return len(points)
	}
	whole := points()
	ids := make([]string, 0)
	for _, meta := range cluster.store.Blocks() {
		ids = append(ids, meta.GetId())
	}
	fail := func(ids ...string) {
		for _, server := range cluster.QueryBackends {
			server.Faults().FailBlocks(true, ids...)
		}
	}
	require.Greater(t, whole, 2)
	require.Greater(t, len(ids), 2)
	on = newDatasource(t, cluster.settings(map[string]any{"partialAnswers": true, "minStep": "1s"}), nil) // which has kept nothing
	fail(ids[:len(ids)-1]...)
	part := points()
	require.Positive(t, part)
	require.Less(t, part, whole)

	fail(ids...)
	on = newDatasource(t, cluster.settings(map[string]any{"partialAnswers": true, "minStep": "1s"}), nil)
	answer := queryDataEvery(t, on, cluster.timeRange, 5*time.Second, target)["A"]
	require.ErrorContains(t, answer.Error, "the object storage fails on purpose", "not one step could be read")

	off := newDatasource(t, cluster.settings(map[string]any{"minStep": "1s"}), nil)
	fail(ids[0])
	answer = queryDataEvery(t, off, cluster.timeRange, 5*time.Second, target)["A"]
	require.ErrorContains(t, answer.Error, ids[0])
}

// A block that is gone is told of once, whatever each step has fetched.
func TestShortFunctionSeriesHaveOneNotice(t *testing.T) {
	cluster := startCluster(t)
	for _, meta := range cluster.store.Blocks()[:3] {
		cluster.store.Lose(meta.GetId())
	}
	datasource := newDatasource(t, cluster.settings(map[string]any{"minStep": "1s"}), nil)
	answer := queryDataEvery(t, datasource, cluster.timeRange, 20*time.Second, checkoutTarget(map[string]any{"queryType": "functionSeries", "measure": "self"}))["A"]
	require.NoError(t, answer.Error)
	require.Len(t, noticesOf(t, answer), 1)
	require.Regexp(t, "^This may be too little: ", noticesOf(t, answer)[0])
}
