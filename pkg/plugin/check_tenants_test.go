package plugin_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
)

// A strictMetastore has rules of its own for QueryMetadata, which its probe does not
// know: GetTenant works all the same.
type strictMetastore struct {
	*metastore.Server
	refuse func(*metastorev1.QueryMetadataRequest) error
}

func (s strictMetastore) QueryMetadata(ctx context.Context, r *metastorev1.QueryMetadataRequest) (*metastorev1.QueryMetadataResponse, error) {
	if err := s.refuse(r); err != nil {
		return nil, err
	}
	return s.Server.QueryMetadata(ctx, r)
}

// A secretiveMetastore keeps the names of its tenants to itself.
type secretiveMetastore struct{ *metastore.Server }

func (secretiveMetastore) GetTenants(context.Context, *metastorev1.GetTenantsRequest) (*metastorev1.GetTenantsResponse, error) {
	return nil, status.Error(codes.Unimplemented, "not here")
}

// A slowMetastore knows whose data it has before it knows how much that is.
type slowMetastore struct{ *metastore.Server }

func (slowMetastore) GetTenant(context.Context, *metastorev1.GetTenantRequest) (*metastorev1.GetTenantResponse, error) {
	return &metastorev1.GetTenantResponse{Stats: new(metastorev1.TenantStats)}, nil
}

func (slowMetastore) QueryMetadata(context.Context, *metastorev1.QueryMetadataRequest) (*metastorev1.QueryMetadataResponse, error) {
	return new(metastorev1.QueryMetadataResponse), nil
}

// An emptyBackend reads an object store that has nothing.
type emptyBackend struct {
	queryv1.UnimplementedQueryBackendServiceServer
}

func (emptyBackend) Invoke(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	return new(queryv1.InvokeResponse), nil
}

// compacted is a store with the recorded profiles for tenants, in compacted blocks.
func compacted(t *testing.T, tenants ...string) *blockstore.Store {
	t.Helper()
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	store := blockstore.New()
	for _, tenant := range tenants {
		require.NoError(t, devstack.Load(store, tenant, recordings, firstProfile))
	}
	store.Compact()
	return store
}

// A tenantMetastore has what "Save & test" asks of a metastore.
type tenantMetastore interface {
	metastorev1.MetadataQueryServiceServer
	metastorev1.TenantServiceServer
}

// serveMetastore serves a metastore, and returns its address.
func serveMetastore(t *testing.T, m tenantMetastore) string {
	t.Helper()
	return serve(t, func(server *grpc.Server) {
		metastorev1.RegisterMetadataQueryServiceServer(server, m)
		metastorev1.RegisterTenantServiceServer(server, m)
	})
}

// That services answer does not say that queries do.
func TestCheckHealthAsksWhatAQueryAsks(t *testing.T) {
	abc := []string{"a", "b", "c"}
	store := compacted(t, abc...)
	for name, test := range map[string]struct {
		change   func(t *testing.T, c cluster, settings map[string]any)
		ok       bool
		messages []string
		without  string
	}{
		"all well": {
			change:   func(*testing.T, cluster, map[string]any) {},
			ok:       true,
			messages: []string{"A block was read of 3 of 3 tenants."},
			without:  "fails",
		},
		"one tenant of three is refused": {
			change: func(t *testing.T, _ cluster, settings map[string]any) {
				settings["metastoreAddress"] = serveMetastore(t, strictMetastore{metastore.NewServer(store), func(r *metastorev1.QueryMetadataRequest) error {
					if strings.Join(r.GetTenantId(), "") == "b" {
						return status.Error(codes.PermissionDenied, "tenant b is not yours")
					}
					return nil
				}})
			},
			messages: []string{"Metastore answers", "Query-backend answers", `A query of tenant "b" fails: metastore`, "tenant b is not yours", "A block was read of 2 of 3 tenants."},
			without:  `tenant "a" fails`,
		},
		"no leader for queries": {
			change: func(t *testing.T, _ cluster, settings map[string]any) {
				settings["timeout"] = "2s"
				settings["metastoreAddress"] = serveMetastore(t, strictMetastore{metastore.NewServer(store), func(*metastorev1.QueryMetadataRequest) error {
					return status.Error(codes.Unavailable, "no leader")
				}})
			},
			messages: []string{"Metastore answers", `A query of tenant "a" fails: metastore`, "no leader", `tenant "c" fails`},
		},
		"no leader at all": {
			change: func(_ *testing.T, c cluster, settings map[string]any) {
				settings["timeout"] = "2s"
				c.Metastore.NoLeader()
			},
			messages: []string{"Metastore cannot be reached"},
			without:  "A block was read",
		},
		"an object store that fails": {
			change: func(_ *testing.T, c cluster, _ map[string]any) {
				c.QueryBackends[0].Faults().Fail(codes.Internal, 1, 1)
			},
			messages: []string{"Metastore answers", `A query of tenant "a" fails: query-backend`},
		},
		"an object store that hangs": {
			change: func(_ *testing.T, c cluster, settings map[string]any) {
				settings["timeout"] = "500ms"
				c.QueryBackends[0].Faults().SetHang(true)
			},
			messages: []string{"Metastore answers", "Query-backend cannot be reached", "no answer within"},
		},
		"an object store that answers nothing": {
			change: func(t *testing.T, _ cluster, settings map[string]any) {
				settings["queryBackendAddress"] = serve(t, func(server *grpc.Server) {
					queryv1.RegisterQueryBackendServiceServer(server, emptyBackend{})
				})
			},
			messages: []string{"Query-backend answers", `A query of tenant "a" fails: query-backend read block`, "found nothing in it"},
		},
		"one name is misspelt": {
			change: func(_ *testing.T, _ cluster, settings map[string]any) {
				settings["tenants"] = []string{"a", "bb"}
			},
			messages: []string{"A block was read of 1 of 2 tenants.", `Nothing is found for tenant "bb": there are no profiles of it, but of other tenants (3): check the name.`},
		},
		"the default tenant of a cluster with several": {
			change: func(_ *testing.T, _ cluster, settings map[string]any) {
				delete(settings, "tenants")
			},
			messages: []string{`Nothing is found for tenant "anonymous": there are no profiles of it, but of other tenants (3): name the tenants to read.`},
		},
		"a metastore that does not say whose data it has": {
			change: func(t *testing.T, _ cluster, settings map[string]any) {
				settings["tenants"] = []string{"bb"}
				settings["metastoreAddress"] = serveMetastore(t, secretiveMetastore{metastore.NewServer(store)})
			},
			ok:       true,
			messages: []string{`The metastore lists no compacted data of tenant "bb"`},
		},
		"a tenant whose first data has just come": {
			change: func(t *testing.T, _ cluster, settings map[string]any) {
				settings["tenants"] = []string{"a"}
				settings["metastoreAddress"] = serveMetastore(t, slowMetastore{metastore.NewServer(store)})
			},
			ok:       true,
			messages: []string{`The metastore lists no compacted data of tenant "a"`},
			without:  "Nothing is found",
		},
		"no query-backend": {
			change: func(_ *testing.T, c cluster, _ map[string]any) {
				c.QueryBackends[0].Stop()
			},
			messages: []string{"Query-backend cannot be reached"},
			without:  "A query of tenant",
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack, err := devstack.Start(store, devstack.Config{})
			require.NoError(t, err)
			t.Cleanup(stack.Close)
			cluster := cluster{Stack: stack}
			settings := cluster.settings(map[string]any{"tenants": abc})
			test.change(t, cluster, settings)
			datasource := newDatasource(t, settings, nil)
			began := time.Now()
			health, err := datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
			require.NoError(t, err)
			require.Less(t, time.Since(began), 12*time.Second)
			require.Equal(t, test.ok, health.Status == backend.HealthStatusOk, health.Message)
			for _, message := range test.messages {
				require.Contains(t, health.Message, message)
			}
			if test.without != "" {
				require.NotContains(t, health.Message, test.without)
			}
			var details struct {
				Tenants []struct {
					Tenant, Block, Error string
					OK                   bool
				}
			}
			require.NoError(t, json.Unmarshal(health.JSONDetails, &details))
			for _, tenant := range details.Tenants {
				require.Equal(t, tenant.OK, tenant.Error == "")
			}
		})
	}
}

// A name that no tenant can have finds nothing, and says nothing.
func TestTenantsThatCannotBe(t *testing.T) {
	for tenant, message := range map[string]string{
		"t1:":                    `tenants: entry 2 is "t1:", a tenant has no ':' in it: allowed are the letters a to z and A to Z, digits, and !-_.*'()`,
		"t1:product=k6":          "a tenant has no ':' in it",
		"a|b":                    "list several tenants one by one",
		"a b":                    "a tenant has no ' ' in it",
		"a/b":                    "a tenant has no '/' in it",
		"tönant":                 "a tenant has no 'ö' in it",
		".":                      "a place in a path",
		"..":                     "a place in a path",
		strings.Repeat("a", 151): "which has 151 characters: a tenant has at most 150",
		"a\n":                    "begin or end with a space",
		"$tenant":                "a tenant has no '$' in it",
		"\xff":                   "a tenant has no",
	} {
		t.Run(tenant, func(t *testing.T) {
			datasource := newDatasource(t, map[string]any{
				"metastoreAddress": "127.0.0.1:1", "queryBackendAddress": "127.0.0.1:1", "tenants": []string{"fine", tenant},
			}, nil)
			health, err := datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
			require.NoError(t, err)
			require.Equal(t, backend.HealthStatusError, health.Status)
			require.Contains(t, health.Message, message)
		})
	}
	for _, tenant := range []string{"anonymous", "1", "a-b_c.d", "(it's!)*", "...", strings.Repeat("a", 150)} {
		datasource := newDatasource(t, map[string]any{
			"metastoreAddress": "127.0.0.1:1", "queryBackendAddress": "127.0.0.1:1", "tenants": []string{tenant}, "timeout": "100ms",
		}, nil)
		health, err := datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
		require.NoError(t, err)
		require.Contains(t, health.Message, "Metastore cannot be reached", tenant)
	}
}
