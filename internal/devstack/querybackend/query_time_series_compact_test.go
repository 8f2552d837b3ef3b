package querybackend_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestTimeSeriesCompact(t *testing.T) {
	a, b := seriesBlocks()
	_, c := start(t, newStorage(a, b))
	query := &queryv1.TimeSeriesQuery{Step: 1, GroupBy: []string{"region"}, ExemplarType: typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL}
	response, err := c.Invoke(testContext(t), timeSeriesRequest(compactOf(query)))
	require.NoError(t, err)
	require.Len(t, response.Reports, 1)
	report := response.Reports[0].TimeSeriesCompact
	require.Equal(t, query.String(), report.Query.String())

	got, err := profile.ExpandSeries(report)
	require.NoError(t, err)
	rest := func(pod string) []*typesv1.LabelPair {
		return []*typesv1.LabelPair{{Name: "pod", Value: pod}, {Name: "service_name", Value: "shop"}}
	}
	// Annotations are told once a step, unlike in the other form.
	notes := []*typesv1.ProfileAnnotation{{Key: "k", Value: "v"}, {Key: "a", Value: "b"}}
	want := []*typesv1.Series{
		{Labels: []*typesv1.LabelPair{{Name: "region", Value: "eu"}}, Points: []*typesv1.Point{
			{Timestamp: 2000, Value: 3, Exemplars: []*typesv1.Exemplar{{Timestamp: 2000, ProfileId: uuidOf(2), Value: 2, Labels: rest("p")}}},
			{Timestamp: 3000, Value: 84, Annotations: notes, Exemplars: []*typesv1.Exemplar{{Timestamp: 3000, ProfileId: uuidOf(7), Value: 64, Labels: rest("p")}}},
		}},
		{Labels: []*typesv1.LabelPair{{Name: "region", Value: "us"}}, Points: []*typesv1.Point{
			{Timestamp: 3000, Value: 8, Annotations: notes[:1], Exemplars: []*typesv1.Exemplar{{Timestamp: 2500, ProfileId: uuidOf(4), Value: 8, Labels: rest("q")}}},
		}},
	}
	require.Len(t, got, len(want))
	for i := range want {
		require.Empty(t, diffJSON(t, want[i], got[i]))
	}
}

// A profile that is in several series of a dataset is one exemplar: its value
// is the sum, its labels are those that all of the series have.
func TestExemplarOfSeveralSeries(t *testing.T) {
	b := block("b", dataset("acme", "shop",
		series([]string{"pod", "p", "zone", "z"}, prof(1, 100, sample(1, "f"))),
		series([]string{"pod", "q", "zone", "z"}, prof(1, 100, sample(2, "f")), prof(2, 100, sample(2, "f"))),
	))
	_, c := start(t, newStorage(b))
	query := compactOf(&queryv1.TimeSeriesQuery{Step: 1, ExemplarType: typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL})
	response, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), query))
	require.NoError(t, err)
	got, err := profile.ExpandSeries(response.Reports[0].TimeSeriesCompact)
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Empty(t, diffJSON(t, &typesv1.Point{Timestamp: 1000, Value: 5, Exemplars: []*typesv1.Exemplar{{
		Timestamp: 100, ProfileId: uuidOf(1), Value: 3,
		Labels: []*typesv1.LabelPair{{Name: "service_name", Value: "shop"}, {Name: "zone", Value: "z"}},
	}}}, got[0].Points[0]))
}

func TestBrokenReportsOfPeers(t *testing.T) {
	table := &queryv1.AttributeTable{Keys: []string{"k"}, Values: []string{"v"}}
	compact := func(r *queryv1.TimeSeriesCompactReport) *queryv1.Report {
		return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_TIME_SERIES_COMPACT, TimeSeriesCompact: r}
	}
	heat := func(r *queryv1.HeatmapReport) *queryv1.Report {
		return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_HEATMAP, Heatmap: r}
	}
	for name, report := range map[string]*queryv1.Report{
		"attribute table": compact(&queryv1.TimeSeriesCompactReport{AttributeTable: &queryv1.AttributeTable{Keys: []string{"k"}}}),
		"series label":    compact(&queryv1.TimeSeriesCompactReport{AttributeTable: table, TimeSeries: []*queryv1.Series{{AttributeRefs: []int64{1}}}}),
		"annotation":      compact(&queryv1.TimeSeriesCompactReport{AttributeTable: table, TimeSeries: []*queryv1.Series{{Points: []*queryv1.Point{{AnnotationRefs: []int64{-1}}}}}}),
		"exemplar":        compact(&queryv1.TimeSeriesCompactReport{TimeSeries: []*queryv1.Series{{Points: []*queryv1.Point{{Exemplars: []*queryv1.Exemplar{{AttributeRefs: []int64{0}}}}}}}}),
		"heat map label":  heat(&queryv1.HeatmapReport{AttributeTable: table, HeatmapSeries: []*queryv1.HeatmapSeries{{AttributeRefs: []int64{1}}}}),
		"heat map point":  heat(&queryv1.HeatmapReport{AttributeTable: table, HeatmapSeries: []*queryv1.HeatmapSeries{{Points: []*queryv1.HeatmapPoint{{ProfileId: 1}}}}}),
		"point's label":   heat(&queryv1.HeatmapReport{AttributeTable: table, HeatmapSeries: []*queryv1.HeatmapSeries{{Points: []*queryv1.HeatmapPoint{{AttributeRefs: []int64{1}}}}}}),
		"not asked for":   {ReportType: queryv1.ReportType_REPORT_PPROF},
	} {
		t.Run(name, func(t *testing.T) {
			s, c := start(t, newStorage())
			s.SetPeers(serve(t, &replay{answers: []*queryv1.InvokeResponse{{Reports: []*queryv1.Report{report}}}}))
			r := request(mergeNode(readNode()), compactOf(&queryv1.TimeSeriesQuery{Step: 1}), heatmapOf(individual()))
			_, err := c.Invoke(testContext(t), r)
			require.Equal(t, codes.Internal.String(), status.Code(err).String(), "%v", err)
		})
	}
}
