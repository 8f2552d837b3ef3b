package plugin_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// Warnings are for whoever runs the cluster. What users do is none.
func TestUsersMistakesAreNoWarnings(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, change := range map[string]map[string]any{
		"a selector half typed": {"labelSelector": `{service_name="che`},
		"no profile type":       {"profileTypeId": ""},
		"no such query type":    {"queryType": "flamegraph"},
		"a negative limit":      {"queryType": "metrics", "limit": -1},
		"half a baseline":       {"queryType": "diff"},
	} {
		t.Run(name, func(t *testing.T) {
			lines := plugin.RecordLogs(t)
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(change))["A"]
			require.Error(t, answer.Error)
			require.Len(t, lines(), 1)
			require.Equal(t, "info", lines()[0].Level)
			require.Equal(t, "Query was refused", lines()[0].Message)
			require.NotEmpty(t, lines()[0].Fields["error"])
		})
	}
	t.Run("the cluster's trouble is one", func(t *testing.T) {
		lines := plugin.RecordLogs(t)
		for _, server := range cluster.QueryBackends {
			server.Faults().Fail(codes.InvalidArgument, 1, 1)
		}
		require.Error(t, queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile"}))["A"].Error)
		require.Equal(t, "warn", lines()[0].Level)
	})
}

func TestACancelledQueryIsNoWarning(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for _, server := range cluster.QueryBackends {
		server.Faults().SetHang(true)
	}
	lines := plugin.RecordLogs(t)
	ctx, leave := context.WithCancel(context.Background())
	raw, err := json.Marshal(checkoutTarget(map[string]any{"queryType": "profile"}))
	require.NoError(t, err)
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = datasource.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", TimeRange: cluster.timeRange, JSON: raw}}})
	}()
	awaitCall(t, cluster)
	leave()
	<-answered
	require.Len(t, lines(), 1)
	require.Equal(t, "info", lines()[0].Level)
	require.Equal(t, "Query was cancelled", lines()[0].Message)
}

// A query that fails its checks is logged with what it asked for, not with 1970.
func TestARefusedQueryIsLoggedWithItsRange(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"maxQueryLength": "1m"}), nil)
	lines := plugin.RecordLogs(t)
	raw, err := json.Marshal(checkoutTarget(map[string]any{"queryType": "metrics"}))
	require.NoError(t, err)
	response, err := datasource.QueryData(context.Background(), &backend.QueryDataRequest{
		Headers: map[string]string{backend.FromAlertHeaderName: "true"}, // an alert rule: a panel's range is cut
		Queries: []backend.DataQuery{{RefID: "A", TimeRange: cluster.timeRange, JSON: raw}},
	})
	require.NoError(t, err)
	require.Error(t, response.Responses["A"].Error)
	require.NotContains(t, lines()[0].Fields["query"], "1970")
	require.Contains(t, lines()[0].Fields["query"], cluster.timeRange.From.UTC().Format(time.RFC3339))
	require.Contains(t, lines()[0].Fields["query"], `service_name="checkout"`)
}
