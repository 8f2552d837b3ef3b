package frame

import (
	"fmt"
	"slices"
	"strings"
	"time"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// Limits on one answer to Grafana, all of its frames together. A browser draws less than a tenth of them.
const (
	// MaxSeries is how many frames of time series or heat maps there are.
	MaxSeries = 2_000
	// MaxPoints is how many points all time series have.
	MaxPoints = 1_000_000
	// MaxCells is how many cells all heat maps have, empty ones included.
	MaxCells = 600_000
	// MaxExemplars is how many exemplars a frame has, and MaxExemplarLabels how many of their labels.
	MaxExemplars      = 5_000
	MaxExemplarLabels = 50
	// MaxAnnotations is how many annotations a frame has.
	MaxAnnotations = 1_000
)

// A Room is what is left of the limits while an answer is made. It is for one answer, and not safe for concurrent use.
type Room struct {
	series, points, cells int
}

// NewRoom is the room of a whole answer.
func NewRoom() *Room { return &Room{series: MaxSeries, points: MaxPoints, cells: MaxCells} }

// Series keeps the series that there is room for: the first ones, which are those with the largest sums. A series has at
// most as many points as were asked for. The texts say what is left out; the series themselves are not changed.
func (r *Room) Series(all []*typesv1.Series, asked int) (kept []*typesv1.Series, left []string) {
	cut := 0
	for _, s := range all {
		points := min(len(s.GetPoints()), asked)
		if r.series == 0 || points > r.points {
			break
		}
		if points < len(s.GetPoints()) {
			cut += len(s.GetPoints()) - points
			s = &typesv1.Series{Labels: s.GetLabels(), Points: s.GetPoints()[:points]}
		}
		r.series--
		r.points -= points
		kept = append(kept, s)
	}
	if n := len(all) - len(kept); n > 0 {
		left = append(left, fmt.Sprintf("%d of %d series are left out, those with the smallest sums: an answer has at most %d series and %d points. Group by fewer labels, or set a limit.",
			n, len(all), MaxSeries, MaxPoints))
	}
	if cut > 0 {
		left = append(left, fmt.Sprintf("%d points are left out: a series has at most the %d that were asked for.", cut, asked))
	}
	return kept, left
}

// Heatmap keeps the series of heat maps that there is room for, the first ones, with the slots that Heatmap puts in.
func (r *Room) Heatmap(all []*typesv1.HeatmapSeries, step time.Duration, asked int) (kept []*typesv1.HeatmapSeries, left []string) {
	cut := 0
	for _, s := range all {
		slots := s.GetSlots()
		if len(slots) > asked {
			cut += len(slots) - asked
			slots = slots[:asked]
			s = &typesv1.HeatmapSeries{Labels: s.GetLabels(), Slots: slots}
		}
		cells := 0
		if len(slots) > 0 {
			cells = len(slots[0].GetYMin()) * max(len(slots), filledSlots(slots, step.Milliseconds()))
		}
		if r.series == 0 || cells > r.cells {
			break
		}
		r.series--
		r.cells -= cells
		kept = append(kept, s)
	}
	if n := len(all) - len(kept); n > 0 {
		left = append(left, fmt.Sprintf("%d of %d series are left out, those with the fewest profiles: an answer has at most %d series and %d cells. Group by fewer labels, set a limit, or choose a longer step.",
			n, len(all), MaxSeries, MaxCells))
	}
	if cut > 0 {
		left = append(left, fmt.Sprintf("%d slots are left out: a series has at most the %d that were asked for.", cut, asked))
	}
	return kept, left
}

// filledSlots is how many slots there are from the first to the last, and one more.
func filledSlots(slots []*typesv1.HeatmapSlot, step int64) int {
	if step <= 0 {
		return len(slots)
	}
	at := func(s *typesv1.HeatmapSlot) int64 { return s.GetTimestamp() }
	first, last := at(slots[0]), at(slots[0])
	for _, s := range slots {
		first, last = min(first, at(s)), max(last, at(s))
	}
	between := (uint64(last) - uint64(first)) / uint64(step)
	if between > uint64(len(slots)+maxHeatmapFill) {
		return len(slots) // too far apart to be filled
	}
	return int(between) + 2
}

// evenly keeps n of the elements, as far apart as they can be.
func evenly[E any](all []E, n int) []E {
	if len(all) <= n {
		return all
	}
	kept := make([]E, n)
	for i := range kept {
		kept[i] = all[i*len(all)/n]
	}
	return kept
}

// mostUsed are the n names with the highest counts, sorted by name.
func mostUsed(counts map[string]int, n int) []string {
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := counts[b] - counts[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	names = names[:min(n, len(names))]
	slices.Sort(names)
	return names
}
