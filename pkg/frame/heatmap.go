package frame

import (
	"cmp"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// frameTypeHeatmapCells is the type that Grafana's heat map panel draws as it
// is. The SDK has no name for it.
const frameTypeHeatmapCells data.FrameType = "heatmap-cells"

// maxHeatmapFill is how many empty slots are put in at most. A day in steps of
// 15 seconds has 5,760.
const maxHeatmapFill = 20_000

// Heatmap makes a frame of each series of a heat map
// (querier.v1.SelectHeatmapResponse), for Grafana's heat map panel, which draws
// the first. A row is a cell: xMax (time), the end of the cell's slot; yMin (in
// the unit of the type), the least value of the cell; count, how many profiles
// or spans have such a value. All cells of a slot come together, from low to
// high, and slots in order of time.
//
// The panel works out the size of all cells from the first few. So slots with
// nothing in them, which the answer leaves out, are put in with counts of 0,
// and a lone slot gets an empty one before it. Slots whose rows differ from the
// first slot's are left out: the answer has none.
func Heatmap(series []*typesv1.HeatmapSeries, t profile.Type, step time.Duration) data.Frames {
	frames := make(data.Frames, 0, len(series))
	for _, s := range series {
		frames = append(frames, heatmapFrame(s, UnitOf(t), step))
	}
	return frames
}

func heatmapFrame(s *typesv1.HeatmapSeries, u Unit, step time.Duration) *data.Frame {
	var rows []float64
	if slots := s.GetSlots(); len(slots) > 0 {
		rows = slots[0].GetYMin()
	}
	slots := slices.DeleteFunc(slices.Clone(s.GetSlots()), func(slot *typesv1.HeatmapSlot) bool {
		return !slices.Equal(slot.GetYMin(), rows) || len(slot.GetCounts()) != len(rows)
	})
	slots = fillSlots(slots, step.Milliseconds())
	times := make([]time.Time, 0, len(slots)*len(rows))
	least := make([]float64, 0, cap(times))
	counts := make([]int64, 0, cap(times))
	for _, slot := range slots {
		end := time.UnixMilli(slot.GetTimestamp()).UTC()
		for i, y := range rows {
			count := int64(0)
			if len(slot.GetCounts()) > 0 {
				count = int64(slot.GetCounts()[i])
			}
			times, least, counts = append(times, end), append(least, y), append(counts, count)
		}
	}
	x := data.NewField("xMax", nil, times).SetConfig(&data.FieldConfig{Interval: float64(step.Milliseconds())})
	return data.NewFrame("heatmap",
		x,
		withUnit(data.NewField("yMin", nil, least), u.Sample),
		withUnit(data.NewField("count", labelsOf(s.GetLabels()), counts), unitCount),
	).SetMeta(&data.FrameMeta{Type: frameTypeHeatmapCells, PreferredVisualizationPluginID: "heatmap"})
}

// fillSlots puts the slots that are missing between others in, without counts.
// Slots that do not lie on a grid of the step are left as they are.
func fillSlots(slots []*typesv1.HeatmapSlot, step int64) []*typesv1.HeatmapSlot {
	if len(slots) == 0 || step <= 0 {
		return slots
	}
	slices.SortFunc(slots, func(a, b *typesv1.HeatmapSlot) int {
		return cmp.Compare(a.GetTimestamp(), b.GetTimestamp())
	})
	first, last := slots[0].GetTimestamp(), slots[len(slots)-1].GetTimestamp()
	if span := uint64(last) - uint64(first); span/uint64(step) > uint64(len(slots)+maxHeatmapFill) {
		return slots
	}
	for _, s := range slots {
		if (s.GetTimestamp()-first)%step != 0 {
			return slots
		}
	}
	var filled []*typesv1.HeatmapSlot
	if len(slots) == 1 {
		filled = append(filled, &typesv1.HeatmapSlot{Timestamp: first - step})
	}
	for _, s := range slots {
		for len(filled) > 0 && filled[len(filled)-1].GetTimestamp()+step < s.GetTimestamp() {
			filled = append(filled, &typesv1.HeatmapSlot{Timestamp: filled[len(filled)-1].GetTimestamp() + step})
		}
		filled = append(filled, s)
	}
	return filled
}
