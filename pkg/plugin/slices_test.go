package plugin_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// startCompactedCluster is a cluster whose blocks stay as they are: those that are to be
// compacted soon are not kept.
func startCompactedCluster(t testing.TB) cluster {
	t.Helper()
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	store := blockstore.New()
	require.NoError(t, devstack.Load(store, "anonymous", recordings, firstProfile))
	for range blockstore.MaxCompactionLevel {
		store.Compact()
	}
	stack, err := devstack.Start(store, devstack.Config{MetastoreNodes: 1, QueryBackends: 1})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	return cluster{Stack: stack, timeRange: backend.TimeRange{From: firstProfile.Add(-time.Minute), To: firstProfile.Add(time.Hour)}}
}

// What a refresh reuses is seen beside what it reads; a data source that keeps nothing
// reads all of it each time, and shows the same.
func TestReuseIsSeen(t *testing.T) {
	cluster := startCompactedCluster(t)
	for name, test := range map[string]struct {
		settings map[string]any
		reuses   bool
	}{
		"by default": {reuses: true},
		"off":        {settings: map[string]any{"cacheMaxBytes": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			datasource := newDatasource(t, cluster.settings(test.settings), nil)
			type seen struct{ fetched, reused float64 }
			look := func(queryType string) (seen, string) {
				answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": queryType}))["A"]
				require.NoError(t, answer.Error)
				stats := make(map[string]float64)
				for _, stat := range answer.Frames[0].Meta.Stats {
					stats[stat.DisplayName] = stat.Value
				}
				shown, err := answer.Frames[0].MarshalJSON()
				require.NoError(t, err)
				return seen{stats["Bytes fetched"], stats["Bytes reused"]}, answer.Frames[0].Meta.ExecutedQueryString + string(shown)
			}
			first, _ := look("profile")
			require.Positive(t, first.fetched)
			require.Zero(t, first.reused, "the first time, nothing is kept")
			second, _ := look("profile")
			require.InDelta(t, first.fetched, second.fetched, 0.1*first.fetched)
			third, text := look("profile")
			_, plan := look("plan")
			if !test.reuses {
				require.Equal(t, first, third)
				require.NotContains(t, plan, "REUSED")
				return
			}
			require.Less(t, third.fetched, 0.5*first.fetched)
			require.InDelta(t, first.fetched, third.fetched+third.reused, 0.1*first.fetched)
			require.Contains(t, text, "\nreused: ")
			require.Contains(t, text, "\n  Reuse checkout: ")
			require.Contains(t, plan, "Reuse checkout")
		})
	}
}

// Native code is kept without names, which it gets when it is shown: all is reused, whether
// or not it has names.
func TestNativeCodeIsReused(t *testing.T) {
	cluster := startCompactedCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	look := func(queryType string) (reused float64, shown string) {
		answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": queryType, "labelSelector": `{service_name="search"}`}))["A"]
		require.NoError(t, answer.Error)
		for _, stat := range answer.Frames[0].Meta.Stats {
			if stat.DisplayName == "Bytes reused" {
				reused = stat.Value
			}
		}
		values, err := json.Marshal(answer.Frames[0].Fields)
		require.NoError(t, err)
		return reused, string(values)
	}
	for _, queryType := range []string{"metrics", "heatmap", "profile", "both", "topFunctions"} {
		t.Run(queryType, func(t *testing.T) {
			_, first := look(queryType)
			look(queryType)
			reused, third := look(queryType)
			require.Equal(t, first, third)
			require.Positive(t, reused)
			require.Equal(t, queryType == "profile" || queryType == "both", strings.Contains(third, "!0x"), "search has native code")
		})
	}
}
