package plugin_test

import (
	"context"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// emptyMetastore has no blocks.
type emptyMetastore struct {
	metastorev1.UnimplementedMetadataQueryServiceServer
}

func (emptyMetastore) QueryMetadataLabels(context.Context, *metastorev1.QueryMetadataLabelsRequest) (*metastorev1.QueryMetadataLabelsResponse, error) {
	return new(metastorev1.QueryMetadataLabelsResponse), nil
}

func (emptyMetastore) QueryMetadata(context.Context, *metastorev1.QueryMetadataRequest) (*metastorev1.QueryMetadataResponse, error) {
	return new(metastorev1.QueryMetadataResponse), nil
}

// Every server of a cluster answers gRPC's health check: only the service itself
// tells whether it is there.
func TestCheckHealthAsksTheServicesThemselves(t *testing.T) {
	healthy := func(register ...func(*grpc.Server)) string {
		return serve(t, func(server *grpc.Server) {
			grpc_health_v1.RegisterHealthServer(server, health.NewServer())
			for _, r := range register {
				r(server)
			}
		})
	}
	metastore := func(server *grpc.Server) { metastorev1.RegisterMetadataQueryServiceServer(server, emptyMetastore{}) }
	queryBackend := func(code codes.Code) func(*grpc.Server) {
		return func(server *grpc.Server) {
			queryv1.RegisterQueryBackendServiceServer(server, fakeBackend{invoke: func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
				return nil, status.Error(code, "query plan: unknown node type UNKNOWN")
			}})
		}
	}
	backendOnly := healthy(queryBackend(codes.InvalidArgument))
	metastoreOnly := healthy(metastore)
	both := healthy(metastore, queryBackend(codes.Unknown))
	neither := healthy()
	forbidden := healthy(queryBackend(codes.PermissionDenied))
	for name, test := range map[string]struct {
		metastore, queryBackend string
		ok                      bool
		messages                []string
	}{
		"as it should be": {metastoreOnly, backendOnly, true, nil},
		"one process":     {both, both, true, nil},
		"swapped": {backendOnly, metastoreOnly, false, []string{
			"Metastore: a server answers at " + backendOnly + ", but it is a query-backend: is the address swapped with that of the query-backend?",
			"Query-backend: a server answers at " + metastoreOnly + ", but it is a metastore: is the address swapped with that of the metastore?",
		}},
		"twice the metastore":     {metastoreOnly, metastoreOnly, false, []string{"Metastore answers", "Query-backend: a server answers at " + metastoreOnly + ", but it is a metastore"}},
		"twice the query-backend": {backendOnly, backendOnly, false, []string{"but it is a query-backend", "Query-backend answers"}},
		"another service":         {neither, neither, false, []string{"but it is no metastore: is the address that of another service?", "but it is no query-backend"}},
		"no permission":           {metastoreOnly, forbidden, false, []string{"Query-backend cannot be reached at " + forbidden}},
	} {
		t.Run(name, func(t *testing.T) {
			datasource := newDatasource(t, map[string]any{"metastoreAddress": test.metastore, "queryBackendAddress": test.queryBackend}, nil)
			result, err := datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
			require.NoError(t, err)
			require.Equal(t, test.ok, result.Status == backend.HealthStatusOk, result.Message)
			for _, message := range test.messages {
				require.Contains(t, result.Message, message)
			}
		})
	}
}
