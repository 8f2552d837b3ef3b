package frame

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// legendLabel is a label's place in a legend format, as other data sources have it:
// {{pod}}, {{ service.name }}.
var legendLabel = regexp.MustCompile(`\{\{\s*(.*?)\s*\}\}`)

// legendAuto is how Grafana's editors write that there is no legend format.
const legendAuto = "__auto"

// NameSeries gives the frames of Series the names that legends show.
//
// A legend format is text with labels in it, such as "{{pod}} of {{region}}"; a
// label that a series does not have is empty. Without a format, or where nothing is
// left of it, a series is called by its sample type and what tells it apart: its
// labels, as Grafana does it, or else the selector: of two queries that are not
// grouped, both would be "cpu". The selector {} tells nothing.
func NameSeries(frames data.Frames, legend, selector string) {
	for _, f := range frames {
		for _, field := range f.Fields {
			if field.Type() == data.FieldTypeTime || field.Type() == data.FieldTypeNullableTime {
				continue
			}
			name := ""
			if legend != legendAuto {
				name = strings.TrimSpace(formatLegend(legend, field.Labels))
			}
			if name == "" {
				name = seriesName(field, selector)
			}
			if field.Config == nil {
				field.Config = &data.FieldConfig{}
			}
			field.Config.DisplayNameFromDS = name
		}
	}
}

func formatLegend(legend string, labels data.Labels) string {
	return legendLabel.ReplaceAllStringFunc(legend, func(place string) string {
		return labels[legendLabel.FindStringSubmatch(place)[1]]
	})
}

func seriesName(field *data.Field, selector string) string {
	switch len(field.Labels) {
	case 0:
		if selector == "" || selector == "{}" {
			return field.Name
		}
		return field.Name + " " + selector
	case 1:
		for _, value := range field.Labels {
			return strings.TrimSpace(field.Name + " " + value)
		}
	}
	pairs := make([]string, 0, len(field.Labels))
	for _, label := range slices.Sorted(maps.Keys(field.Labels)) {
		pairs = append(pairs, label+"="+strconv.Quote(field.Labels[label]))
	}
	return fmt.Sprintf("%s {%s}", field.Name, strings.Join(pairs, ", "))
}
