package plugin_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// Whatever became of queries, their memory is given back.
func TestMemoryIsGivenBack(t *testing.T) {
	cluster := startCluster(t)
	budget := memory.NewBudget(4 << 30)
	raw, err := json.Marshal(cluster.settings(nil))
	require.NoError(t, err)
	instance, err := plugin.NewFactory(prometheus.NewRegistry(), budget).NewDatasource(t.Context(), backend.DataSourceInstanceSettings{JSONData: raw})
	require.NoError(t, err)
	datasource := instance.(*plugin.Datasource)
	defer datasource.Dispose()
	kinds := []string{"profile", "metrics", "both", "topFunctions", "diff", "heatmap", "plan", "nonsense"}
	for i := range 400 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+i%5*20)*time.Millisecond) // some leave
		var queries []backend.DataQuery
		for _, id := range []string{"A", "B"} {
			q, err := json.Marshal(checkoutTarget(map[string]any{"refId": id, "queryType": kinds[i%len(kinds)], "exemplars": "individual"}))
			require.NoError(t, err)
			queries = append(queries, backend.DataQuery{RefID: id, TimeRange: cluster.timeRange, Interval: 15 * time.Second, JSON: q})
		}
		_, _ = datasource.QueryData(ctx, &backend.QueryDataRequest{Queries: queries})
		cancel()
	}
	require.Eventually(t, func() bool { return budget.Used() == 0 }, 10*time.Second, 10*time.Millisecond, "runs that were left end a moment later")
}
