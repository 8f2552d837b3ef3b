package frame

import "github.com/grafana/grafana-plugin-sdk-go/data"

// functionWidth is in pixels: Grafana gives every column the same room, in which a
// qualified name of a function is cut to its package.
const functionWidth = 420

// functionField is a column with names of functions, as wide as they need.
func functionField(names []string) *data.Field {
	return data.NewField("function", nil, names).SetConfig(&data.FieldConfig{
		Custom: map[string]any{"width": functionWidth},
	})
}

// statField is one of the two texts in a node of Grafana's node graph. The panel's
// legend has an entry for each: it says what the text is, and has no colour.
func statField(name, title string, texts []string) *data.Field {
	return data.NewField(name, nil, texts).SetConfig(&data.FieldConfig{
		DisplayName: title,
		Color:       map[string]any{"mode": "fixed", "fixedColor": "transparent"},
	})
}
