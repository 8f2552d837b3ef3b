package frame

import (
	"strings"
	"unicode"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// ChangedFunctions is a table of the functions that changed between a baseline
// (left) and now (right), in the order given, and at most limit of them (no
// limit below 1). Functions that did not change are left out. The wholes are the
// values of the whole profiles.
//
// Its fields are function (string); selfChange, self and selfBaseline,
// totalChange, total and totalBaseline (int64, in the unit of the type); and
// shareChange, share and shareBaseline (fractions of 1): the total's part of
// the whole profile of its side. A change is now less the baseline. What changed
// comes first, and what it was last.
func ChangedFunctions(functions []profile.FunctionDiff, wholeBaseline, whole int64, t profile.Type, limit int64) *data.Frame {
	var names []string
	var values [6][]int64
	var shares [3][]float64
	for _, fn := range functions {
		if fn.SelfChange() == 0 && fn.TotalChange() == 0 {
			continue
		}
		if limit > 0 && int64(len(names)) == limit {
			break
		}
		names = append(names, fn.Name)
		for i, v := range [6]int64{
			fn.SelfChange(), fn.SelfRight, fn.SelfLeft,
			fn.TotalChange(), fn.TotalRight, fn.TotalLeft,
		} {
			values[i] = append(values[i], v)
		}
		before, now := fraction(fn.TotalLeft, wholeBaseline), fraction(fn.TotalRight, whole)
		for i, v := range [3]float64{now - before, now, before} {
			shares[i] = append(shares[i], v)
		}
	}
	unit := UnitOf(t).Sample
	number := func(name string, values []int64) *data.Field {
		return narrow(withUnit(data.NewField(name, nil, values), unit))
	}
	share := func(name string, values []float64) *data.Field {
		return narrow(shareField(data.NewField(name, nil, values)))
	}
	change := share("shareChange", shares[0])
	change.Config.SetMin(-1)
	return tableFrame("changes",
		functionField(names),
		number("selfChange", values[0]), change, number("totalChange", values[3]),
		share("share", shares[1]), share("shareBaseline", shares[2]),
		number("self", values[1]), number("selfBaseline", values[2]),
		number("total", values[4]), number("totalBaseline", values[5]),
	)
}

// tableFrame is a frame that is shown as a table and promises nothing else. Its
// fields have titles: beside other frames, a field without one is shown with the
// frame's name in front.
func tableFrame(name string, fields ...*data.Field) *data.Frame {
	for _, field := range fields {
		if field.Config == nil {
			field.Config = &data.FieldConfig{}
		}
		field.Config.DisplayName = title(field.Name)
	}
	return data.NewFrame(name, fields...).SetMeta(&data.FrameMeta{
		Type:                   data.FrameTypeTable,
		PreferredVisualization: data.VisTypeTable,
	})
}

// title makes words of a field's name: "selfBaseline" is shown as "Self baseline".
func title(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case i == 0:
			r = unicode.ToUpper(r)
		case unicode.IsUpper(r):
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
