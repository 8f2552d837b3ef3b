package frame_test

import (
	"math"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
)

func TestSeriesRates(t *testing.T) {
	series := []*typesv1.Series{{Points: []*typesv1.Point{{Timestamp: 1000, Value: 30e9}}}}
	for name, c := range map[string]struct {
		id    string
		rate  frame.Rate
		unit  string
		value float64
		rated bool
	}{
		"rate":    {cpuID, frame.Rate{Step: 15 * time.Second}, "cores", 2, true},
		"average": {cpuID, frame.Rate{Step: 15 * time.Second, Average: true}, "ns", 30e9, false},
		"no step": {cpuID, frame.Rate{}, "ns", 30e9, false},
		"instant": {"memory:inuse_space:bytes:space:bytes", frame.Rate{Step: 15 * time.Second}, "bytes", 30e9, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := frame.Series(series, mustType(c.id), c.rate)[0]
			require.Equal(t, c.unit, f.Fields[1].Config.Unit)
			require.Equal(t, c.value, f.Fields[1].At(0))
			require.Equal(t, c.rated, f.Meta.Custom != nil)
			require.Equal(t, data.VisTypeGraph, f.Meta.PreferredVisualization)
		})
	}
}

func TestNoExemplars(t *testing.T) {
	require.Nil(t, frame.Exemplars([]*typesv1.Series{{Points: []*typesv1.Point{{}}}}, cpu, frame.Rate{}, ""))
	require.Nil(t, frame.HeatmapExemplars(nil, cpu, ""))
}

// The values of exemplars add up to the point that they are from.
func TestExemplarsAreInTheUnitOfTheSeries(t *testing.T) {
	rate := frame.Rate{Step: 10 * time.Second}
	exemplars := frame.Exemplars(traced(), cpu, rate, "")
	series := frame.Series(traced(), cpu, rate)[0]
	values := column[float64](t, exemplars, "Value")
	require.InDelta(t, series.Fields[1].At(0), values[0]+values[1], 1e-12)
	require.Nil(t, field(t, exemplars, "traceId").Config, "a link to no data source")
}

func TestNoAnnotations(t *testing.T) {
	f, unreadable := frame.Annotations(traced(), time.Unix(0, 0))
	require.Nil(t, f)
	require.Zero(t, unreadable)
}

func TestAnnotations(t *testing.T) {
	f, unreadable := frame.Annotations(annotated(), time.Unix(1_795_373_300, 0))
	require.Equal(t, 2, unreadable)
	require.Equal(t, []bool{false, true, false}, column[bool](t, f, "isRegion"), "only a limit reset in the past is a region")
}

func heatmap(slots ...*typesv1.HeatmapSlot) []*typesv1.HeatmapSeries {
	return []*typesv1.HeatmapSeries{{Slots: slots}}
}

func slot(at int64, counts ...int32) *typesv1.HeatmapSlot {
	return &typesv1.HeatmapSlot{Timestamp: at, YMin: []float64{10, 20}, Counts: counts}
}

func TestHeatmapIsDense(t *testing.T) {
	other := &typesv1.HeatmapSlot{Timestamp: 120_000, YMin: []float64{1, 2}, Counts: []int32{9, 9}}
	for name, c := range map[string]struct {
		slots  []*typesv1.HeatmapSlot
		times  []int64
		counts []int64
	}{
		"gap": {
			[]*typesv1.HeatmapSlot{slot(60_000, 1, 2), slot(240_000, 3, 4)},
			[]int64{60_000, 60_000, 120_000, 120_000, 180_000, 180_000, 240_000, 240_000},
			[]int64{1, 2, 0, 0, 0, 0, 3, 4},
		},
		"one slot":     {[]*typesv1.HeatmapSlot{slot(60_000, 1, 2)}, []int64{0, 0, 60_000, 60_000}, []int64{0, 0, 1, 2}},
		"out of order": {[]*typesv1.HeatmapSlot{slot(120_000, 3, 4), slot(60_000, 1, 2)}, []int64{60_000, 60_000, 120_000, 120_000}, []int64{1, 2, 3, 4}},
		"off the grid": {[]*typesv1.HeatmapSlot{slot(60_000, 1, 2), slot(190_000, 3, 4)}, []int64{60_000, 60_000, 190_000, 190_000}, []int64{1, 2, 3, 4}},
		"too far": {
			[]*typesv1.HeatmapSlot{slot(0, 1, 2), slot(60_000<<20, 3, 4)},
			[]int64{0, 0, 60_000 << 20, 60_000 << 20}, []int64{1, 2, 3, 4},
		},
		"other rows":   {[]*typesv1.HeatmapSlot{slot(60_000, 1, 2), other}, []int64{0, 0, 60_000, 60_000}, []int64{0, 0, 1, 2}},
		"short counts": {[]*typesv1.HeatmapSlot{slot(60_000, 1, 2), slot(120_000, 1)}, []int64{0, 0, 60_000, 60_000}, []int64{0, 0, 1, 2}},
		"nothing":      {nil, []int64{}, []int64{}},
		"extreme": {
			[]*typesv1.HeatmapSlot{slot(math.MinInt64, 1, 2), slot(math.MaxInt64, 3, 4)},
			nil, []int64{1, 2, 3, 4},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := frame.Heatmap(heatmap(c.slots...), cpu, time.Minute)[0]
			if c.times != nil {
				times := make([]int64, 0)
				for _, at := range column[time.Time](t, f, "xMax") {
					times = append(times, at.UnixMilli())
				}
				require.Equal(t, c.times, times)
			}
			require.Equal(t, c.counts, column[int64](t, f, "count"))
			for i, y := range column[float64](t, f, "yMin") {
				require.Equal(t, float64(10+i%2*10), y)
			}
		})
	}
}

// The panel takes the first and second field for x and y.
func TestHeatmapOrderOfFields(t *testing.T) {
	f := frame.Heatmap(heatmap(slot(60_000, 1, 2)), cpu, time.Minute)[0]
	require.Equal(t, []string{"xMax", "yMin", "count"}, []string{f.Fields[0].Name, f.Fields[1].Name, f.Fields[2].Name})
	require.Equal(t, data.FrameType("heatmap-cells"), f.Meta.Type)
}

// The parts of a ring must add up to 1.
func TestPlanRings(t *testing.T) {
	nodes := frame.PlanGraph(planNodes(), planEdges())[0]
	rings := []string{"arc__fetched", "arc__spared", "arc__planned", "arc__merge", "arc__failed"}
	want := [][]float64{{1. / 3, 2. / 3, 0, 0, 0}, {.5, .5, 0, 0, 0}, {0, 0, 0, 0, 1}, {0, 0, 1, 0, 0}, {0, 0, 0, 1, 0}}
	for i := range want {
		var got []float64
		for _, name := range rings {
			got = append(got, cell[float64](t, nodes, name, i))
		}
		require.InDeltaSlice(t, want[i], got, 1e-12)
	}
}

func TestMetaApply(t *testing.T) {
	notice := data.Notice{Severity: data.NoticeSeverityWarning, Text: "truncated"}
	stat := frame.Stat("Blocks read", "short", 12)
	frames := append(frame.Series(nil, cpu, frame.Rate{}), data.NewFrame("second"))
	frame.Meta{ExecutedQueryString: "{}", Notices: []data.Notice{notice}, Stats: []data.QueryStat{stat}}.Apply(frames...)
	require.Equal(t, data.FrameTypeTimeSeriesMulti, frames[0].Meta.Type)
	require.Equal(t, []data.Notice{notice}, frames[0].Meta.Notices)
	require.Equal(t, []data.QueryStat{stat}, frames[0].Meta.Stats)
	require.Equal(t, "{}", frames[0].Meta.ExecutedQueryString)
	require.Equal(t, &data.FrameMeta{}, frames[1].Meta)
	require.Equal(t, "Blocks read", stat.DisplayName)
	require.Equal(t, "short", stat.Unit)
}
