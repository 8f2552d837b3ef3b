package plugin_test

import (
	"context"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// A tenant that is misspelt has no data, and no error either.
func TestCheckHealthHintsAtTenantsWithoutData(t *testing.T) {
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	store := blockstore.New()
	require.NoError(t, devstack.Load(store, "a", recordings, firstProfile))
	store.Compact()
	stack, err := devstack.Start(store, devstack.Config{})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	for tenant, hint := range map[string]bool{"a": false, "nosuch": true} {
		datasource := newDatasource(t, cluster{Stack: stack}.settings(map[string]any{"tenants": []string{tenant}}), nil)
		health, err := datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
		require.NoError(t, err)
		require.Equal(t, backend.HealthStatusOk, health.Status)
		const text = `The metastore lists no compacted data of tenant "nosuch": if the tenant has sent profiles for more than a few minutes, check its name.`
		if hint {
			require.Contains(t, health.Message, text)
		} else {
			require.NotContains(t, health.Message, "no compacted data")
		}
	}
}
