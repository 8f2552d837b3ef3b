package plugin_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// Series of failures are there before any failure: a rate needs a point before.
func TestMetricsBeginAtZero(t *testing.T) {
	registry := prometheus.NewRegistry()
	plugin.NewFactory(registry, memory.NewBudget(4<<30))
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP pyrofront_rpc_retries_total Further attempts at an RPC, after a transient failure.
# TYPE pyrofront_rpc_retries_total counter
pyrofront_rpc_retries_total{service="metastore"} 0
pyrofront_rpc_retries_total{service="query-backend"} 0
# HELP pyrofront_rpc_hedges_total Second attempts at a metadata read that takes unusually long.
# TYPE pyrofront_rpc_hedges_total counter
pyrofront_rpc_hedges_total{service="metastore"} 0
pyrofront_rpc_hedges_total{service="query-backend"} 0
`), "pyrofront_rpc_retries_total", "pyrofront_rpc_hedges_total"))
}

func TestMetrics(t *testing.T) {
	cluster := startCluster(t)
	raw, err := json.Marshal(cluster.settings(nil))
	require.NoError(t, err)
	registry := prometheus.NewRegistry()
	instance, err := plugin.NewFactory(registry, memory.NewBudget(4<<30)).NewDatasource(context.Background(), backend.DataSourceInstanceSettings{JSONData: raw})
	require.NoError(t, err)
	datasource := instance.(*plugin.Datasource)
	defer datasource.Dispose()

	queryData(t, datasource, cluster.timeRange,
		checkoutTarget(map[string]any{"queryType": "profile"}),
		checkoutTarget(map[string]any{"refId": "B", "queryType": "profile", "profileTypeId": "bad"}),
		checkoutTarget(map[string]any{"refId": "C", "queryType": "whatever users write"}),
	)
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP pyrofront_queries_total Targets of panels and alert rules, by query type and by outcome: ok or the code of the error.
# TYPE pyrofront_queries_total counter
pyrofront_queries_total{outcome="invalid_argument",type="profile"} 1
pyrofront_queries_total{outcome="invalid_argument",type="unknown"} 1
pyrofront_queries_total{outcome="ok",type="profile"} 1
`), "pyrofront_queries_total"))
	families, err := registry.Gather()
	require.NoError(t, err)
	values := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			values[family.GetName()] += metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	for _, name := range []string{
		"pyrofront_planned_blocks_total", "pyrofront_planned_datasets_total", "pyrofront_estimated_bytes_total",
		"pyrofront_fetched_bytes_total", "pyrofront_step_duration_seconds", "pyrofront_rpc_attempts_total",
	} {
		require.Positive(t, values[name], name)
	}
}
