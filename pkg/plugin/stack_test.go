package plugin_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

const (
	cpuType  = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
	heapType = "memory:inuse_space:bytes:space:bytes"
)

// firstProfile is when the recorded profiles of every test stack begin: a fixed
// time, so that answers can be compared with golden files.
var firstProfile = time.UnixMilli(1_700_000_000_000)

// cluster is an embedded stack with the recorded profiles.
type cluster struct {
	*devstack.Stack
	store     *blockstore.Store
	timeRange backend.TimeRange
}

func startCluster(t testing.TB, tenants ...string) cluster {
	t.Helper()
	if len(tenants) == 0 {
		tenants = []string{"anonymous"}
	}
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	store := blockstore.New()
	last := time.Duration(0)
	for _, r := range recordings {
		last = max(last, r.Offset())
	}
	for _, tenant := range tenants {
		require.NoError(t, devstack.Load(store, tenant, recordings, firstProfile))
	}
	stack, err := devstack.Start(store, devstack.Config{MetastoreNodes: 1, QueryBackends: 3})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	return cluster{Stack: stack, store: store, timeRange: backend.TimeRange{From: firstProfile.Add(-time.Minute), To: firstProfile.Add(last + time.Minute)}}
}

// settings are the jsonData of a data source of the cluster.
func (c cluster) settings(changes map[string]any) map[string]any {
	settings := map[string]any{
		"metastoreAddress":    c.MetastoreAddress(),
		"queryBackendAddress": c.QueryBackendAddress(),
		"maxQueryLookback":    "0",
	}
	for name, value := range changes {
		settings[name] = value
	}
	return settings
}

// newDatasourceWithin has a budget of its own.
func newDatasourceWithin(t testing.TB, settings map[string]any, bytes int64) (*plugin.Datasource, *memory.Budget) {
	t.Helper()
	budget := memory.NewBudget(bytes)
	raw, err := json.Marshal(settings)
	require.NoError(t, err)
	instance, err := plugin.NewFactory(prometheus.NewRegistry(), budget).NewDatasource(context.Background(), backend.DataSourceInstanceSettings{JSONData: raw})
	require.NoError(t, err)
	datasource := instance.(*plugin.Datasource)
	t.Cleanup(datasource.Dispose)
	return datasource, budget
}

func newDatasource(t testing.TB, settings map[string]any, secrets map[string]string) *plugin.Datasource {
	t.Helper()
	raw, err := json.Marshal(settings)
	require.NoError(t, err)
	instance, err := plugin.NewFactory(prometheus.NewRegistry(), memory.NewBudget(4<<30)).NewDatasource(context.Background(), backend.DataSourceInstanceSettings{JSONData: raw, DecryptedSecureJSONData: secrets})
	require.NoError(t, err)
	datasource := instance.(*plugin.Datasource)
	t.Cleanup(datasource.Dispose)
	return datasource
}

// queryData asks targets given as in a dashboard's JSON, in the cluster's range.
func queryData(t testing.TB, datasource *plugin.Datasource, timeRange backend.TimeRange, targets ...map[string]any) backend.Responses {
	t.Helper()
	return queryDataWith(t, datasource, timeRange, nil, targets...)
}

func queryDataWith(t testing.TB, datasource *plugin.Datasource, timeRange backend.TimeRange, headers map[string]string, targets ...map[string]any) backend.Responses {
	t.Helper()
	return ask(t, datasource, timeRange, 15*time.Second, headers, targets...)
}

// queryDataEvery asks for a step of its own.
func queryDataEvery(t testing.TB, datasource *plugin.Datasource, timeRange backend.TimeRange, interval time.Duration, targets ...map[string]any) backend.Responses {
	t.Helper()
	return ask(t, datasource, timeRange, interval, nil, targets...)
}

func ask(t testing.TB, datasource *plugin.Datasource, timeRange backend.TimeRange, interval time.Duration, headers map[string]string, targets ...map[string]any) backend.Responses {
	t.Helper()
	request := &backend.QueryDataRequest{Headers: headers}
	for _, target := range targets {
		raw, err := json.Marshal(target)
		require.NoError(t, err)
		queryType, _ := target["queryType"].(string)
		request.Queries = append(request.Queries, backend.DataQuery{
			RefID:     target["refId"].(string),
			QueryType: queryType,
			TimeRange: timeRange,
			Interval:  interval,
			JSON:      raw,
		})
	}
	response, err := datasource.QueryData(context.Background(), request)
	require.NoError(t, err)
	return response.Responses
}
