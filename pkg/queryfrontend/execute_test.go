package queryfrontend_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// listing answers every request for metadata with what make returns.
type listing struct {
	*fakeCluster
	list func() *metastorev1.QueryMetadataResponse
}

func (l listing) QueryMetadata(context.Context, *metastorev1.QueryMetadataRequest) ([]byte, error) {
	return l.list().MarshalVT()
}

// manyBlocks lists blocks with one dataset each, that match any query of the
// corpus' range.
func manyBlocks(n int) *metastorev1.QueryMetadataResponse {
	response := new(metastorev1.QueryMetadataResponse)
	for i := range n {
		response.Blocks = append(response.Blocks, &metastorev1.BlockMeta{
			Id: fmt.Sprintf("01M82B%020d", i), Tenant: 1, Shard: uint32(i % 64), MinTime: corpusStart, MaxTime: corpusEnd, Size: 1 << 24, CompactionLevel: 1,
			StringTable: []string{"", "anonymous", "checkout"},
			Datasets: []*metastorev1.Dataset{{
				Tenant: 1, Name: 2, MinTime: corpusStart, MaxTime: corpusEnd, Size: 1 << 23, TableOfContents: []uint64{0, 1 << 20, 1 << 21},
			}},
		})
	}
	return response
}

func recordSpans(t *testing.T) *tracetest.SpanRecorder {
	t.Helper()
	before, recorder := otel.GetTracerProvider(), tracetest.NewSpanRecorder()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)))
	t.Cleanup(func() { otel.SetTracerProvider(before) })
	return recorder
}

func TestAPlanningFailureIsAFailedSpan(t *testing.T) {
	spans := recordSpans(t)
	cluster := listing{newFakeCluster(t), func() *metastorev1.QueryMetadataResponse {
		broken := manyBlocks(1)
		broken.Blocks[0].Datasets[0].Name = 99
		return broken
	}}
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()}, queryfrontend.WithClock(corpusNow))
	_, err := f.SelectMergeStacktraces(context.Background(), stackTraces(nil))
	require.ErrorContains(t, err, "metastore sent a malformed answer")
	var failed []string
	for _, span := range spans.Ended() {
		if span.Status().Code == codes.Error {
			failed = append(failed, span.Name())
		}
	}
	require.Equal(t, []string{"pyrofront.plan"}, failed)
}

// Planning ends when the request is written: the cluster has its own time.
func TestPlanningTimeIncludesWritingTheRequest(t *testing.T) {
	blocks := manyBlocks(20_000)
	cluster := listing{newFakeCluster(t), func() *metastorev1.QueryMetadataResponse { return blocks }}
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()}, queryfrontend.WithClock(corpusNow))
	// The query-backend answers at once, so what is left of Execution is what should
	// be in Planning. The best of a few, since other processes take their time too.
	best := 1.0
	for range 5 {
		panel := f.Panels(context.Background(), queryfrontend.PanelRequest{Tree: stackTraces(nil).Msg})[0]
		require.NoError(t, panel.Err)
		stats := panel.Answers[0].Stats
		best = min(best, float64(stats.Execution)/float64(stats.Planning))
	}
	require.Less(t, best, 0.05)
}

// The metadata of a large store takes hundreds of megabytes. None of it is held
// while query-backends work, nor for as long as the answer is.
func TestMetadataIsLetGoBeforeTheExecution(t *testing.T) {
	var freed atomic.Int64
	cluster := listing{newFakeCluster(t), func() *metastorev1.QueryMetadataResponse {
		response := manyBlocks(1000)
		for _, block := range response.Blocks[:10] {
			runtime.AddCleanup(block, func(struct{}) { freed.Add(1) }, struct{}{})
		}
		return response
	}}
	var whileExecuting int64
	cluster.hold = func(context.Context) {
		for range 100 {
			runtime.GC()
			time.Sleep(time.Millisecond) // cleanups have a goroutine of their own
			if whileExecuting = freed.Load(); whileExecuting == 10 {
				return
			}
		}
	}
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()}, queryfrontend.WithClock(corpusNow))
	panel := f.Panels(context.Background(), queryfrontend.PanelRequest{Tree: stackTraces(nil).Msg})[0]
	require.NoError(t, panel.Err)
	require.EqualValues(t, 10, whileExecuting, "blocks that are no more")
}

// A large plan is not kept to be shown to nobody.
func TestALargePlanIsKeptForDiagnosticsOnly(t *testing.T) {
	blocks := manyBlocks(1000)
	cluster := listing{newFakeCluster(t), func() *metastorev1.QueryMetadataResponse { return blocks }}
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()}, queryfrontend.WithClock(corpusNow))
	for _, asked := range []bool{false, true} {
		panel := f.Panels(context.Background(), queryfrontend.PanelRequest{Tree: stackTraces(nil).Msg, Diagnostics: asked})[0]
		require.NoError(t, panel.Err)
		require.Greater(t, panel.Answers[0].Summary.Leaves, queryfrontend.ExplainedLeaves)
		require.Equal(t, asked, panel.Answers[0].Plan != nil)
	}
	// Nor is a small one that was chosen from very many datasets.
	blocks = manyBlocks(1)
	for range queryfrontend.ExplainedDatasets {
		other := blocks.Blocks[0].Datasets[0].CloneVT()
		other.MinTime, other.MaxTime = 1, 2
		blocks.Blocks[0].Datasets = append(blocks.Blocks[0].Datasets, other)
	}
	panel := f.Panels(context.Background(), queryfrontend.PanelRequest{Tree: stackTraces(nil).Msg})[0]
	require.NoError(t, panel.Err)
	require.Equal(t, 1, panel.Answers[0].Summary.Leaves)
	require.Nil(t, panel.Answers[0].Plan)
}

func TestGetProfileStatsIsAdmitted(t *testing.T) {
	cluster := newFakeCluster(t)
	admitted, released := 0, 0
	var full error
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()},
		queryfrontend.WithAdmission(admissionFunc(func() (func(), error) {
			admitted++
			return func() { released++ }, full
		})))
	_, err := f.GetProfileStats(context.Background(), connect.NewRequest(&typesv1.GetProfileStatsRequest{}))
	require.NoError(t, err)
	require.Equal(t, []int{1, 1}, []int{admitted, released})
	full = errors.New("full")
	_, err = f.GetProfileStats(context.Background(), connect.NewRequest(&typesv1.GetProfileStatsRequest{}))
	require.ErrorContains(t, err, "full")
}

// An error blames the field that the client sent.
func TestTenantErrorsBlameTheField(t *testing.T) {
	cluster := newFakeCluster(t)
	f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()})
	const other = `{__tenant_id__="other"}`
	_, err := f.LabelNames(context.Background(), connect.NewRequest(&typesv1.LabelNamesRequest{Start: corpusStart, End: corpusEnd, Matchers: []string{other}}))
	require.ErrorContains(t, err, "matchers: ")
	_, err = f.AnalyzeQuery(context.Background(), connect.NewRequest(&querierv1.AnalyzeQueryRequest{Start: corpusStart, End: corpusEnd, Query: other}))
	require.ErrorContains(t, err, "query: ")
	require.Zero(t, cluster.calls())
}
