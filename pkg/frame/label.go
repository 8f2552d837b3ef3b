package frame

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// maxEnumItems is how many names an enum field can tell apart: an item's index
// has 16 bits.
const maxEnumItems = math.MaxUint16 + 1

// A labelColumn is the "label" field of a flame graph while it is filled, in
// any order, with the numbers of names. It is an enum field, which holds each
// name once, up to the number of names that an enum can tell apart; with more
// it becomes a string field, which the flame graph panel reads as well.
type labelColumn struct {
	items column[data.EnumItemIndex]
	wide  []uint32 // the rows, once there are too many names for an enum
}

func newLabelColumn(rows int) labelColumn {
	return labelColumn{items: newColumn[data.EnumItemIndex]("label", data.FieldTypeEnum, rows)}
}

// set writes the number of a row's name.
func (c *labelColumn) set(row int, number uint32) {
	if number >= maxEnumItems && c.wide == nil {
		c.widen()
	}
	if c.wide != nil {
		c.wide[row] = number
		return
	}
	c.items.values[row] = data.EnumItemIndex(number)
}

func (c *labelColumn) widen() {
	c.wide = make([]uint32, len(c.items.values))
	for row, item := range c.items.values {
		c.wide[row] = uint32(item)
	}
	c.items = column[data.EnumItemIndex]{}
}

// field is the finished field. It takes the names, by number. What is not valid
// UTF-8 in them is replaced: frames are JSON and Arrow, which hold text only.
func (c *labelColumn) field(names []string) *data.Field {
	for i, name := range names {
		if !utf8.ValidString(name) {
			names[i] = strings.ToValidUTF8(name, "\uFFFD")
		}
	}
	if c.wide == nil {
		return c.items.field.SetConfig(&data.FieldConfig{
			TypeConfig: &data.FieldTypeConfig{Enum: &data.EnumFieldConfig{Text: names}},
		})
	}
	field := data.NewFieldFromFieldType(data.FieldTypeString, len(c.wide))
	field.Name = "label"
	for row, number := range c.wide {
		*field.PointerAt(row).(*string) = names[number]
	}
	return field
}
