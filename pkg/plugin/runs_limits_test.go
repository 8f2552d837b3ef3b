package plugin_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/plugin"
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

// A picture that there is no memory for now is left out: nobody waits for it, as those who
// have the memory may wait in turn.
func TestPicturesDoNotWaitForMemory(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, 6*time.Second)
	datasource, budget := newDatasourceWithin(t, cluster.settings(nil), 4<<30)
	datasource.HurryRuns(10, time.Minute, 10)
	v := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile"}))
	for seen := false; !seen; {
		p := progressIn(t, v.poll(t.Context(), t)["A"])
		require.NotNil(t, p)
		seen = p.Done > 0
	}
	time.Sleep(1500 * time.Millisecond) // there is more to see now
	others := budget.Open()
	defer others.Close()
	const ofRequests = 64 << 10
	require.NoError(t, others.Take(t.Context(), budget.Limit()-budget.Used()-ofRequests))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	answer := v.poll(ctx, t)["A"]
	require.NoError(t, ctx.Err(), "the request waits")
	require.Positive(t, progressIn(t, answer).Done)
	require.Empty(t, answer.Frames[0].Fields)
}

// What is whole says so also where nothing is new, though it is of nothing.
func TestWholeTargetsStayWhole(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Second)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	datasource.HurryRuns(100, time.Minute, 10)
	v := view(t, datasource, cluster,
		inRun(map[string]any{"queryType": "profile"}),
		inRun(map[string]any{"refId": "B", "queryType": "profile", "labelSelector": `{service_name="nobody"}`}))
	whole := 0
	for {
		answers := v.poll(t.Context(), t)
		a, b := progressIn(t, answers["A"]), progressIn(t, answers["B"])
		if a == nil {
			break
		}
		switch {
		case b == nil || b.Total > 0 && b.Done == b.Total:
			whole++
		default:
			require.Zero(t, whole, "it was whole before")
		}
	}
	require.Positive(t, whole)
}

// What is wrong with one target is told with each answer of a run, and logged and counted
// with the last.
func TestRefusedTargetsOfARunAreLoggedOnce(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Second)
	lines := plugin.RecordLogs(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	datasource.HurryRuns(10, time.Minute, 10)
	v := view(t, datasource, cluster,
		inRun(map[string]any{"queryType": "profile"}),
		inRun(map[string]any{"refId": "B", "queryType": "profile", "profileTypeId": "what"}))
	polls := 0
	for {
		polls++
		answers := v.poll(t.Context(), t)
		require.ErrorContains(t, answers["B"].Error, "what")
		if progressIn(t, answers["A"]) == nil {
			break
		}
	}
	require.Greater(t, polls, 1)
	require.Len(t, lines(), 2)
}

// A run keeps its answer until its reader asks for it. Those who wait for its memory do not
// make its reader wait behind them; who begins waits for its turn.
func TestReadersOfARunDoNotQueueForMemory(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Minute)
	datasource, budget := newDatasourceWithin(t, cluster.settings(nil), 1<<30)
	datasource.HurryRuns(10, time.Minute, 10)
	v := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile"}))
	first := progressIn(t, v.poll(t.Context(), t)["A"])
	require.NotNil(t, first)
	// What a panel of a variable's many values asks is some kilobytes.
	long := fmt.Sprintf(`{service_name="checkout", pod!~"%s"}`, strings.Repeat("checkout-5d8f7c9b6d-x2x7q|", 300))
	many := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile", "labelSelector": long}))
	firstOfMany := progressIn(t, many.poll(t.Context(), t)["A"])
	require.NotNil(t, firstOfMany)

	const ofRequests = 1 << 20
	has, wants := budget.Open(), budget.Open()
	defer has.Close()
	require.NoError(t, has.Take(t.Context(), budget.Limit()-budget.Used()-ofRequests))
	waits, stop := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	waiting.Go(func() { assert.Error(t, wants.Take(waits, 2*ofRequests)) })
	defer waiting.Wait()
	defer stop()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		return budget.Open().Take(ctx, 1) != nil // there is a queue
	}, time.Second, time.Millisecond)

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	again := progressIn(t, v.poll(ctx, t)["A"])
	require.Equal(t, first.Execution, again.Execution)
	response := many.poll(ctx, t)["A"]
	require.NoError(t, response.Error)
	require.Equal(t, firstOfMany.Execution, progressIn(t, response).Execution)

	other := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile", "maxNodes": 7}))
	short, end := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer end()
	require.ErrorContains(t, other.poll(short, t)["A"].Error, "not enough memory")
}
