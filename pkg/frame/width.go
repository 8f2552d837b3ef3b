package frame

import "github.com/grafana/grafana-plugin-sdk-go/data"

// Widths of columns are in pixels. Grafana gives every column the same room, in which
// names of functions are cut and numbers are lost in space. What numbers need is known:
// names have all the rest, and as much as leaves the numbers in view in half a dashboard.
const (
	functionMinWidth = 220
	numberWidth      = 88
	// A title takes so much a character, and its padding.
	titleCharacterWidth = 8
	titlePadding        = 16
)

// functionField is a column with names of functions, as wide as there is room.
func functionField(names []string) *data.Field {
	return data.NewField("function", nil, names).SetConfig(&data.FieldConfig{
		Custom: map[string]any{"minWidth": functionMinWidth},
	})
}

// narrow gives a column of numbers what they and its title need.
func narrow(f *data.Field) *data.Field {
	width := max(numberWidth, titleCharacterWidth*len(f.Name)+titlePadding)
	if f.Config == nil {
		f.Config = &data.FieldConfig{}
	}
	f.Config.Custom = map[string]any{"width": width}
	return f
}

// statField is one of the two texts in a node of Grafana's node graph. The panel's
// legend has an entry for each: it says what the text is, and has no colour.
func statField(name, title string, texts []string) *data.Field {
	return data.NewField(name, nil, texts).SetConfig(&data.FieldConfig{
		DisplayName: title,
		Color:       map[string]any{"mode": "fixed", "fixedColor": "transparent"},
	})
}
