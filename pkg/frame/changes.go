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
// Its fields are function (string); selfBaseline, self and selfChange,
// totalBaseline, total and totalChange (int64, in the unit of the type); and
// shareBaseline, share and shareChange (fractions of 1): the total's part of
// the whole profile of its side. A change is now less the baseline.
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
			fn.SelfLeft, fn.SelfRight, fn.SelfChange(),
			fn.TotalLeft, fn.TotalRight, fn.TotalChange(),
		} {
			values[i] = append(values[i], v)
		}
		before, now := fraction(fn.TotalLeft, wholeBaseline), fraction(fn.TotalRight, whole)
		for i, v := range [3]float64{before, now, now - before} {
			shares[i] = append(shares[i], v)
		}
	}
	fields := []*data.Field{functionField(names)}
	unit := UnitOf(t).Sample
	for i, name := range []string{"selfBaseline", "self", "selfChange", "totalBaseline", "total", "totalChange"} {
		fields = append(fields, withUnit(data.NewField(name, nil, values[i]), unit))
	}
	for i, name := range []string{"shareBaseline", "share", "shareChange"} {
		fields = append(fields, shareField(data.NewField(name, nil, shares[i])))
	}
	fields[len(fields)-1].Config.SetMin(-1) // the change
	return tableFrame("changes", fields...)
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
