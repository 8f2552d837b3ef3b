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

// A labelField is the field "label" of a flame graph, to be set in any order with
// the numbers of texts. It is an enum, which holds each text once, or a string
// field where there are more than an enum can tell apart: the flame graph panel
// reads both.
type labelField struct {
	*data.Field
	texts []string // of a string field
}

// newLabelField takes the texts. What is not valid UTF-8 in them is replaced:
// frames are JSON and Arrow, which hold text only.
func newLabelField(rows int, texts []string) labelField {
	for i, text := range texts {
		if !utf8.ValidString(text) {
			texts[i] = strings.ToValidUTF8(text, "\uFFFD")
		}
	}
	l := labelField{Field: data.NewFieldFromFieldType(data.FieldTypeEnum, rows)}
	if len(texts) > maxEnumItems {
		l = labelField{Field: data.NewFieldFromFieldType(data.FieldTypeString, rows), texts: texts}
	} else {
		l.SetConfig(&data.FieldConfig{TypeConfig: &data.FieldTypeConfig{Enum: &data.EnumFieldConfig{Text: texts}}})
	}
	l.Name = "label"
	return l
}

// set writes the number of a row's text.
func (l labelField) set(row int, number uint32) {
	if l.texts != nil {
		*l.PointerAt(row).(*string) = l.texts[number]
		return
	}
	*l.PointerAt(row).(*data.EnumItemIndex) = data.EnumItemIndex(number)
}
