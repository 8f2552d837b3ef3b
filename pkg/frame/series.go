package frame

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// contractVersion is the version of Grafana's data plane contract that the
// typed frames keep to. Server-side expressions trust the type of a frame only
// when it has a version.
var contractVersion = data.FrameTypeVersion{0, 1}

// Rate says how the values of a time series are to be shown.
type Rate struct {
	// Step is the length of time that one point sums up.
	Step time.Duration
	// Average is set for series of averages over the profiles of a step. They
	// are shown as they are: an average is no sum, so it makes no rate.
	Average bool
}

// show turns the value of a point into what is shown, and names its unit.
func (r Rate) show(u Unit) (value func(float64) float64, unit string) {
	if r.Average || r.Step <= 0 || !u.Cumulative {
		return func(v float64) float64 { return v }, u.Sample
	}
	return func(v float64) float64 { return u.PerSecond(v, r.Step) }, u.Rate
}

// Series makes a frame of each time series (querier.v1.SelectSeriesResponse):
// the fields time and one named after the sample type, such as "cpu", with the
// series' labels. Cumulative types are shown as rates per second, CPU time as
// cores; such frames have "rateCalculated" in their custom metadata.
//
// The time field's interval is the distance at which points come: the step, or more
// where profiles are taken less often. Where two points are further apart, Grafana
// breaks the line or not, as the panel's "Connect null values" has it.
//
// The frames are of the type timeseries-multi, which alert rules read. With no
// series there is one frame with no fields: that is "no data" to them.
func Series(series []*typesv1.Series, t profile.Type, r Rate) data.Frames {
	if len(series) == 0 {
		return data.Frames{seriesFrame(nil)}
	}
	u := UnitOf(t)
	show, unit := r.show(u)
	var custom map[string]any
	if u.Cumulative && !r.Average && r.Step > 0 {
		custom = map[string]any{"rateCalculated": true}
	}
	frames := make(data.Frames, 0, len(series))
	distances := intervals(series, r.Step.Milliseconds())
	for n, s := range series {
		times := make([]time.Time, len(s.GetPoints()))
		values := make([]float64, len(times))
		for i, p := range s.GetPoints() {
			times[i] = time.UnixMilli(p.GetTimestamp()).UTC()
			values[i] = show(p.GetValue())
		}
		frames = append(frames, seriesFrame(custom,
			timeField(times, distances[n]),
			withUnit(data.NewField(t.SampleType, labelsOf(s.GetLabels()), values), unit),
		))
	}
	return frames
}

func seriesFrame(custom map[string]any, fields ...*data.Field) *data.Frame {
	meta := &data.FrameMeta{
		Type:                   data.FrameTypeTimeSeriesMulti,
		TypeVersion:            contractVersion,
		PreferredVisualization: data.VisTypeGraph,
	}
	if custom != nil {
		meta.Custom = custom
	}
	return data.NewFrame("series", fields...).SetMeta(meta)
}

// timeField tells at which distance the points come, in milliseconds. With no step
// nobody knows.
func timeField(times []time.Time, interval int64) *data.Field {
	field := data.NewField("time", nil, times)
	if interval > 0 {
		field.Config = &data.FieldConfig{Interval: float64(interval)}
	}
	return field
}

func labelsOf(pairs []*typesv1.LabelPair) data.Labels {
	labels := make(data.Labels, len(pairs))
	for _, p := range pairs {
		labels[p.GetName()] = p.GetValue()
	}
	return labels
}
