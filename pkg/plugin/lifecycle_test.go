package plugin_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// Every change of settings makes a new instance. Of the old ones nothing is left.
func TestAThousandChangesOfSettingsLeaveNothing(t *testing.T) {
	cluster := startCluster(t)
	ignore := goleak.IgnoreCurrent()
	factory := plugin.NewFactory(prometheus.NewRegistry(), memory.NewBudget(4<<30))
	raw, err := json.Marshal(cluster.settings(nil))
	require.NoError(t, err)
	for i := range 1000 {
		instance, err := factory.NewDatasource(context.Background(), backend.DataSourceInstanceSettings{JSONData: raw})
		require.NoError(t, err)
		datasource := instance.(*plugin.Datasource)
		if i%100 == 0 { // connections are made by queries
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile"}))["A"]
			require.NoError(t, answer.Error)
		}
		datasource.Dispose()
	}
	goleak.VerifyNone(t, ignore)
}

// Queries that run when the settings change are answered by the old instance.
func TestDisposeWaitsForTheLastQuery(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for _, server := range cluster.QueryBackends {
		server.Faults().SetDelay(200 * time.Millisecond)
	}
	var answer backend.DataResponse
	var running sync.WaitGroup
	running.Go(func() {
		answer = queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile"}))["A"]
	})
	awaitCall(t, cluster)
	datasource.Dispose()
	running.Wait()
	require.NoError(t, answer.Error)

	late := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile"}))["A"]
	require.Error(t, late.Error)
}

// A panel that is closed takes its calls along.
func TestCancelledPanelsCancelTheirCalls(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for _, server := range cluster.QueryBackends {
		server.Faults().SetHang(true)
	}
	ctx, cancel := context.WithCancel(context.Background())
	raw, err := json.Marshal(checkoutTarget(map[string]any{"queryType": "profile"}))
	require.NoError(t, err)
	answered := make(chan *backend.QueryDataResponse, 1)
	go func() {
		response, _ := datasource.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{{
			RefID: "A", TimeRange: cluster.timeRange, JSON: raw,
		}}})
		answered <- response
	}()
	awaitCall(t, cluster)
	cancel()
	response := <-answered
	require.Error(t, response.Responses["A"].Error)
	for _, server := range cluster.QueryBackends {
		require.NoError(t, server.Faults().AwaitInFlight(context.Background(), 0))
	}
}

// awaitCall waits until a query-backend works on a call.
func awaitCall(t *testing.T, cluster cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	arrived := make(chan struct{}, len(cluster.QueryBackends))
	for _, server := range cluster.QueryBackends {
		go func() {
			if server.Faults().AwaitInFlight(ctx, 1) == nil {
				arrived <- struct{}{}
			}
		}()
	}
	select {
	case <-arrived:
	case <-ctx.Done():
		require.Fail(t, "no query-backend was called")
	}
}
