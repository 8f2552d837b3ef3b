package frame_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
)

func seriesOf(n, points int) []*typesv1.Series {
	all := make([]*typesv1.Series, n)
	for i := range all {
		all[i] = &typesv1.Series{Points: make([]*typesv1.Point, points)}
	}
	return all
}

func TestRoomOfSeries(t *testing.T) {
	for name, c := range map[string]struct {
		series, points, asked int
		kept, keptPoints      int
		left                  string
	}{
		"within":          {series: 3, points: 10, asked: 10, kept: 3, keptPoints: 10},
		"none":            {asked: 10},
		"too many":        {series: frame.MaxSeries + 5, points: 1, asked: 10, kept: frame.MaxSeries, keptPoints: 1, left: "5 of 2005 series are left out"},
		"too many points": {series: 3, points: frame.MaxPoints / 2, asked: frame.MaxPoints, kept: 2, keptPoints: frame.MaxPoints / 2, left: "1 of 3 series are left out"},
		"not asked for":   {series: 2, points: 12, asked: 10, kept: 2, keptPoints: 10, left: "4 points are left out: a series has at most the 10"},
	} {
		t.Run(name, func(t *testing.T) {
			all := seriesOf(c.series, c.points)
			kept, left := frame.NewRoom().Series(all, c.asked)
			require.Len(t, kept, c.kept)
			for _, s := range kept {
				require.Len(t, s.GetPoints(), c.keptPoints)
			}
			for _, s := range all {
				require.Len(t, s.GetPoints(), c.points, "answers are shared: they are not changed")
			}
			require.Contains(t, strings.Join(left, " "), c.left)
			require.Equal(t, c.left == "", len(left) == 0)
		})
	}
}

// The limits are those of the answer, and not of each query of it.
func TestRoomIsOfTheWholeAnswer(t *testing.T) {
	room := frame.NewRoom()
	kept, left := room.Series(seriesOf(1500, 1), 10)
	require.Len(t, kept, 1500)
	require.Empty(t, left)
	kept, left = room.Series(seriesOf(1500, 1), 10)
	require.Len(t, kept, frame.MaxSeries-1500)
	require.Len(t, left, 1)
}

// Empty cells between two that are far apart take as much room as full ones.
func TestRoomOfHeatmaps(t *testing.T) {
	const day = 24 * time.Hour
	step := 15 * time.Second
	slot := func(at time.Duration) *typesv1.HeatmapSlot {
		return &typesv1.HeatmapSlot{Timestamp: at.Milliseconds(), YMin: make([]float64, 20), Counts: make([]int32, 20)}
	}
	var all []*typesv1.HeatmapSeries
	for range 600 {
		all = append(all, &typesv1.HeatmapSeries{Slots: []*typesv1.HeatmapSlot{slot(0), slot(day)}})
	}
	kept, left := frame.NewRoom().Heatmap(all, step, int(day/step)+2)
	require.Len(t, kept, 5)
	require.Contains(t, left[0], "595 of 600 series are left out")
	cells := 0
	for _, f := range frame.Heatmap(kept, cpu, step) {
		cells += f.Rows()
	}
	require.LessOrEqual(t, cells, frame.MaxCells)
	require.Greater(t, cells, frame.MaxCells*9/10)

	kept, left = frame.NewRoom().Heatmap([]*typesv1.HeatmapSeries{{Slots: []*typesv1.HeatmapSlot{slot(0), slot(step), slot(2 * step)}}}, step, 2)
	require.Len(t, kept[0].GetSlots(), 2)
	require.Contains(t, left[0], "1 slots are left out")
}

func TestExemplarsHaveAsManyRowsAndColumnsAsAllowed(t *testing.T) {
	point := &typesv1.Point{}
	for i := range frame.MaxExemplars + 1000 {
		labels := []*typesv1.LabelPair{{Name: "pod", Value: "p"}, {Name: fmt.Sprintf("l%05d", i), Value: "v"}}
		point.Exemplars = append(point.Exemplars, &typesv1.Exemplar{ProfileId: "p", Timestamp: int64(i), Labels: labels})
	}
	f := frame.Exemplars([]*typesv1.Series{{Points: []*typesv1.Point{point}}}, cpu, frame.Rate{}, "")
	require.Equal(t, frame.MaxExemplars, f.Rows())
	_, pod := f.FieldByName("pod")
	require.Positive(t, pod, "what most have is kept")
	require.Len(t, f.Fields, 3+frame.MaxExemplarLabels) // Time, Value and profileId
	first := data.NewFrame("first")
	frame.Meta{}.Apply(first, f)
	require.Empty(t, f.Meta.Notices)
	require.Len(t, first.Meta.Notices, 2, "Grafana shows those of the first frame")
	require.Contains(t, first.Meta.Notices[0].Text, "1000 of 6000 exemplars are left out")
	require.Contains(t, first.Meta.Notices[1].Text, "4951 labels of the exemplars are left out")
}
