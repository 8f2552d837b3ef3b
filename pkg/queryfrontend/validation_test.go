package queryfrontend_test

import (
	"context"
	"math"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

const cpuType = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"

func codeOfError(err error) connect.Code { return connect.CodeOf(err) }

// stackTraces is a good request, changed.
func stackTraces(change func(*querierv1.SelectMergeStacktracesRequest)) *connect.Request[querierv1.SelectMergeStacktracesRequest] {
	request := &querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID: cpuType, LabelSelector: `{service_name="checkout"}`, Start: corpusStart, End: corpusEnd,
	}
	if change != nil {
		change(request)
	}
	return connect.NewRequest(request)
}

func series(change func(*querierv1.SelectSeriesRequest)) *connect.Request[querierv1.SelectSeriesRequest] {
	request := &querierv1.SelectSeriesRequest{
		ProfileTypeID: cpuType, LabelSelector: `{service_name="checkout"}`, Start: corpusStart, End: corpusEnd, Step: 15,
	}
	change(request)
	return connect.NewRequest(request)
}

func heatmap(change func(*querierv1.SelectHeatmapRequest)) *connect.Request[querierv1.SelectHeatmapRequest] {
	request := &querierv1.SelectHeatmapRequest{
		ProfileTypeID: cpuType, LabelSelector: `{service_name="checkout"}`, Start: corpusStart, End: corpusEnd, Step: 15,
		QueryType: querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_INDIVIDUAL,
	}
	change(request)
	return connect.NewRequest(request)
}

// Every bad field is refused before anything is sent, with its code and a message
// that names the field.
func TestValidation(t *testing.T) {
	type stacktraces = querierv1.SelectMergeStacktracesRequest
	type selectSeries = querierv1.SelectSeriesRequest
	type selectHeatmap = querierv1.SelectHeatmapRequest
	invalid, unimplemented := connect.CodeInvalidArgument, connect.CodeUnimplemented
	number := func(n int64) *int64 { return &n }
	cluster := newFakeCluster(t)
	f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()})
	ctx := context.Background()

	ofStackTraces := func(change func(*stacktraces)) func() error {
		return func() error { _, err := f.SelectMergeStacktraces(ctx, stackTraces(change)); return err }
	}
	ofSeries := func(change func(*selectSeries)) func() error {
		return func() error { _, err := f.SelectSeries(ctx, series(change)); return err }
	}
	ofHeatmap := func(change func(*selectHeatmap)) func() error {
		return func() error { _, err := f.SelectHeatmap(ctx, heatmap(change)); return err }
	}
	for name, test := range map[string]struct {
		call    func() error
		code    connect.Code
		message string
	}{
		"no range":       {ofStackTraces(func(r *stacktraces) { r.Start, r.End = 0, 0 }), invalid, "start, end: the query has no time range"},
		"negative start": {ofStackTraces(func(r *stacktraces) { r.Start = -5 }), invalid, "start, end:"},
		"reversed range": {ofStackTraces(func(r *stacktraces) { r.Start, r.End = r.End, r.Start }), invalid, "is after the end time"},
		"range too long": {ofStackTraces(func(r *stacktraces) { r.Start -= 25 * 3600 * 1000 }), invalid, "maxQueryLength, 24h0m0s"},
		"profile type":   {ofStackTraces(func(r *stacktraces) { r.ProfileTypeID = "cpu" }), invalid, "profile_typeID:"},
		"selector":       {ofStackTraces(func(r *stacktraces) { r.LabelSelector = "{a=" }), invalid, "label_selector:"},
		"empty selector": {ofStackTraces(func(r *stacktraces) { r.LabelSelector = "" }), invalid, "label_selector: it is empty, {} selects everything"},
		"endless range":  {ofStackTraces(func(r *stacktraces) { r.End = math.MaxInt64 }), invalid, "is longer than the data source's limit"},
		"negative nodes": {ofStackTraces(func(r *stacktraces) { r.MaxNodes = number(-1) }), invalid, "max_nodes: -1 is negative"},
		"too many nodes": {ofStackTraces(func(r *stacktraces) { r.MaxNodes = number(1 << 21) }), invalid, "maxNodesMax, 1048576"},
		"pprof nodes":    {ofStackTraces(func(r *stacktraces) { r.Format = 4; r.MaxNodes = number(1 << 21) }), invalid, "maxNodesMax"},
		"dot nodes":      {ofStackTraces(func(r *stacktraces) { r.Format = 3; r.MaxNodes = number(-2) }), invalid, "max_nodes: -2"},
		"span id":        {ofStackTraces(func(r *stacktraces) { r.SpanSelector = []string{"zz"} }), invalid, "span_selector:"},
		"trace id":       {ofStackTraces(func(r *stacktraces) { r.TraceIdSelector = []string{"ab"} }), invalid, "trace_id_selector:"},
		"profile id":     {ofStackTraces(func(r *stacktraces) { r.ProfileIdSelector = []string{"7"} }), invalid, "profile_id_selector:"},
		"span and trace": {ofStackTraces(func(r *stacktraces) { r.SpanSelector, r.TraceIdSelector = []string{"a"}, []string{"b"} }), invalid, "cannot be combined"},
		"format":         {ofStackTraces(func(r *stacktraces) { r.Format = 99 }), invalid, "format: 99"},
		"async": {ofStackTraces(func(r *stacktraces) {
			r.Async = &querierv1.AsyncQueryRequest{Type: querierv1.AsyncQueryType_ASYNC_QUERY_TYPE_FORCE}
		}), unimplemented, "async:"},
		"async poll":   {ofStackTraces(func(r *stacktraces) { r.Async = &querierv1.AsyncQueryRequest{RequestId: "1"} }), unimplemented, "async:"},
		"other tenant": {ofStackTraces(func(r *stacktraces) { r.LabelSelector = `{__tenant_id__="other"}` }), invalid, `leaves none of the tenants that this data source reads: ["anonymous"]`},
		"nameless call site": {ofStackTraces(func(r *stacktraces) {
			r.StackTraceSelector = &typesv1.StackTraceSelector{CallSite: []*typesv1.Location{{}}}
		}), invalid, "call_site: entry 1"},
		"step 0":            {ofSeries(func(r *selectSeries) { r.Step = 0 }), invalid, "step: 0 s is too short"},
		"step not a number": {ofSeries(func(r *selectSeries) { r.Step = math.NaN() }), invalid, "step:"},
		"step infinite":     {ofSeries(func(r *selectSeries) { r.Step = math.Inf(1) }), invalid, "step:"},
		"step before 1970":  {ofSeries(func(r *selectSeries) { r.Step = 1e10 }), invalid, "step:"},
		"too many points":   {ofSeries(func(r *selectSeries) { r.Step = 0.1 }), invalid, "more than 11000 points"},
		"negative limit":    {ofSeries(func(r *selectSeries) { r.Limit = number(-1) }), invalid, "limit: -1"},
		"empty group":       {ofSeries(func(r *selectSeries) { r.GroupBy = []string{"pod", ""} }), invalid, "group_by: entry 2"},
		"aggregation":       {ofSeries(func(r *selectSeries) { r.Aggregation = typesv1.TimeSeriesAggregationType(7).Enum() }), invalid, "aggregation: 7"},
		"exemplar type":     {ofSeries(func(r *selectSeries) { r.ExemplarType = 9 }), invalid, "exemplar_type: 9"},
		"span exemplars":    {ofSeries(func(r *selectSeries) { r.ExemplarType = 3 }), unimplemented, "exemplar_type:"},
		"series call site": {ofSeries(func(r *selectSeries) {
			r.StackTraceSelector = &typesv1.StackTraceSelector{CallSite: []*typesv1.Location{{Name: "main"}}}
		}), unimplemented, "stack_trace_selector:"},
		"averages' exemplars": {ofSeries(func(r *selectSeries) { r.Aggregation = typesv1.TimeSeriesAggregationType(1).Enum(); r.ExemplarType = 2 }), unimplemented, "exemplar_type:"},
		"heat map type":       {ofHeatmap(func(r *selectHeatmap) { r.QueryType = 0 }), invalid, "query_type:"},
		"heat map limit":      {ofHeatmap(func(r *selectHeatmap) { r.Limit = number(-1) }), invalid, "limit: -1"},
		"heat map exemplars":  {ofHeatmap(func(r *selectHeatmap) { r.ExemplarType = 3 }), invalid, "exemplar_type: SPAN"},
		"span map exemplars":  {ofHeatmap(func(r *selectHeatmap) { r.QueryType = 2; r.ExemplarType = 2 }), invalid, "exemplar_type: INDIVIDUAL"},
		"heat map of a point": {ofHeatmap(func(r *selectHeatmap) { r.Start = r.End }), invalid, "must be before the end time"},
		"no label name": {func() error {
			_, err := f.LabelValues(ctx, connect.NewRequest(&typesv1.LabelValuesRequest{Start: corpusStart, End: corpusEnd}))
			return err
		}, invalid, "name: it is empty"},
		"matchers": {func() error {
			_, err := f.LabelNames(ctx, connect.NewRequest(&typesv1.LabelNamesRequest{Start: corpusStart, End: corpusEnd, Matchers: []string{"{"}}))
			return err
		}, invalid, "matchers:"},
		"series matchers": {func() error {
			_, err := f.Series(ctx, connect.NewRequest(&querierv1.SeriesRequest{Start: corpusStart, End: corpusEnd, Matchers: []string{"{"}}))
			return err
		}, invalid, "matchers:"},
		"one-sided diff": {func() error {
			_, err := f.Diff(ctx, connect.NewRequest(&querierv1.DiffRequest{Left: stackTraces(nil).Msg}))
			return err
		}, invalid, "right: the side is missing"},
		"diff of a bad side": {func() error {
			_, err := f.Diff(ctx, connect.NewRequest(&querierv1.DiffRequest{Left: stackTraces(nil).Msg, Right: stackTraces(func(r *stacktraces) { r.MaxNodes = number(-1) }).Msg}))
			return err
		}, invalid, "max_nodes: -1"},
		"analysed name": {func() error {
			_, err := f.AnalyzeQuery(ctx, connect.NewRequest(&querierv1.AnalyzeQueryRequest{Start: corpusStart, End: corpusEnd, Query: "cpu{}"}))
			return err
		}, invalid, "query: the name in front of the selector"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.call()
			require.ErrorContains(t, err, test.message)
			require.Equal(t, test.code, connect.CodeOf(err))
		})
	}
	require.Zero(t, cluster.calls(), "nothing may be sent for a request that is refused")
}

func TestLookback(t *testing.T) {
	limits := queryfrontend.DefaultLimits()
	limits.MaxQueryLookback = 10 * time.Minute // of now, a minute after the corpus

	t.Run("clamps", func(t *testing.T) {
		cluster := newFakeCluster(t)
		_, err := newFrontend(cluster, queryfrontend.Config{Limits: limits}).SelectMergeStacktraces(context.Background(), stackTraces(nil))
		require.NoError(t, err)
		require.Len(t, cluster.metadata, 1)
		require.Equal(t, corpusNow().Add(-limits.MaxQueryLookback).UnixMilli(), cluster.metadata[0].GetStartTime())
		require.EqualValues(t, int64(corpusEnd), cluster.metadata[0].GetEndTime())
	})
	t.Run("empties", func(t *testing.T) {
		cluster := newFakeCluster(t)
		answer, err := newFrontend(cluster, queryfrontend.Config{Limits: limits}).SelectMergeStacktraces(context.Background(),
			stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) { r.End = r.Start + 1000 }))
		require.NoError(t, err)
		require.Equal(t, []string{"total"}, answer.Msg.GetFlamegraph().GetNames())
		require.Zero(t, cluster.calls())
	})
	t.Run("can be off", func(t *testing.T) {
		cluster := newFakeCluster(t)
		limits := limits
		limits.MaxQueryLookback, limits.MaxQueryLength = 0, 0
		_, err := newFrontend(cluster, queryfrontend.Config{Limits: limits}).SelectMergeStacktraces(context.Background(),
			stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) { r.Start = 1 }))
		require.NoError(t, err)
		require.EqualValues(t, 1, cluster.metadata[0].GetStartTime())
	})
}

func TestMaxNodesOfARequest(t *testing.T) {
	limits := queryfrontend.DefaultLimits()
	number := func(n int64) *int64 { return &n }
	for name, test := range map[string]struct {
		format querierv1.ProfileFormat
		nodes  *int64
		want   int64
	}{
		"flame graph, default": {querierv1.ProfileFormat_PROFILE_FORMAT_FLAMEGRAPH, nil, 8192},
		"flame graph, 0":       {querierv1.ProfileFormat_PROFILE_FORMAT_FLAMEGRAPH, number(0), 8192},
		"flame graph, 16":      {querierv1.ProfileFormat_PROFILE_FORMAT_UNSPECIFIED, number(16), 16},
		"tree, maximum":        {querierv1.ProfileFormat_PROFILE_FORMAT_TREE, number(1 << 20), 1 << 20},
		"pprof is complete":    {querierv1.ProfileFormat_PROFILE_FORMAT_PPROF, nil, 0},
		"pprof, 16":            {querierv1.ProfileFormat_PROFILE_FORMAT_PPROF, number(16), 16},
		"dot, default":         {querierv1.ProfileFormat_PROFILE_FORMAT_DOT, nil, 512},
		"dot, 1000":            {querierv1.ProfileFormat_PROFILE_FORMAT_DOT, number(1000), 1000},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newFakeCluster(t)
			_, err := newFrontend(cluster, queryfrontend.Config{Limits: limits}).SelectMergeStacktraces(context.Background(),
				stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) { r.Format, r.MaxNodes = test.format, test.nodes }))
			require.NoError(t, err)
			require.Equal(t, test.want, nodesOf(cluster.invokes[0].GetQuery()[0]))
		})
	}
}

func nodesOf(query *queryv1.Query) int64 {
	if query.GetPprof() != nil {
		return query.GetPprof().GetMaxNodes()
	}
	return query.GetTree().GetMaxNodes()
}
