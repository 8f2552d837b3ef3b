package querybackend_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

func individual() *queryv1.HeatmapQuery {
	return &queryv1.HeatmapQuery{Step: 1, QueryType: querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_INDIVIDUAL}
}

func ofSpans() *queryv1.HeatmapQuery {
	return &queryv1.HeatmapQuery{Step: 1, QueryType: querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_SPAN}
}

func heatmapBlock() *blockstore.Block {
	spanned := func(value int64, span uint64, trace byte) blockstore.Sample {
		s := sample(value, "f")
		s.SpanID, s.TraceID = span, [16]byte{15: trace}
		return s
	}
	return block("b", dataset("acme", "shop",
		series([]string{"pod", "p"},
			prof(1, 100, spanned(1, 7, 1), spanned(2, 7, 1), spanned(4, 7, 0), sample(8, "g")),
			prof(2, 200, spanned(16, 3, 0)),
		),
		series([]string{"pod", "q"}, prof(3, 100, spanned(32, 7, 1))),
	))
}

func TestHeatmapIndividual(t *testing.T) {
	b := heatmapBlock()
	_, c := start(t, newStorage(b))
	query := individual()
	query.GroupBy = []string{"pod"}
	response, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), heatmapOf(query)))
	require.NoError(t, err)
	requireEqual(t, []*queryv1.Report{{
		ReportType: queryv1.ReportType_REPORT_HEATMAP,
		Heatmap: &queryv1.HeatmapReport{
			HeatmapSeries: []*queryv1.HeatmapSeries{
				{AttributeRefs: []int64{0}, Points: []*queryv1.HeatmapPoint{
					{Timestamp: 100, ProfileId: 1, Value: 15, AttributeRefs: []int64{2}},
					{Timestamp: 200, ProfileId: 3, Value: 16, AttributeRefs: []int64{2}},
				}},
				{AttributeRefs: []int64{4}, Points: []*queryv1.HeatmapPoint{
					{Timestamp: 100, ProfileId: 5, Value: 32, AttributeRefs: []int64{2}},
				}},
			},
			AttributeTable: &queryv1.AttributeTable{
				Keys:   []string{"pod", "", "service_name", "", "pod", ""},
				Values: []string{"p", uuidOf(1), "shop", uuidOf(2), "q", uuidOf(3)},
			},
		},
	}}, response.Reports)
}

// The samples of one span and trace in a profile are one point, with the
// labels that its series share. Those of no span are left out.
func TestHeatmapOfSpans(t *testing.T) {
	b := heatmapBlock()
	_, c := start(t, newStorage(b))
	query := ofSpans()
	query.ExemplarType = typesv1.ExemplarType_EXEMPLAR_TYPE_SPAN
	response, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), heatmapOf(query)))
	require.NoError(t, err)
	requireEqual(t, []*queryv1.Report{{
		ReportType: queryv1.ReportType_REPORT_HEATMAP,
		Heatmap: &queryv1.HeatmapReport{
			HeatmapSeries: []*queryv1.HeatmapSeries{{Points: []*queryv1.HeatmapPoint{
				{Timestamp: 100, SpanId: 7, Value: 4, AttributeRefs: []int64{1, 2}},
				{Timestamp: 100, SpanId: 7, TraceId: append(make([]byte, 15), 1), Value: 35, AttributeRefs: []int64{2}},
				{Timestamp: 200, SpanId: 3, Value: 16, AttributeRefs: []int64{1, 2}},
			}}},
			AttributeTable: &queryv1.AttributeTable{Keys: []string{"", "pod", "service_name", "pod"}, Values: []string{"", "p", "shop", "q"}},
		},
	}}, response.Reports)
}

// Reports of two datasets with the same point: it has the labels of both.
func TestHeatmapMergesPoints(t *testing.T) {
	a := block("a", dataset("acme", "shop", series([]string{"pod", "p"}, prof(1, 100, sample(1, "f")))))
	b := block("b", dataset("acme", "shop", series([]string{"pod", "q"}, prof(1, 100, sample(2, "f")))))
	_, c := start(t, newStorage(a, b))
	response, err := c.Invoke(testContext(t), request(mergeNode(readNode(only(a, 0)), readNode(only(b, 0))), heatmapOf(individual())))
	require.NoError(t, err)
	series := response.Reports[0].Heatmap.HeatmapSeries
	require.Len(t, series, 1)
	require.Len(t, series[0].Points, 1)
	require.Equal(t, int64(3), series[0].Points[0].Value)
	var labels []string
	for _, ref := range series[0].Points[0].AttributeRefs {
		labels = append(labels, response.Reports[0].Heatmap.AttributeTable.Values[ref])
	}
	require.ElementsMatch(t, []string{"shop", "p", "q"}, labels)
}

func TestHeatmapWithoutData(t *testing.T) {
	b := heatmapBlock()
	_, c := start(t, newStorage(b))
	r := request(readNode(only(b, 0)), heatmapOf(individual()))
	r.LabelSelector = `{pod="none"}`
	response, err := c.Invoke(testContext(t), r)
	require.NoError(t, err)
	requireEqual(t, []*queryv1.Report{{ReportType: queryv1.ReportType_REPORT_HEATMAP, Heatmap: &queryv1.HeatmapReport{}}}, response.Reports)
}

func TestHeatmapRefuses(t *testing.T) {
	b := heatmapBlock()
	_, c := start(t, newStorage(b))
	with := func(q *queryv1.HeatmapQuery, e typesv1.ExemplarType) *queryv1.HeatmapQuery {
		q.ExemplarType = e
		return q
	}
	for name, query := range map[string]*queryv1.HeatmapQuery{
		"no parameters":              nil,
		"no type":                    {Step: 1},
		"unknown exemplars":          with(individual(), 9),
		"span exemplars":             with(individual(), typesv1.ExemplarType_EXEMPLAR_TYPE_SPAN),
		"individual exemplars":       with(ofSpans(), typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL),
		"unknown type, no exemplars": {QueryType: 9, ExemplarType: typesv1.ExemplarType_EXEMPLAR_TYPE_NONE},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), heatmapOf(query)))
			require.Equal(t, codes.InvalidArgument.String(), status.Code(err).String(), "%v", err)
		})
	}
}
