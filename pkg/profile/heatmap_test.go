package profile_test

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestRecordedHeatmaps(t *testing.T) {
	for _, c := range corpusCases(t, "SelectHeatmap") {
		t.Run(c.Name, func(t *testing.T) {
			request := into(t, c.Request, &querierv1.SelectHeatmapRequest{})
			exemplars := request.GetExemplarType() == typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL
			series, err := profile.Heatmap(c.reports(t)[0][0].Heatmap, request.Start, request.End, int64(request.Step*1000), exemplars)
			require.NoError(t, err)
			got := &querierv1.SelectHeatmapResponse{Series: profile.TopHeatmapSeries(series, request.GetLimit())}
			want := into(t, c.Response, &querierv1.SelectHeatmapResponse{})
			for _, s := range want.Series {
				for _, slot := range s.Slots {
					slices.SortFunc(slot.Exemplars, func(a, b *typesv1.Exemplar) int { return cmp.Compare(a.Value, b.Value) })
				}
			}
			requireProto(t, want, got)
		})
	}
}

// heatmapOf is a report of one series of (time, value) points.
func heatmapOf(points ...[2]int64) *queryv1.HeatmapReport {
	s := &queryv1.HeatmapSeries{}
	for _, p := range points {
		s.Points = append(s.Points, &queryv1.HeatmapPoint{Timestamp: p[0], Value: p[1]})
	}
	return &queryv1.HeatmapReport{HeatmapSeries: []*queryv1.HeatmapSeries{s}}
}

func TestHeatmapSlotsAndRows(t *testing.T) {
	got, err := profile.Heatmap(heatmapOf(
		[2]int64{90, 0}, [2]int64{100, 199}, [2]int64{101, 200}, [2]int64{110, 9}, [2]int64{111, 10}, [2]int64{500, 100},
	), 100, 125, 10, false)
	require.NoError(t, err)
	require.Len(t, got, 1)
	counts := map[int64]map[int]int32{}
	for _, slot := range got[0].Slots {
		require.Len(t, slot.YMin, 20)
		require.Equal(t, 190.0, slot.YMin[19])
		counts[slot.Timestamp] = map[int]int32{}
		for row, n := range slot.Counts {
			if n > 0 {
				counts[slot.Timestamp][row] = n
			}
		}
	}
	require.Equal(t, map[int64]map[int]int32{
		100: {0: 1, 19: 1}, // up to the start
		110: {19: 1, 0: 1},
		120: {1: 1},
		130: {10: 1}, // after the end: the slot that includes it
	}, counts)
}

func TestHeatmapOfEqualAndExtremeValues(t *testing.T) {
	got, err := profile.Heatmap(heatmapOf([2]int64{1, 7}, [2]int64{1, 7}), 0, 10, 10, false)
	require.NoError(t, err)
	require.EqualValues(t, 2, got[0].Slots[0].Counts[19])

	_, err = profile.Heatmap(heatmapOf([2]int64{math.MinInt64, math.MinInt64}, [2]int64{math.MaxInt64, math.MaxInt64}), 0, math.MaxInt64-1, 1, true)
	require.NoError(t, err)
}

func TestHeatmapOfNothing(t *testing.T) {
	for _, report := range []*queryv1.HeatmapReport{nil, {}, heatmapOf()} {
		got, err := profile.Heatmap(report, 0, 10, 1, true)
		require.NoError(t, err)
		require.Empty(t, got)
	}
}

func TestHeatmapExemplars(t *testing.T) {
	report := &queryv1.HeatmapReport{
		AttributeTable: &queryv1.AttributeTable{Keys: []string{"", "pod"}, Values: []string{"an-id", "p0"}},
		HeatmapSeries: []*queryv1.HeatmapSeries{{Points: []*queryv1.HeatmapPoint{
			{Timestamp: 5, Value: 1},
			{Timestamp: 5, Value: 1000, SpanId: 1, TraceId: make([]byte, 16), AttributeRefs: []int64{1}},
			{Timestamp: 5, Value: 999},
		}}},
	}
	got, err := profile.Heatmap(report, 0, 10, 10, true)
	require.NoError(t, err)
	require.Len(t, got[0].Slots[0].Exemplars, 2, "one for each row that has points: the largest")
	largest := got[0].Slots[0].Exemplars[1]
	require.EqualValues(t, 1000, largest.Value)
	require.Equal(t, "an-id", largest.ProfileId)
	require.Equal(t, "0100000000000000", largest.SpanId)
	require.Equal(t, "00000000000000000000000000000000", largest.TraceId)
	require.Equal(t, "p0", largest.Labels[0].Value)
}

func TestHeatmapErrors(t *testing.T) {
	hostile := func(p *queryv1.HeatmapPoint, refs ...int64) *queryv1.HeatmapReport {
		return &queryv1.HeatmapReport{
			AttributeTable: &queryv1.AttributeTable{Keys: []string{""}, Values: []string{"id"}},
			HeatmapSeries:  []*queryv1.HeatmapSeries{{AttributeRefs: refs, Points: []*queryv1.HeatmapPoint{p}}},
		}
	}
	for name, report := range map[string]*queryv1.HeatmapReport{
		"labels":          hostile(&queryv1.HeatmapPoint{}, 1),
		"profile id":      hostile(&queryv1.HeatmapPoint{ProfileId: -1}),
		"exemplar labels": hostile(&queryv1.HeatmapPoint{AttributeRefs: []int64{7}}),
	} {
		_, err := profile.Heatmap(report, 0, 10, 1, true)
		require.ErrorContains(t, err, "into an attribute table of 1", name)
	}
	_, err := profile.Heatmap(heatmapOf(), 0, 10, 0, false)
	require.ErrorContains(t, err, "at least 1 ms")
	_, err = profile.Heatmap(heatmapOf(), 11, 10, 1, false)
	require.ErrorContains(t, err, "must not be after the end")
}

func TestTopHeatmapSeries(t *testing.T) {
	series := func(pod string, counts ...int32) *typesv1.HeatmapSeries {
		return &typesv1.HeatmapSeries{
			Labels: []*typesv1.LabelPair{{Name: "pod", Value: pod}},
			Slots:  []*typesv1.HeatmapSlot{{Counts: counts}},
		}
	}
	all := []*typesv1.HeatmapSeries{series("c", 1), series("b", 1, 4), series("a", 1)}
	require.Equal(t, all, profile.TopHeatmapSeries(all, 0))
	require.Equal(t, all, profile.TopHeatmapSeries(all, 3), "no limit that bites: as they were")
	got := profile.TopHeatmapSeries(all, 2)
	require.Equal(t, []*typesv1.HeatmapSeries{all[1], all[2]}, got)
}

func FuzzHeatmap(f *testing.F) {
	b, err := proto.Marshal(heatmapOf([2]int64{1, 2}, [2]int64{math.MinInt64, math.MaxInt64}))
	require.NoError(f, err)
	f.Add(b, int64(0), int64(100), int64(10))
	f.Fuzz(func(t *testing.T, b []byte, start, length, step int64) {
		var report queryv1.HeatmapReport
		if proto.Unmarshal(b, &report) != nil || start < 0 || length < 0 || length > 1<<50 || start > 1<<50 {
			return
		}
		points := 0
		for _, s := range report.HeatmapSeries {
			points += len(s.Points)
		}
		series, err := profile.Heatmap(&report, start, start+length, step, true)
		if err != nil {
			return
		}
		counted := 0
		for _, s := range series {
			for _, slot := range s.Slots {
				for _, n := range slot.Counts {
					counted += int(n)
				}
			}
		}
		require.Equal(t, points, counted)
	})
}
