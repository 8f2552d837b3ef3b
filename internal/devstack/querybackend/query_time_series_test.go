package querybackend_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// seriesBlocks are two blocks of one service on two pods, in two regions. The
// value of a profile is a power of two.
func seriesBlocks() (a, b *blockstore.Block) {
	noted := prof(3, 2500, sample(4, "f"))
	noted.Annotations = []*typesv1.ProfileAnnotation{{Key: "k", Value: "v"}, {Key: "a", Value: "b"}}
	again := prof(4, 2500, sample(8, "f"))
	again.Annotations = []*typesv1.ProfileAnnotation{{Key: "k", Value: "v"}}
	late := prof(7, 3000, sample(64, "f"))
	late.Annotations = []*typesv1.ProfileAnnotation{{Key: "k", Value: "v"}}
	a = block("a", dataset("acme", "shop",
		series([]string{"pod", "p", "region", "eu"}, prof(1, 1000, sample(1, "f")), prof(2, 2000, sample(2, "f")), noted),
		series([]string{"pod", "q", "region", "us"}, again),
	))
	b = block("b", dataset("acme", "shop",
		series([]string{"pod", "p", "region", "eu"}, prof(5, 2001, sample(16, "f")), prof(6, 4001, sample(32, "f")), late),
	))
	return a, b
}

func timeSeriesRequest(query *queryv1.Query) *queryv1.InvokeRequest {
	a, b := seriesBlocks()
	r := request(readNode(only(a, 0), only(b, 0)), query)
	r.StartTime, r.EndTime = 1000, 4500
	return r
}

func TestTimeSeries(t *testing.T) {
	a, b := seriesBlocks()
	_, c := start(t, newStorage(a, b))
	note, other := &typesv1.ProfileAnnotation{Key: "k", Value: "v"}, &typesv1.ProfileAnnotation{Key: "a", Value: "b"}
	eu, us := &typesv1.LabelPair{Name: "region", Value: "eu"}, &typesv1.LabelPair{Name: "region", Value: "us"}
	p, q := &typesv1.LabelPair{Name: "pod", Value: "p"}, &typesv1.LabelPair{Name: "pod", Value: "q"}
	for name, tc := range map[string]struct {
		query *queryv1.TimeSeriesQuery
		want  []*typesv1.Series
	}{
		// Steps end at 2000, 3000 and 4000: 2000 takes all from the start,
		// 4001 is after the last one. A note is told once for one time, and
		// again for another.
		"all": {&queryv1.TimeSeriesQuery{Step: 1}, []*typesv1.Series{{Points: []*typesv1.Point{
			{Timestamp: 2000, Value: 3}, {Timestamp: 3000, Value: 92, Annotations: []*typesv1.ProfileAnnotation{other, note, note}},
		}}}},
		"by region": {&queryv1.TimeSeriesQuery{Step: 1, GroupBy: []string{"region"}}, []*typesv1.Series{
			{Labels: []*typesv1.LabelPair{eu}, Points: []*typesv1.Point{
				{Timestamp: 2000, Value: 3}, {Timestamp: 3000, Value: 84, Annotations: []*typesv1.ProfileAnnotation{note, other, note}},
			}},
			{Labels: []*typesv1.LabelPair{us}, Points: []*typesv1.Point{
				{Timestamp: 3000, Value: 8, Annotations: []*typesv1.ProfileAnnotation{note}},
			}},
		}},
		// Labels are in the order asked for. A label that no series has is
		// left out.
		"by several": {&queryv1.TimeSeriesQuery{Step: 3.5, GroupBy: []string{"region", "none", "pod"}}, []*typesv1.Series{
			{Labels: []*typesv1.LabelPair{eu, p}, Points: []*typesv1.Point{
				{Timestamp: 4500, Value: 119, Annotations: []*typesv1.ProfileAnnotation{note, other, note}},
			}},
			{Labels: []*typesv1.LabelPair{us, q}, Points: []*typesv1.Point{
				{Timestamp: 4500, Value: 8, Annotations: []*typesv1.ProfileAnnotation{note}},
			}},
		}},
		"no step in the range": {&queryv1.TimeSeriesQuery{Step: 4}, nil},
		// The largest exemplar of a step, with the labels that the group has not.
		"exemplars": {&queryv1.TimeSeriesQuery{Step: 3, GroupBy: []string{"region"}, ExemplarType: typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL}, []*typesv1.Series{
			{Labels: []*typesv1.LabelPair{eu}, Points: []*typesv1.Point{{
				Timestamp: 4000, Value: 87, Annotations: []*typesv1.ProfileAnnotation{note, other, note},
				Exemplars: []*typesv1.Exemplar{{Timestamp: 3000, ProfileId: uuidOf(7), Value: 64, Labels: []*typesv1.LabelPair{p, {Name: "service_name", Value: "shop"}}}},
			}}},
			{Labels: []*typesv1.LabelPair{us}, Points: []*typesv1.Point{{
				Timestamp: 4000, Value: 8, Annotations: []*typesv1.ProfileAnnotation{note},
				Exemplars: []*typesv1.Exemplar{{Timestamp: 2500, ProfileId: uuidOf(4), Value: 8, Labels: []*typesv1.LabelPair{q, {Name: "service_name", Value: "shop"}}}},
			}}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := c.Invoke(testContext(t), timeSeriesRequest(timeSeriesOf(tc.query)))
			require.NoError(t, err)
			requireEqual(t, []*queryv1.Report{{
				ReportType: queryv1.ReportType_REPORT_TIME_SERIES,
				TimeSeries: &queryv1.TimeSeriesReport{Query: tc.query, TimeSeries: tc.want},
			}}, response.Reports)
		})
	}
}

// What the steps of two leaves come to does not depend on how the plan is cut,
// as long as no annotations are repeated.
func TestTimeSeriesOfAnyPlanAreTheSame(t *testing.T) {
	a, b := seriesBlocks()
	_, c := start(t, newStorage(a, b))
	query := timeSeriesOf(&queryv1.TimeSeriesQuery{Step: 0.75, GroupBy: []string{"pod"}, ExemplarType: typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL})
	want, err := c.Invoke(testContext(t), timeSeriesRequest(query))
	require.NoError(t, err)
	require.NotEmpty(t, want.Reports[0].TimeSeries.TimeSeries)

	cut := timeSeriesRequest(query)
	cut.QueryPlan.Root = mergeNode(mergeNode(readNode(only(a, 0))), readNode(only(b, 0)))
	got, err := c.Invoke(testContext(t), cut)
	require.NoError(t, err)
	for _, r := range []*queryv1.InvokeResponse{want, got} {
		for _, s := range r.Reports[0].TimeSeries.TimeSeries {
			for _, p := range s.Points {
				p.Annotations = nil
			}
		}
	}
	requireEqual(t, want.Reports, got.Reports)
}

func TestTimeSeriesRefuses(t *testing.T) {
	a, b := seriesBlocks()
	_, c := start(t, newStorage(a, b))
	for name, tc := range map[string]struct {
		query    *queryv1.TimeSeriesQuery
		from, to int64
		code     codes.Code
	}{
		"no parameters":     {nil, 1, 2, codes.InvalidArgument},
		"no step":           {&queryv1.TimeSeriesQuery{}, 1, 2, codes.InvalidArgument},
		"negative step":     {&queryv1.TimeSeriesQuery{Step: -1}, 1, 2, codes.InvalidArgument},
		"step below 1 ms":   {&queryv1.TimeSeriesQuery{Step: 0.0009}, 1, 2, codes.InvalidArgument},
		"step of ages":      {&queryv1.TimeSeriesQuery{Step: 1e300}, 1, 2, codes.InvalidArgument},
		"no number":         {&queryv1.TimeSeriesQuery{Step: math.NaN()}, 1, 2, codes.InvalidArgument},
		"start before 1970": {&queryv1.TimeSeriesQuery{Step: 1}, math.MinInt64, 2, codes.InvalidArgument},
		"end of time":       {&queryv1.TimeSeriesQuery{Step: 1}, 1, math.MaxInt64, codes.InvalidArgument},
		"span exemplars":    {&queryv1.TimeSeriesQuery{Step: 1, ExemplarType: typesv1.ExemplarType_EXEMPLAR_TYPE_SPAN}, 1, 2, codes.Unimplemented},
		"unknown exemplars": {&queryv1.TimeSeriesQuery{Step: 1, ExemplarType: 9}, 1, 2, codes.InvalidArgument},
	} {
		t.Run(name, func(t *testing.T) {
			for _, query := range []*queryv1.Query{timeSeriesOf(tc.query), compactOf(tc.query)} {
				r := timeSeriesRequest(query)
				r.StartTime, r.EndTime = tc.from, tc.to
				_, err := c.Invoke(testContext(t), r)
				require.Equal(t, tc.code.String(), status.Code(err).String(), "%v", err)
			}
		})
	}
}
