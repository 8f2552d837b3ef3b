package plugin_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

func TestCheckHealth(t *testing.T) {
	for name, test := range map[string]struct {
		breaks   func(cluster)
		status   backend.HealthStatus
		messages []string
	}{
		"both answer": {
			breaks:   func(cluster) {},
			status:   backend.HealthStatusOk,
			messages: []string{"Metastore answers: 127.0.0.1:", "Query-backend answers: 127.0.0.1:"},
		},
		"no metastore": {
			breaks:   func(c cluster) { _ = c.Metastore.Stop(0) },
			status:   backend.HealthStatusError,
			messages: []string{"Metastore cannot be reached at 127.0.0.1:", "connection refused", "Query-backend answers"},
		},
		"no query-backend": {
			breaks: func(c cluster) {
				for _, server := range c.QueryBackends {
					server.Stop()
				}
			},
			status:   backend.HealthStatusError,
			messages: []string{"Metastore answers", "Query-backend cannot be reached at 127.0.0.1:", "connection refused"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := startCluster(t)
			test.breaks(cluster)
			datasource := newDatasource(t, cluster.settings(nil), nil)
			health, err := datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
			require.NoError(t, err)
			require.Equal(t, test.status, health.Status, health.Message)
			for _, message := range test.messages {
				require.Contains(t, health.Message, message)
			}
			var details struct{ Metastore, QueryBackend struct{ Address string } }
			require.NoError(t, json.Unmarshal(health.JSONDetails, &details))
			require.Equal(t, cluster.MetastoreAddress(), details.Metastore.Address)
			require.Equal(t, cluster.QueryBackendAddress(), details.QueryBackend.Address)
		})
	}
}

func TestCheckHealthWarnsOfCredentialsInPlainText(t *testing.T) {
	settings := map[string]any{"metastoreAddress": "metastore.invalid:9095", "queryBackendAddress": "127.0.0.1:1"}
	datasource := newDatasource(t, settings, map[string]string{"bearerToken": "hunter2"})
	health, err := datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
	require.NoError(t, err)
	require.Contains(t, health.Message, "credentials are sent without TLS")
	require.NotContains(t, health.Message, "hunter2")
}
