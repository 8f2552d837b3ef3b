package plugin_test

import (
	"context"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// A tenant that is misspelt finds nothing, and no query of it fails: where others have
// data, it is not well. In a cluster without any, it may be the first.
func TestCheckHealthOfTenantsWithoutData(t *testing.T) {
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	for name, test := range map[string]struct {
		has, tenant string
		compacted   bool
		ok          bool
		message     string
	}{
		"its own data":             {has: "a", tenant: "a", compacted: true, ok: true, message: "A block was read of 1 of 1 tenants."},
		"data of others":           {has: "a", tenant: "nosuch", compacted: true, message: `Nothing is found for tenant "nosuch": there are no profiles of it, but of other tenants (1): check the name. A tenant that is new is found as soon as it has sent profiles.`},
		"data of no tenant":        {has: "anonymous", tenant: "a", compacted: true, message: `but of the tenant "anonymous", as in a cluster without multi-tenancy: leave the tenants empty, or check the name.`},
		"nothing at all":           {tenant: "a", ok: true, message: `The metastore lists no compacted data of tenant "a": if the tenant has sent profiles for more than a few minutes, check its name.`},
		"nothing compacted so far": {has: "a", tenant: "b", ok: true, message: `no compacted data of tenant "b"`},
	} {
		t.Run(name, func(t *testing.T) {
			store := blockstore.New()
			if test.has != "" {
				require.NoError(t, devstack.Load(store, test.has, recordings, firstProfile))
			}
			if test.compacted {
				store.Compact()
			}
			stack, err := devstack.Start(store, devstack.Config{})
			require.NoError(t, err)
			t.Cleanup(stack.Close)
			datasource := newDatasource(t, cluster{Stack: stack}.settings(map[string]any{"tenants": []string{test.tenant}}), nil)
			for range 2 { // it stays so
				health, err := datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
				require.NoError(t, err)
				require.Equal(t, test.ok, health.Status == backend.HealthStatusOk, health.Message)
				require.Contains(t, health.Message, test.message)
			}
		})
	}
}
