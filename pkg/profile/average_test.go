package profile

import (
	"testing"

	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

func TestAverageSeries(t *testing.T) {
	report := &queryv1.HeatmapReport{
		AttributeTable: &queryv1.AttributeTable{Keys: []string{"pod"}, Values: []string{"a"}},
		HeatmapSeries: []*queryv1.HeatmapSeries{{
			AttributeRefs: []int64{0},
			Points: []*queryv1.HeatmapPoint{
				{Timestamp: 95, Value: 10},  // (90, 100]
				{Timestamp: 100, Value: 30}, // (90, 100]
				{Timestamp: 101, Value: 7},  // (100, 110]
				{Timestamp: 130, Value: 9},  // (120, 130]
			},
		}},
	}
	series, err := AverageSeries(report, 100, 130, 10)
	require.NoError(t, err)
	require.Equal(t, []*typesv1.Series{{
		Labels: []*typesv1.LabelPair{{Name: "pod", Value: "a"}},
		Points: []*typesv1.Point{{Timestamp: 100, Value: 20}, {Timestamp: 110, Value: 7}, {Timestamp: 130, Value: 9}},
	}}, series)
}

func TestAverageSeriesRefuses(t *testing.T) {
	_, err := AverageSeries(nil, 0, 10, 0)
	require.ErrorContains(t, err, "step 0")
	_, err = AverageSeries(&queryv1.HeatmapReport{HeatmapSeries: []*queryv1.HeatmapSeries{{AttributeRefs: []int64{5}}}}, 0, 10, 1)
	require.ErrorContains(t, err, "reference 5")
}
