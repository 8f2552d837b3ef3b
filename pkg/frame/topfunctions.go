package frame

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A Measure is a column of the table of functions.
type Measure string

// The columns of the table of functions.
const (
	MeasureSelf  Measure = "self"  // what was spent in the function itself
	MeasureTotal Measure = "total" // with all that it called
	MeasureShare Measure = "share" // MeasureTotal as a part of the whole profile
)

// TopFunctions is a table of functions, in the order given: function (string),
// self and total (int64, in the unit of the type), and share: the function's
// total divided by the whole profile's, as a fraction of 1. The whole is
// that of all functions, also of those that are not in the table.
//
// The frame is of the type numeric-long: every row is a number for each of the
// columns, with the label "function".
//
// Where measures are named, the frame has those columns only. An alert rule
// tells its numbers apart by their labels alone, so that it needs a frame with
// exactly one measure. No functions then give a frame with no fields, which is
// "no data" to alert rules; for a table, the columns stay.
func TopFunctions(functions []profile.Function, whole int64, t profile.Type, measures ...Measure) *data.Frame {
	f := data.NewFrame("functions").SetMeta(&data.FrameMeta{
		Type:                   data.FrameTypeNumericLong,
		TypeVersion:            contractVersion,
		PreferredVisualization: data.VisTypeTable,
	})
	if len(functions) == 0 && len(measures) > 0 {
		return f
	}
	if len(measures) == 0 {
		measures = []Measure{MeasureSelf, MeasureTotal, MeasureShare}
	}
	names := make([]string, len(functions))
	self := make([]int64, len(functions))
	total := make([]int64, len(functions))
	share := make([]float64, len(functions))
	for i, fn := range functions {
		names[i], self[i], total[i], share[i] = fn.Name, fn.Self, fn.Total, fraction(fn.Total, whole)
	}
	unit := UnitOf(t).Sample
	f.Fields = append(f.Fields, functionField(names))
	add := func(field *data.Field) { f.Fields = append(f.Fields, narrow(field)) }
	for _, m := range measures {
		switch m {
		case MeasureSelf:
			add(withUnit(data.NewField(string(m), nil, self), unit))
		case MeasureTotal:
			add(withUnit(data.NewField(string(m), nil, total), unit))
		case MeasureShare:
			add(shareField(data.NewField(string(m), nil, share)))
		}
	}
	return f
}

// shareField is a field of fractions of 1, of which a bar gauge knows both ends.
func shareField(f *data.Field) *data.Field {
	f.SetConfig((&data.FieldConfig{Unit: unitFraction}).SetMin(0).SetMax(1))
	return f
}

// fraction is part/whole, and 0 of nothing.
func fraction(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
