package queryfrontend_test

import (
	"context"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// labelNamesResponse is what a query-backend answers that found something.
func labelNamesResponse(names ...string) *queryv1.InvokeResponse {
	return &queryv1.InvokeResponse{Reports: []*queryv1.Report{{
		ReportType: queryv1.ReportType_REPORT_LABEL_NAMES,
		LabelNames: &queryv1.LabelNamesReport{LabelNames: names},
	}}}
}

func checker(cluster *fakeCluster, now time.Time) *queryfrontend.Frontend {
	return queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()},
		queryfrontend.WithClock(func() time.Time { return now }))
}

// A check costs a query of one block, and no more.
func TestCheckReadsOneBlock(t *testing.T) {
	cluster := newFakeCluster(t)
	cluster.response = labelNamesResponse("pod")
	check, err := checker(cluster, corpusNow()).Check(context.Background(), "anonymous", true)
	require.NoError(t, err)
	require.NotEmpty(t, check.Block)
	require.False(t, check.NoData)
	require.Len(t, cluster.metadata, 1)
	require.Equal(t, time.Hour.Milliseconds(), cluster.metadata[0].GetEndTime()-cluster.metadata[0].GetStartTime())
	require.Len(t, cluster.invokes, 1)
	request, err := queryplan.Decode(cluster.invokes[0])
	require.NoError(t, err)
	require.Len(t, request.GetQueryPlan().GetRoot().GetBlocks(), 1)
	require.Equal(t, check.Block, request.GetQueryPlan().GetRoot().GetBlocks()[0].GetId())

	// The data of a cluster that rests is looked for where it ends.
	resting := newFakeCluster(t)
	resting.response = labelNamesResponse("pod")
	resting.tenants = map[string]*metastorev1.TenantStats{"anonymous": {DataIngested: true, NewestProfileTime: corpusEnd}}
	check, err = checker(resting, corpusNow().Add(30*24*time.Hour)).Check(context.Background(), "anonymous", true)
	require.NoError(t, err)
	require.NotEmpty(t, check.Block)

	// Without a query-backend, none is asked.
	unread := newFakeCluster(t)
	check, err = checker(unread, corpusNow()).Check(context.Background(), "anonymous", false)
	require.NoError(t, err)
	require.Empty(t, check.Block)
	require.Len(t, unread.metadata, 1)
	require.Empty(t, unread.invokes)
}

func TestCheckWithoutData(t *testing.T) {
	cluster := newFakeCluster(t)
	check, err := checker(cluster, corpusNow()).Check(context.Background(), "nosuch", true)
	require.NoError(t, err)
	require.Equal(t, queryfrontend.Check{NoData: true}, check)
	require.Empty(t, cluster.invokes)

	// A metastore without the tenant service knows nothing of that.
	cluster.tenantError = status.Error(codes.Unimplemented, "no such service")
	check, err = checker(cluster, corpusNow()).Check(context.Background(), "nosuch", true)
	require.NoError(t, err)
	require.Equal(t, queryfrontend.Check{}, check)
}

func TestCheckTellsWhatFails(t *testing.T) {
	for name, test := range map[string]struct {
		breaks  func(*fakeCluster)
		message string
		code    connect.Code
	}{
		"the object store answers with an error": {
			func(c *fakeCluster) { c.invokeError = status.Error(codes.Internal, "bucket: connection refused") },
			"query-backend: reading block ", connect.CodeInternal,
		},
		"the object store has nothing": {
			func(c *fakeCluster) { c.response = new(queryv1.InvokeResponse) },
			"found nothing in it: does it read the object storage that the cluster writes to?", connect.CodeDataLoss,
		},
		"an empty answer": {
			func(c *fakeCluster) { c.response = labelNamesResponse() },
			"found nothing in it", connect.CodeDataLoss,
		},
		"a panic": {
			func(c *fakeCluster) { c.hold = func(context.Context) { panic("lost the plot") } },
			"lost the plot", connect.CodeInternal,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newFakeCluster(t)
			test.breaks(cluster)
			_, err := checker(cluster, corpusNow()).Check(context.Background(), "anonymous", true)
			require.ErrorContains(t, err, test.message)
			require.Equal(t, test.code, connect.CodeOf(err))
		})
	}
}
