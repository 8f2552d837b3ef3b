package profile_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestRecordedSeries(t *testing.T) {
	for _, c := range corpusCases(t, "SelectSeries") {
		t.Run(c.Name, func(t *testing.T) {
			request := into(t, c.Request, &querierv1.SelectSeriesRequest{})
			report := c.reports(t)[0][0]
			series := report.GetTimeSeries().GetTimeSeries()
			if report.TimeSeriesCompact != nil {
				var err error
				series, err = profile.ExpandSeries(report.TimeSeriesCompact)
				require.NoError(t, err)
			}
			got := &querierv1.SelectSeriesResponse{Series: profile.TopSeries(series, request.GetLimit())}
			requireProto(t, into(t, c.Response, &querierv1.SelectSeriesResponse{}), got)
		})
	}
}

func seriesOf(pod string, values ...float64) *typesv1.Series {
	s := &typesv1.Series{Labels: []*typesv1.LabelPair{{Name: "pod", Value: pod}}}
	for i, v := range values {
		s.Points = append(s.Points, &typesv1.Point{Timestamp: int64(i), Value: v})
	}
	return s
}

func TestTopSeries(t *testing.T) {
	all := []*typesv1.Series{seriesOf("c", 1), seriesOf("b", 2, 2), seriesOf("a", 1), seriesOf("d", 3)}
	pods := func(series []*typesv1.Series) (pods string) {
		for _, s := range series {
			pods += s.Labels[0].Value
		}
		return pods
	}
	require.Equal(t, "bdac", pods(profile.TopSeries(all, 0)), "by total; equals by labels")
	require.Equal(t, "bda", pods(profile.TopSeries(all, 3)))
	require.Equal(t, "bdac", pods(profile.TopSeries(all, 9)))
	require.Equal(t, "cbad", pods(all), "the argument is left alone")
	require.Empty(t, profile.TopSeries(nil, 1))
}

func TestExpandSeriesRefusesHostileReferences(t *testing.T) {
	table := &queryv1.AttributeTable{Keys: []string{"a"}, Values: []string{"x"}}
	point := func(p *queryv1.Point) *queryv1.TimeSeriesCompactReport {
		return &queryv1.TimeSeriesCompactReport{AttributeTable: table, TimeSeries: []*queryv1.Series{{Points: []*queryv1.Point{p}}}}
	}
	for name, tc := range map[string]struct {
		report *queryv1.TimeSeriesCompactReport
		error  string
	}{
		"label":       {&queryv1.TimeSeriesCompactReport{AttributeTable: table, TimeSeries: []*queryv1.Series{{AttributeRefs: []int64{1}}}}, "series 0: labels: reference 1 into an attribute table of 1"},
		"no table":    {&queryv1.TimeSeriesCompactReport{TimeSeries: []*queryv1.Series{{AttributeRefs: []int64{0}}}}, "reference 0 into an attribute table of 0"},
		"annotation":  {point(&queryv1.Point{AnnotationRefs: []int64{-1}}), "point 0: annotations: reference -1"},
		"exemplar":    {point(&queryv1.Point{Exemplars: []*queryv1.Exemplar{{AttributeRefs: []int64{1 << 40}}}}), "point 0: exemplar: labels"},
		"short table": {&queryv1.TimeSeriesCompactReport{AttributeTable: &queryv1.AttributeTable{Keys: []string{"a"}}}, "1 keys and 0 values"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := profile.ExpandSeries(tc.report)
			require.ErrorContains(t, err, tc.error)
		})
	}
}

func TestExpandSeriesLeavesEmptyExemplarsOut(t *testing.T) {
	got, err := profile.ExpandSeries(&queryv1.TimeSeriesCompactReport{
		AttributeTable: &queryv1.AttributeTable{Keys: []string{"k"}, Values: []string{"v"}},
		TimeSeries: []*queryv1.Series{{Points: []*queryv1.Point{{
			AnnotationRefs: []int64{0},
			Exemplars:      []*queryv1.Exemplar{{Value: 1}, {Value: 2, SpanId: "ab"}, {Value: 3, AttributeRefs: []int64{0}}},
		}}}},
	})
	require.NoError(t, err)
	p := got[0].Points[0]
	require.Len(t, p.Exemplars, 2)
	require.Equal(t, "k", p.Annotations[0].Key)
	require.Nil(t, got[0].Labels)
}

func FuzzExpandSeries(f *testing.F) {
	for _, c := range corpusCases(f, "SelectSeries") {
		for _, reports := range c.reports(f) {
			if compact := reports[0].TimeSeriesCompact; compact != nil {
				b, err := proto.Marshal(compact)
				require.NoError(f, err)
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var report queryv1.TimeSeriesCompactReport
		if proto.Unmarshal(b, &report) != nil {
			return
		}
		series, err := profile.ExpandSeries(&report)
		if err != nil {
			return
		}
		require.Len(t, series, len(report.TimeSeries))
		require.Len(t, profile.TopSeries(series, 0), len(series))
	})
}

// A limit has 64 bits on every platform: 2³² is not 0, nor is 2³²+1 one series.
func TestLimitsBeyond32Bits(t *testing.T) {
	series := []*typesv1.Series{{}, {}, {}}
	heatmap := []*typesv1.HeatmapSeries{{}, {}, {}}
	for _, limit := range []int64{1 << 32, 1<<32 + 1, math.MaxInt64} {
		require.Len(t, profile.TopSeries(series, limit), 3)
		require.Len(t, profile.TopHeatmapSeries(heatmap, limit), 3)
	}
}
