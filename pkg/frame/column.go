package frame

import (
	"unsafe"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// A column is a field of fixed length and its values, to be written in place.
// data.NewField copies what it is given, and writing through a field boxes every
// value: both cost a flame graph of a million nodes more than all the rest.
type column[T int64 | data.EnumItemIndex] struct {
	field  *data.Field
	values []T
}

// newColumn makes a field of a type whose elements are T.
func newColumn[T int64 | data.EnumItemIndex](name string, t data.FieldType, rows int) column[T] {
	field := data.NewFieldFromFieldType(t, rows)
	field.Name = name
	c := column[T]{field: field}
	if rows > 0 {
		// A field keeps its values in one slice of exactly this length.
		c.values = unsafe.Slice(field.PointerAt(0).(*T), rows)
	}
	return c
}
