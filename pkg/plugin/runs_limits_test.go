package plugin_test

import (
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Queries that are no runs, as there are too many, end when their time is over as any
// other, also where they only wait for their turn.
func TestTheTimeoutHoldsWithoutAPlace(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Minute)
	datasource := newDatasource(t, cluster.settings(map[string]any{"timeout": "1s", "maxConcurrentQueries": 1}), nil)
	datasource.HurryRuns(10, time.Minute, 0)
	var polling sync.WaitGroup
	began := time.Now()
	for i := range 4 {
		v := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile", "maxNodes": 100 + i}))
		polling.Go(func() {
			answer := v.poll(t.Context(), t)["A"]
			assert.Equal(t, backend.StatusTimeout, answer.Status, answer.Error)
		})
	}
	polling.Wait()
	require.Less(t, time.Since(began), 2*time.Second)
}

// The time of a run is that of any query, however often it is asked for.
func TestTheTimeoutIsThatOfTheRun(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Minute)
	datasource, budget := newDatasourceWithin(t, cluster.settings(map[string]any{"timeout": "1s"}), 4<<30)
	datasource.HurryRuns(10, time.Minute, 10)
	v := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile"}))
	began := time.Now()
	for {
		answer := v.poll(t.Context(), t)["A"]
		if answer.Error != nil {
			t.Log(answer.Error)
			require.Equal(t, backend.StatusTimeout, answer.Status)
			break
		}
		require.Less(t, time.Since(began), 5*time.Second)
	}
	require.Zero(t, datasource.Runs())
	require.Eventually(t, func() bool { return budget.Used() == 0 && inFlight(cluster) == 0 }, time.Second, time.Millisecond)
}
