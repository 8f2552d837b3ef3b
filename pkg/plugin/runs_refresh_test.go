package plugin_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/profilegen"
)

// startEvenCluster has so many blocks of the same profiles of checkout, one after the other,
// which stay as they are.
func startEvenCluster(t *testing.T, blocks int) cluster {
	t.Helper()
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	recordings = slices.DeleteFunc(recordings, func(r *profilegen.Recording) bool {
		return r.Service != "checkout" || r.Kind != profilegen.CPU || r.OffsetMillis > 30_000
	})
	require.NotEmpty(t, recordings)
	store := blockstore.New()
	for i := range blocks {
		require.NoError(t, devstack.Load(store, "anonymous", recordings, firstProfile.Add(time.Duration(i)*time.Minute)))
		for range blockstore.MaxCompactionLevel {
			store.Compact()
		}
	}
	c := startFineClusterOf(t, store)
	c.timeRange = backend.TimeRange{From: firstProfile.Add(-time.Minute), To: firstProfile.Add(time.Duration(blocks+1) * time.Minute)}
	return c
}

// A dashboard that is refreshed before its queries are answered cancels them, and asks
// anew, over a range that ends later. What was read until then is kept, so that the panel
// becomes whole all the same.
func TestRefreshesBeforeTheAnswerIsWhole(t *testing.T) {
	cluster := startEvenCluster(t, 12)
	const whole = 2400 * time.Millisecond
	slowDown(t, cluster, whole)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	datasource.HurryRuns(10, time.Minute, 10)
	refresh := func(n int) (isWhole bool) {
		moved, by := cluster, time.Duration(n)*5*time.Second
		moved.timeRange = backend.TimeRange{From: cluster.timeRange.From.Add(by), To: cluster.timeRange.To.Add(by)}
		v := view(t, datasource, moved, inRun(map[string]any{"queryType": "profile", "progress": map[string]any{"run": fmt.Sprint(someRun, n)}}))
		ctx, cancel := context.WithTimeout(t.Context(), whole/2)
		defer cancel()
		for {
			answer := v.poll(ctx, t)["A"]
			if ctx.Err() != nil {
				return false
			}
			if progressIn(t, answer) == nil {
				return true
			}
		}
	}
	refreshes := 1
	for !refresh(refreshes) {
		require.Less(t, refreshes, 15)
		refreshes++
	}
	t.Logf("whole with refresh %d", refreshes)
	require.Greater(t, refreshes, 1, "it is not slow")
}
