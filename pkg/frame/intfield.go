package frame

import "github.com/grafana/grafana-plugin-sdk-go/data"

// newIntField is a field of integers, to be set with setInt in any order. Filling
// a slice costs more: data.NewField copies it.
func newIntField(name string, rows int) *data.Field {
	f := data.NewFieldFromFieldType(data.FieldTypeInt64, rows)
	f.Name = name
	return f
}

// setInt is Field.Set, which makes memory of every value.
func setInt(f *data.Field, row int, value int64) { *f.PointerAt(row).(*int64) = value }
