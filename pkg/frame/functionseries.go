package frame

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A FunctionShow is what a series of a function shows.
type FunctionShow string

// What series of functions show.
const (
	FunctionShare FunctionShow = "share" // of the whole of each step, as a fraction of 1
	FunctionRate  FunctionShow = "rate"  // as time series of the type: cumulative types per second
	FunctionValue FunctionShow = "value" // the sum of each step, as it is stored
)

// FunctionSeries makes a frame of each function's series, with the label "function", as
// Series does. Shares come as such.
func FunctionSeries(series []*typesv1.Series, t profile.Type, step time.Duration, show FunctionShow) data.Frames {
	frames := Series(series, t, Rate{Step: step, Average: show != FunctionRate})
	if show != FunctionShare {
		return frames
	}
	for _, f := range frames {
		for i, field := range f.Fields {
			if i > 0 {
				field.Name = string(FunctionShare)
				// Without an end: a share of some hundredths would be a flat line.
				field.SetConfig((&data.FieldConfig{Unit: unitFraction}).SetMin(0))
			}
		}
	}
	return frames
}
