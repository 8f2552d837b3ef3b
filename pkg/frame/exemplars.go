package frame

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// An exemplarOf is an exemplar and the labels of the series that it is from,
// which its own labels do not repeat.
type exemplarOf struct {
	*typesv1.Exemplar
	series []*typesv1.LabelPair
}

// Exemplars makes one frame of all exemplars of time series, or nil when there
// are none. Grafana's time series panel draws it over the series.
//
// The fields are Time; Value, what the exemplar adds to its point, in the unit
// that Series shows; profileValue, the exemplar's value as it is, where that is
// not the same; profileId, spanId and traceId, each where any exemplar has one;
// and the labels. With the UID of a data source for traces, traceId links to it.
// Labels with names that begin with "__" are left out.
func Exemplars(series []*typesv1.Series, t profile.Type, r Rate, tracesUID string) *data.Frame {
	var all []exemplarOf
	for _, s := range series {
		for _, p := range s.GetPoints() {
			for _, e := range p.GetExemplars() {
				all = append(all, exemplarOf{e, s.GetLabels()})
			}
		}
	}
	return exemplarFrame(all, UnitOf(t), r, tracesUID)
}

// HeatmapExemplars is Exemplars for heat maps, whose panel shows values as they
// are.
func HeatmapExemplars(series []*typesv1.HeatmapSeries, t profile.Type, tracesUID string) *data.Frame {
	var all []exemplarOf
	for _, s := range series {
		for _, slot := range s.GetSlots() {
			for _, e := range slot.GetExemplars() {
				all = append(all, exemplarOf{e, s.GetLabels()})
			}
		}
	}
	return exemplarFrame(all, UnitOf(t), Rate{}, tracesUID)
}

func exemplarFrame(all []exemplarOf, u Unit, r Rate, tracesUID string) *data.Frame {
	if len(all) == 0 {
		return nil
	}
	total := len(all)
	all = evenly(all, MaxExemplars)
	slices.SortStableFunc(all, func(a, b exemplarOf) int {
		return time.UnixMilli(a.GetTimestamp()).Compare(time.UnixMilli(b.GetTimestamp()))
	})
	show, unit := r.show(u)
	times := make([]time.Time, len(all))
	shown := make([]float64, len(all))
	stored := make([]int64, len(all))
	for i, e := range all {
		times[i] = time.UnixMilli(e.GetTimestamp()).UTC()
		shown[i] = show(float64(e.GetValue()))
		stored[i] = e.GetValue()
	}
	// The names of the fields and of the frame are how the panels know them.
	f := data.NewFrame("exemplar",
		data.NewField("Time", nil, times),
		withUnit(data.NewField("Value", nil, shown), unit),
	).SetMeta(&data.FrameMeta{
		DataTopic: data.DataTopicAnnotations,
		Custom:    map[string]string{"resultType": "exemplar"},
	})
	if unit != u.Sample {
		f.Fields = append(f.Fields, withUnit(data.NewField("profileValue", nil, stored), u.Sample))
	}
	addTexts(f, "profileId", all, func(e exemplarOf) string { return e.GetProfileId() })
	addTexts(f, "spanId", all, func(e exemplarOf) string { return e.GetSpanId() })
	if addTexts(f, "traceId", all, func(e exemplarOf) string { return e.GetTraceId() }) && tracesUID != "" {
		f.Fields[len(f.Fields)-1].Config = &data.FieldConfig{Links: []data.DataLink{traceLink(tracesUID)}}
	}
	if len(all) < total {
		notice(f, "%d of %d exemplars are left out, evenly over the series: an answer has at most %d.", total-len(all), total, MaxExemplars)
	}
	if left := addLabels(f, all); left > 0 {
		notice(f, "%d labels of the exemplars are left out, those of the fewest exemplars: an answer has at most %d.", left, MaxExemplarLabels)
	}
	return f
}

// notice puts what the user should know on a frame. Meta.Apply moves it to where Grafana shows it.
func notice(f *data.Frame, format string, args ...any) {
	f.AppendNotices(data.Notice{Severity: data.NoticeSeverityWarning, Text: fmt.Sprintf(format, args...)})
}

// addTexts adds a field, unless the text is empty in all exemplars.
func addTexts(f *data.Frame, name string, all []exemplarOf, text func(exemplarOf) string) bool {
	texts := make([]string, len(all))
	some := false
	for i, e := range all {
		texts[i] = text(e)
		some = some || texts[i] != ""
	}
	if some {
		f.Fields = append(f.Fields, data.NewField(name, nil, texts))
	}
	return some
}

// addLabels adds a field for each label, in the order of the names. A label of
// the name of another field gets "label_" before it. A field has a row for each
// exemplar, so there are not as many as there may be names: left is how many are
// left out.
func addLabels(f *data.Frame, all []exemplarOf) (left int) {
	counts := map[string]int{}
	for _, e := range all {
		for name := range e.labels {
			counts[name]++
		}
	}
	names := mostUsed(counts, MaxExemplarLabels)
	columns := make(map[string][]string, len(names))
	for _, name := range names {
		columns[name] = make([]string, len(all))
	}
	for i, e := range all {
		for name, value := range e.labels {
			if columns[name] != nil {
				columns[name][i] = value
			}
		}
	}
	for _, name := range names {
		fieldName := name
		if _, i := f.FieldByName(name); i >= 0 {
			fieldName = "label_" + name
		}
		f.Fields = append(f.Fields, data.NewField(fieldName, nil, columns[name]))
	}
	return len(counts) - len(names)
}

// labels are an exemplar's labels that are shown: those of its series, and its own.
func (e exemplarOf) labels(yield func(name, value string) bool) {
	for _, pairs := range [][]*typesv1.LabelPair{e.series, e.GetLabels()} {
		for _, p := range pairs {
			if !strings.HasPrefix(p.GetName(), "__") && !yield(p.GetName(), p.GetValue()) {
				return
			}
		}
	}
}

// traceLink opens the trace of a row's id, at the row's span, in the data source
// for traces. Its form is that of Grafana's own links from exemplars.
func traceLink(tracesUID string) data.DataLink {
	state := data.ExplorePanelsState(map[string]any{
		"trace": map[string]string{"spanId": `${__data.fields["spanId"]}`},
	})
	return data.DataLink{
		Title: "View trace",
		Internal: &data.InternalDataLink{
			DatasourceUID:      tracesUID,
			Query:              map[string]string{"query": "${__value.raw}", "queryType": "traceql"},
			ExplorePanelsState: &state,
		},
	}
}
