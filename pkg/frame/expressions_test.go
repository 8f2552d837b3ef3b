package frame_test

import (
	"testing"
	"time"

	"github.com/grafana/dataplane/sdata/numeric"
	"github.com/grafana/dataplane/sdata/reader"
	"github.com/grafana/dataplane/sdata/timeseries"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Grafana's server-side expressions, and so its alert rules, read frames with
// the library used here.

func TestSeriesForExpressions(t *testing.T) {
	series := answer(t, "timeseries_group_two", &querierv1.SelectSeriesResponse{}).GetSeries()
	frames := frame.Series(series, cpu, frame.Rate{Step: 2 * time.Minute})
	require.Len(t, frames, len(series))
	frames = append(frames, frame.Exemplars(traced(), cpu, frame.Rate{}, ""))

	c := timeSeries(t, frames)
	require.Nil(t, c.Warning)
	require.Len(t, c.Refs, len(series))
	for i, ref := range c.Refs {
		require.Equal(t, "cpu", ref.GetMetricName())
		want := data.Labels{}
		for _, l := range series[i].GetLabels() {
			want[l.GetName()] = l.GetValue()
		}
		require.Equal(t, want, ref.GetLabels())
		n, err := ref.Len()
		require.NoError(t, err)
		require.Equal(t, len(series[i].GetPoints()), n)
	}
	at, value, err := c.Refs[0].NullableFloat64Point(0)
	require.NoError(t, err)
	require.Equal(t, series[0].GetPoints()[0].GetTimestamp(), at.UnixMilli())
	require.InDelta(t, series[0].GetPoints()[0].GetValue()/120/1e9, *value, 1e-12)
}

func TestNoSeriesForExpressions(t *testing.T) {
	require.True(t, timeSeries(t, frame.Series(nil, cpu, frame.Rate{Step: time.Minute})).NoData())
}

func timeSeries(t *testing.T, frames data.Frames) timeseries.Collection {
	t.Helper()
	_, err := reader.CanReadBasedOnMeta(frames)
	require.NoError(t, err)
	r, err := timeseries.CollectionReaderFromFrames(frames)
	require.NoError(t, err)
	c, err := r.GetCollection(true)
	require.NoError(t, err)
	return c
}

// "Alert when runtime.mallocgc takes more than 20 % of the CPU": the numbers have
// to be of one measure, as alert rules tell them apart by their labels.
func TestTopFunctionsForExpressions(t *testing.T) {
	functions := []profile.Function{{Name: "main.main", Self: 1, Total: 200}, {Name: "runtime.mallocgc", Self: 20, Total: 50}}
	c := numbers(t, frame.TopFunctions(functions, 200, cpu, frame.MeasureShare))
	require.Len(t, c.Refs, 2)
	labels := map[string]float64{}
	for _, ref := range c.Refs {
		v, _, err := ref.NullableFloat64Value()
		require.NoError(t, err)
		labels[ref.GetLabels().String()] = *v
	}
	require.Equal(t, map[string]float64{"function=main.main": 1, "function=runtime.mallocgc": 0.25}, labels)
}

func TestTopFunctionsTable(t *testing.T) {
	f := frame.TopFunctions([]profile.Function{{Name: "main.main", Self: 1, Total: 3}}, 12, cpu)
	require.Len(t, numbers(t, f).Refs, 3)
	require.Equal(t, []string{"main.main"}, column[string](t, f, "function"))
	require.Equal(t, []int64{1}, column[int64](t, f, "self"))
	require.Equal(t, []int64{3}, column[int64](t, f, "total"))
	require.Equal(t, []float64{0.25}, column[float64](t, f, "share"))

	// A whole of nothing has no shares.
	f = frame.TopFunctions([]profile.Function{{Name: "main.main"}}, 0, cpu)
	require.Equal(t, []float64{0}, column[float64](t, f, "share"))
}

func TestNoFunctionsForExpressions(t *testing.T) {
	require.True(t, numbers(t, frame.TopFunctions(nil, 0, cpu, frame.MeasureShare)).NoData())
}

func numbers(t *testing.T, f *data.Frame) numeric.Collection {
	t.Helper()
	_, err := reader.CanReadBasedOnMeta(data.Frames{f})
	require.NoError(t, err)
	r, err := numeric.CollectionReaderFromFrames(data.Frames{f})
	require.NoError(t, err)
	c, err := r.GetCollection(false)
	require.NoError(t, err)
	require.Nil(t, c.Warning)
	return c
}
