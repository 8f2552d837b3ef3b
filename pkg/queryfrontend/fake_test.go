package queryfrontend_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/grafana/pyroscope/api/gen/proto/go/querier/v1/querierv1connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// fakeCluster serves the corpus' metadata, answers every Invoke with the same
// response, and remembers what it was asked.
type fakeCluster struct {
	*metastore.Server

	response *queryv1.InvokeResponse
	// hold, where set, runs before every answer of the query-backend.
	hold func(context.Context)
	// holdMetadata, where set, runs before every list of blocks.
	holdMetadata func()
	invokeError  error
	tenantError  error
	tenants      map[string]*metastorev1.TenantStats

	mu       sync.Mutex
	metadata []*metastorev1.QueryMetadataRequest
	labels   []*metastorev1.QueryMetadataLabelsRequest
	invokes  []*queryv1.InvokeRequest
}

func newFakeCluster(t testing.TB) *fakeCluster {
	return &fakeCluster{
		Server:   metastore.NewServer(metastore.FixedIndex(recordedStore(t).Blocks)),
		response: new(queryv1.InvokeResponse),
	}
}

func (c *fakeCluster) QueryMetadata(ctx context.Context, request *metastorev1.QueryMetadataRequest) ([]byte, error) {
	c.mu.Lock()
	c.metadata = append(c.metadata, request)
	c.mu.Unlock()
	if c.holdMetadata != nil {
		c.holdMetadata()
	}
	answer, err := c.Server.QueryMetadata(ctx, request)
	if err != nil {
		return nil, err
	}
	return answer.MarshalVT()
}

func (c *fakeCluster) QueryMetadataLabels(ctx context.Context, request *metastorev1.QueryMetadataLabelsRequest) (*metastorev1.QueryMetadataLabelsResponse, error) {
	c.mu.Lock()
	c.labels = append(c.labels, request)
	c.mu.Unlock()
	return c.Server.QueryMetadataLabels(ctx, request)
}

func (c *fakeCluster) GetTenant(_ context.Context, request *metastorev1.GetTenantRequest) (*metastorev1.GetTenantResponse, error) {
	if c.tenantError != nil {
		return nil, c.tenantError
	}
	return &metastorev1.GetTenantResponse{Stats: c.tenants[request.GetTenantId()]}, nil
}

func (c *fakeCluster) Invoke(ctx context.Context, request *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	c.mu.Lock()
	c.invokes = append(c.invokes, request)
	c.mu.Unlock()
	if c.hold != nil {
		c.hold(ctx)
	}
	return c.response, c.invokeError
}

// calls is how many calls of any kind reached the cluster.
func (c *fakeCluster) calls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.metadata) + len(c.labels) + len(c.invokes)
}

// the corpus' range, and a clock that stands a minute behind it.
const (
	corpusStart = 1795372935000
	corpusEnd   = 1795375530000
)

func corpusNow() time.Time { return time.UnixMilli(corpusEnd).Add(time.Minute) }

func newFrontend(cluster *fakeCluster, config queryfrontend.Config) querierv1connect.QuerierServiceHandler {
	if config.Tenants == nil {
		config.Tenants = []string{"anonymous"}
	}
	return queryfrontend.New(cluster, cluster, config, queryfrontend.WithClock(corpusNow))
}

func TestErrorsOfTheClusterKeepTheirCode(t *testing.T) {
	for _, code := range []codes.Code{codes.ResourceExhausted, codes.Unavailable, codes.DeadlineExceeded, codes.Unimplemented, codes.InvalidArgument, codes.Canceled, codes.Internal, codes.Unknown} {
		t.Run(code.String(), func(t *testing.T) {
			cluster := newFakeCluster(t)
			cluster.invokeError = status.Error(code, "because")
			_, err := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).SelectMergeStacktraces(context.Background(), stackTraces(nil))
			require.Equal(t, code.String(), codes.Code(codeOfError(err)).String())
			require.ErrorContains(t, err, "because")
			require.ErrorContains(t, err, "query-backend")
		})
	}
}
