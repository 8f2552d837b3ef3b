package plugin_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What a refresh reuses is seen beside what it reads; a data source that keeps nothing
// reads all of it each time, and shows the same.
func TestReuseIsSeen(t *testing.T) {
	cluster := startCluster(t)
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
