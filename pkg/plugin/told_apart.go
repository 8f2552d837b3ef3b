package plugin

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// nameSeries gives a target's time series their names.
func (t *target) nameSeries(frames data.Frames) {
	frame.NameSeries(frames, t.model.LegendFormat, t.selectorText())
}

// selectorText is the label selector in one way of writing it.
func (t *target) selectorText() string {
	matchers, err := profile.ParseSelector(t.model.LabelSelector)
	if err != nil {
		return t.model.LabelSelector
	}
	return profile.FormatSelector(matchers)
}

// answered is a target and its frames.
type answered struct {
	*target
	frames data.Frames
}

// tellApart makes frames and fields of several targets differ by name. Grafana joins
// and shows them by name alone: of two that are called the same, it shows the first
// one's numbers twice.
func tellApart(all []answered) {
	names := make(map[string]int) // how many targets have frames of a name
	for _, one := range all {
		for name := range namesOf(one.frames) {
			names[name]++
		}
	}
	for _, one := range all {
		for _, f := range one.frames {
			if isTold(f) && names[f.Name] > 1 {
				f.Name += " " + one.query.RefID
				addToTitles(f, one.query.RefID)
			}
		}
	}
	tellSeriesApart(all, func(t *target, name string) string { return name + " " + t.selectorText() })
	tellSeriesApart(all, func(t *target, name string) string { return name + " (" + t.query.RefID + ")" })
}

// isTold says that people see a frame by its name, and that no panel finds it by that.
func isTold(f *data.Frame) bool {
	if f.Meta == nil {
		return false
	}
	return f.Meta.Type == data.FrameTypeTimeSeriesMulti || f.Meta.PreferredVisualization == data.VisTypeTable
}

func namesOf(frames data.Frames) map[string]bool {
	names := make(map[string]bool)
	for _, f := range frames {
		if isTold(f) {
			names[f.Name] = true
		}
	}
	return names
}

// addToTitles changes the titles that fields of numbers have; those without one are
// shown with the frame's name where that is needed. Text is what tables are joined by,
// and stays.
func addToTitles(f *data.Frame, refID string) {
	for _, field := range f.Fields {
		if field.Type().Numeric() && field.Config != nil && field.Config.DisplayName != "" {
			field.Config.DisplayName += " " + refID
		}
	}
}

// tellSeriesApart makes a longer name of those that series of several targets have.
// A legend format is what a user wants, also where it says the same twice.
func tellSeriesApart(all []answered, longer func(t *target, name string) string) {
	owners := make(map[string]map[*target]bool)
	each := func(visit func(t *target, field *data.Field)) {
		for _, one := range all {
			if one.model.LegendFormat != "" {
				continue
			}
			for _, f := range one.frames {
				if f.Meta == nil || f.Meta.Type != data.FrameTypeTimeSeriesMulti {
					continue
				}
				for _, field := range f.Fields {
					if field.Config != nil && field.Config.DisplayNameFromDS != "" {
						visit(one.target, field)
					}
				}
			}
		}
	}
	each(func(t *target, field *data.Field) {
		name := field.Config.DisplayNameFromDS
		if owners[name] == nil {
			owners[name] = make(map[*target]bool)
		}
		owners[name][t] = true
	})
	each(func(t *target, field *data.Field) {
		if len(owners[field.Config.DisplayNameFromDS]) > 1 {
			field.Config.DisplayNameFromDS = longer(t, field.Config.DisplayNameFromDS)
		}
	})
}
