package profile

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// heatmapRows is how many rows of values a heat map has.
const heatmapRows = 20

// traceIDBytes is the length of a trace id; any other is none.
const traceIDBytes = 16

// Heatmap counts the points of a heat map report by slots of time and rows of
// values. Slots are step milliseconds long and carry the time of their end:
// the first is (start-step, start], the last includes end. What lies outside
// counts for the first or last slot. All series share 20 rows of the same
// height, from the least to the largest value of all points. A slot lists
// YMin, the least value of each row, and the counts; with exemplars also the
// largest point of each cell. A reference that the attribute table does not
// have is an error.
func Heatmap(report *queryv1.HeatmapReport, start, end, step int64, exemplars bool) ([]*typesv1.HeatmapSeries, error) {
	if step < 1 {
		return nil, fmt.Errorf("heat map step %d: it must be at least 1 ms", step)
	}
	if start > end {
		return nil, fmt.Errorf("heat map from %d to %d: the start must not be after the end", start, end)
	}
	table, err := newAttributes(report.GetAttributeTable())
	if err != nil {
		return nil, fmt.Errorf("heat map: %w", err)
	}
	grid := heatmapGrid{start: start, end: end, step: step, rows: newRows(report.GetHeatmapSeries())}
	var all []*typesv1.HeatmapSeries
	for i, series := range report.GetHeatmapSeries() {
		if len(series.GetPoints()) == 0 {
			continue
		}
		labels, err := table.labels(series.GetAttributeRefs())
		if err != nil {
			return nil, fmt.Errorf("heat map series %d: %w", i, err)
		}
		columns := grid.count(series.GetPoints())
		slots := make([]*typesv1.HeatmapSlot, len(columns))
		for j, c := range columns {
			slots[j] = &typesv1.HeatmapSlot{Timestamp: c.timestamp, YMin: grid.rows.least(), Counts: c.counts[:]}
			if !exemplars {
				continue
			}
			if slots[j].Exemplars, err = table.heatmapExemplars(c.largest[:]); err != nil {
				return nil, fmt.Errorf("heat map series %d: %w", i, err)
			}
		}
		all = append(all, &typesv1.HeatmapSeries{Labels: labels, Slots: slots})
	}
	return all, nil
}

// TopHeatmapSeries are the series with the most counts, by falling sum and then
// by labels. When the limit does not bite, or is below 1, they are as they were.
func TopHeatmapSeries(series []*typesv1.HeatmapSeries, limit int64) []*typesv1.HeatmapSeries {
	if limit < 1 || int64(len(series)) <= limit {
		return series
	}
	return sortBySum(series, func(s *typesv1.HeatmapSeries) (sum int64) {
		for _, slot := range s.GetSlots() {
			for _, n := range slot.GetCounts() {
				sum += int64(n)
			}
		}
		return sum
	})[:limit]
}

// heatmapRowLimits are the limits of the rows: row i is [limits[i], limits[i+1]), the
// last row includes its upper limit.
type heatmapRowLimits [heatmapRows + 1]int64

func newRows(series []*queryv1.HeatmapSeries) heatmapRowLimits {
	least, largest := int64(math.MaxInt64), int64(0)
	for _, s := range series {
		for _, p := range s.GetPoints() {
			least, largest = min(least, p.GetValue()), max(largest, p.GetValue())
		}
	}
	if least == largest && largest < math.MaxInt64 {
		largest++
	}
	// Unsigned, as the range of hostile values can exceed an int64.
	height := float64(uint64(largest)-uint64(least)) / heatmapRows
	var limits heatmapRowLimits
	for i := range heatmapRows {
		limits[i] = int64(uint64(least) + uint64(float64(i)*height))
	}
	limits[heatmapRows] = largest
	return limits
}

// least is the lower limit of each row.
func (l *heatmapRowLimits) least() []float64 {
	least := make([]float64, heatmapRows)
	for i := range least {
		least[i] = float64(l[i])
	}
	return least
}

// row is the first row with an upper limit above the value, else the last.
func (l *heatmapRowLimits) row(value int64) int {
	for i := range heatmapRows - 1 {
		if value < l[i+1] {
			return i
		}
	}
	return heatmapRows - 1
}

type heatmapGrid struct {
	start, end, step int64
	rows             heatmapRowLimits
}

// A heatmapColumn is one slot of a series.
type heatmapColumn struct {
	timestamp int64
	counts    [heatmapRows]int32
	largest   [heatmapRows]*queryv1.HeatmapPoint
}

// count puts points into columns, sorted by time.
func (g *heatmapGrid) count(points []*queryv1.HeatmapPoint) []*heatmapColumn {
	var columns []*heatmapColumn
	index := map[int64]*heatmapColumn{}
	for _, p := range points {
		at := g.slot(p.GetTimestamp())
		c := index[at]
		if c == nil {
			c = &heatmapColumn{timestamp: at}
			index[at] = c
			columns = append(columns, c)
		}
		row := g.rows.row(p.GetValue())
		c.counts[row]++
		if c.largest[row] == nil || p.GetValue() > c.largest[row].GetValue() {
			c.largest[row] = p
		}
	}
	slices.SortFunc(columns, func(a, b *heatmapColumn) int { return int(min(max(a.timestamp-b.timestamp, -1), 1)) })
	return columns
}

// slot is the end of the slot that a time is in.
func (g *heatmapGrid) slot(at int64) int64 {
	at = min(max(at, g.start), g.end)
	slots := (at - g.start) / g.step
	if (at-g.start)%g.step != 0 {
		slots++
	}
	return g.start + slots*g.step
}

// heatmapExemplars describes the points that are there.
func (a attributes) heatmapExemplars(points []*queryv1.HeatmapPoint) ([]*typesv1.Exemplar, error) {
	var all []*typesv1.Exemplar
	for _, p := range points {
		if p == nil {
			continue
		}
		e := &typesv1.Exemplar{Timestamp: p.GetTimestamp(), Value: p.GetValue(), SpanId: FormatSpanID(p.GetSpanId())}
		// A store that interned nothing has no table, and leaves the id 0.
		if p.GetProfileId() != 0 || len(a.values) > 0 {
			if err := a.check(p.GetProfileId()); err != nil {
				return nil, fmt.Errorf("exemplar: profile id: %w", err)
			}
			e.ProfileId = a.values[p.GetProfileId()]
		}
		if len(p.GetTraceId()) == traceIDBytes {
			e.TraceId = hex.EncodeToString(p.GetTraceId())
		}
		e, err := a.exemplar(e, p.GetAttributeRefs())
		if err != nil {
			return nil, err
		}
		if e != nil {
			all = append(all, e)
		}
	}
	return all, nil
}
