package queryfrontend_test

import (
	"context"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

func TestTenants(t *testing.T) {
	config := queryfrontend.Config{Tenants: []string{"anonymous", "b", "c"}, Limits: queryfrontend.DefaultLimits()}
	for name, test := range map[string]struct {
		selector string
		tenants  []string
		sent     string
	}{
		"all by default":        {`{service_name="checkout"}`, []string{"anonymous", "b", "c"}, `{service_name="checkout",__profile_type__="` + cpuType + `"}`},
		"one":                   {`{service_name="checkout",__tenant_id__="anonymous"}`, []string{"anonymous"}, `{service_name="checkout",__profile_type__="` + cpuType + `"}`},
		"some":                  {`{__tenant_id__=~"anonymous|c|d"}`, []string{"anonymous", "c"}, `{__profile_type__="` + cpuType + `"}`},
		"all but":               {`{__tenant_id__!="b"}`, []string{"anonymous", "c"}, `{__profile_type__="` + cpuType + `"}`},
		"two matchers":          {`{__tenant_id__!="b",__tenant_id__!~"c.*"}`, []string{"anonymous"}, `{__profile_type__="` + cpuType + `"}`},
		"nothing but a service": {`{}`, []string{"anonymous", "b", "c"}, `{__profile_type__="` + cpuType + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newFakeCluster(t)
			_, err := newFrontend(cluster, config).SelectMergeStacktraces(context.Background(),
				stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) { r.LabelSelector = test.selector }))
			require.NoError(t, err)
			require.Len(t, cluster.invokes, 1)
			require.Equal(t, test.tenants, cluster.metadata[0].GetTenantId())
			require.Equal(t, test.tenants, cluster.invokes[0].GetTenant())
			require.Equal(t, test.sent, cluster.invokes[0].GetLabelSelector())
		})
	}
}

func TestGetProfileStatsMergesTenants(t *testing.T) {
	cluster := newFakeCluster(t)
	cluster.tenants = map[string]*metastorev1.TenantStats{
		"a": {DataIngested: true, OldestProfileTime: 20, NewestProfileTime: 30},
		"b": {DataIngested: true, OldestProfileTime: 10, NewestProfileTime: 25},
		"c": {},
	}
	for name, test := range map[string]struct {
		tenants []string
		want    *typesv1.GetProfileStatsResponse
	}{
		"one":          {[]string{"a"}, &typesv1.GetProfileStatsResponse{DataIngested: true, OldestProfileTime: 20, NewestProfileTime: 30}},
		"several":      {[]string{"a", "b", "c"}, &typesv1.GetProfileStatsResponse{DataIngested: true, OldestProfileTime: 10, NewestProfileTime: 30}},
		"without data": {[]string{"c"}, &typesv1.GetProfileStatsResponse{}},
		"unknown":      {[]string{"d"}, &typesv1.GetProfileStatsResponse{}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFrontend(cluster, queryfrontend.Config{Tenants: test.tenants})
			answer, err := f.GetProfileStats(context.Background(), connect.NewRequest(&typesv1.GetProfileStatsRequest{}))
			require.NoError(t, err)
			require.Empty(t, difference(test.want, answer.Msg))
		})
	}
}

// What metadata knows is answered without a query-backend.
func TestAnswersFromMetadataAlone(t *testing.T) {
	cluster := newFakeCluster(t)
	f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()})
	ctx := context.Background()

	values, err := f.LabelValues(ctx, connect.NewRequest(&typesv1.LabelValuesRequest{
		Name: "service_name", Start: corpusStart, End: corpusEnd, Matchers: []string{`{service_name!="search"}`},
	}))
	require.NoError(t, err)
	require.Equal(t, []string{"checkout", "frontend"}, values.Msg.GetNames())

	values, err = f.LabelValues(ctx, connect.NewRequest(&typesv1.LabelValuesRequest{
		Name: "__profile_type__", Start: corpusStart, End: corpusEnd, Matchers: []string{`{service_name="search"}`},
	}))
	require.NoError(t, err)
	require.Contains(t, values.Msg.GetNames(), cpuType)

	five, err := f.Series(ctx, connect.NewRequest(&querierv1.SeriesRequest{
		Start: corpusStart, End: corpusEnd, LabelNames: []string{"pyroscope_app", "service_name", "__profile_type__", "__type__", "__name__"},
	}))
	require.NoError(t, err)
	require.Len(t, five.Msg.GetLabelsSet(), 18)
	require.Empty(t, difference(&typesv1.Labels{Labels: []*typesv1.LabelPair{
		{Name: "__name__", Value: "memory"},
		{Name: "__profile_type__", Value: "memory:alloc_objects:count:space:bytes"},
		{Name: "__type__", Value: "alloc_objects"},
		{Name: "service_name", Value: "checkout"},
	}}, five.Msg.GetLabelsSet()[0]))

	twice, err := f.Series(ctx, connect.NewRequest(&querierv1.SeriesRequest{
		Start: corpusStart, End: corpusEnd, LabelNames: []string{"service_name", "service_name"},
	}))
	require.NoError(t, err)
	require.Len(t, twice.Msg.GetLabelsSet(), 3)
	require.Len(t, twice.Msg.GetLabelsSet()[0].GetLabels(), 1)

	analysis, err := f.AnalyzeQuery(ctx, connect.NewRequest(&querierv1.AnalyzeQueryRequest{
		Start: corpusStart, End: corpusEnd, Query: cpuType + `{service_name="checkout"}`,
	}))
	require.NoError(t, err)
	require.NotEmpty(t, analysis.Msg.GetQueryScopes())
	var bytes uint64
	for _, scope := range analysis.Msg.GetQueryScopes() {
		require.Positive(t, scope.GetBlockCount())
		require.Positive(t, scope.GetComponentCount())
		bytes += scope.GetIndexBytes() + scope.GetProfileBytes() + scope.GetSymbolBytes()
	}
	require.Positive(t, bytes)
	require.Equal(t, bytes, analysis.Msg.GetQueryImpact().GetTotalBytesInTimeRange())

	require.Empty(t, cluster.invokes)
}

// A label that metadata does not carry needs the blocks.
func TestLabelsOfBlocks(t *testing.T) {
	cluster := newFakeCluster(t)
	cluster.response = &queryv1.InvokeResponse{Reports: []*queryv1.Report{{
		ReportType: queryv1.ReportType_REPORT_LABEL_NAMES,
		LabelNames: &queryv1.LabelNamesReport{LabelNames: []string{"http.route", "pod"}},
	}}}
	f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()})
	request := func(accept string) *connect.Request[typesv1.LabelNamesRequest] {
		r := connect.NewRequest(&typesv1.LabelNamesRequest{Start: corpusStart, End: corpusEnd, Matchers: []string{`{"http.route"="/cart"}`}})
		r.Header().Set("Accept", accept)
		return r
	}
	names, err := f.LabelNames(context.Background(), request("*/*"))
	require.NoError(t, err)
	require.Equal(t, []string{"pod"}, names.Msg.GetNames(), "old clients cannot read other names")
	names, err = f.LabelNames(context.Background(), request("*/*; allow-utf8-labelnames=true"))
	require.NoError(t, err)
	require.Equal(t, []string{"http.route", "pod"}, names.Msg.GetNames())
	require.Equal(t, `{"http.route"="/cart"}`, cluster.invokes[0].GetLabelSelector())
}

func TestMalformedAnswersOfTheClusterAreErrors(t *testing.T) {
	for name, report := range map[string]*queryv1.Report{
		"tree":  {ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{Tree: []byte{0xff, 0xff, 0xff}}},
		"pprof": {ReportType: queryv1.ReportType_REPORT_PPROF, Pprof: &queryv1.PprofReport{Pprof: []byte("no pprof")}},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newFakeCluster(t)
			cluster.response = &queryv1.InvokeResponse{Reports: []*queryv1.Report{report}}
			_, err := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).SelectMergeStacktraces(context.Background(),
				stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) {
					if name == "pprof" {
						r.Format = querierv1.ProfileFormat_PROFILE_FORMAT_PPROF
					}
				}))
			require.ErrorContains(t, err, "query-backend sent a malformed answer")
			require.Equal(t, connect.CodeInternal, connect.CodeOf(err))
		})
	}
}

// The mean of the profiles' values, where the sum would grow with the step.
func TestSelectSeriesAverages(t *testing.T) {
	cluster := newFakeCluster(t)
	cluster.response = &queryv1.InvokeResponse{Reports: []*queryv1.Report{{
		ReportType: queryv1.ReportType_REPORT_HEATMAP,
		Heatmap: &queryv1.HeatmapReport{HeatmapSeries: []*queryv1.HeatmapSeries{{Points: []*queryv1.HeatmapPoint{
			{Timestamp: corpusStart - 1, Value: 10}, {Timestamp: corpusStart, Value: 30}, {Timestamp: corpusStart + 15_000, Value: 5},
		}}}},
	}}}
	answer, err := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).SelectSeries(context.Background(),
		series(func(r *querierv1.SelectSeriesRequest) {
			r.Aggregation = typesv1.TimeSeriesAggregationType_TIME_SERIES_AGGREGATION_TYPE_AVERAGE.Enum()
		}))
	require.NoError(t, err)
	require.Empty(t, difference(&querierv1.SelectSeriesResponse{Series: []*typesv1.Series{{Points: []*typesv1.Point{
		{Timestamp: corpusStart, Value: 20}, {Timestamp: corpusStart + 15_000, Value: 5},
	}}}}, answer.Msg))
}

// Panels of one selection share the metadata; parts of one range share an Invoke.
func TestPanelsShareCalls(t *testing.T) {
	cluster := newFakeCluster(t)
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()}, queryfrontend.WithClock(corpusNow))
	both := queryfrontend.PanelRequest{Tree: stackTraces(nil).Msg, Series: series(func(*querierv1.SelectSeriesRequest) {}).Msg}
	spans := queryfrontend.PanelRequest{Heatmap: heatmap(func(*querierv1.SelectHeatmapRequest) {}).Msg}
	bad := queryfrontend.PanelRequest{Tree: stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) { r.ProfileTypeID = "" }).Msg}
	answers := f.Panels(context.Background(), bad, both, spans)
	require.NoError(t, answers[1].Err)
	require.NoError(t, answers[2].Err)
	require.ErrorContains(t, answers[0].Err, "profile_typeID")
	require.Len(t, cluster.metadata, 1)
	require.Len(t, cluster.invokes, 2, "the tree, and the series with the heat map")
}
