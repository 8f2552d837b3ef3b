package plugin_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

// The HTTP port answers too, but to nothing that is asked here.
func TestCheckHealthOfAnHTTPPort(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	datasource := newDatasource(t, map[string]any{"metastoreAddress": address, "queryBackendAddress": address}, nil)
	health, err := datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
	require.NoError(t, err)
	require.Equal(t, backend.HealthStatusError, health.Status)
	const hint = ": this is an HTTP port: give the gRPC port, 9095 by default"
	require.Contains(t, health.Message, "Metastore cannot be reached at "+address+": metastore"+hint)
	require.Contains(t, health.Message, "Query-backend cannot be reached at "+address+": query-backend"+hint)
}
