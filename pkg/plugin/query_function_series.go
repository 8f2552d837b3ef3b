package plugin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/common/model"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// What a series of functions may cost: each step is a call tree of its own.
const (
	maxFunctionSteps      = 60
	functionSeriesPreset  = 10
	functionSeriesMaximum = 100
	// functionStepNodes is the size of a step's tree where a query names none.
	functionStepNodes = 1 << 16
	// functionBytes is what a function of a step takes, with its place among all.
	functionBytes = 192
)

// functionSeries asks for a call tree of each step, and shows what they say of some
// functions.
func (d *Datasource) functionSeries(t *target) error {
	filter, err := functionFilter(t.model.Functions)
	if err != nil {
		return err
	}
	limit, err := t.model.functionSeriesLimit()
	if err != nil {
		return err
	}
	measure, err := t.model.functionMeasure()
	if err != nil {
		return err
	}
	nodes := min(int64(functionStepNodes), d.settings.frontend.Limits.MaxNodesMax)
	ask := func(from, to int64) {
		request := t.treeRequest(t.model.LabelSelector, backend.TimeRange{From: time.UnixMilli(from), To: time.UnixMilli(to)})
		if request.MaxNodes == nil {
			request.MaxNodes = &nodes
		}
		t.requests = append(t.requests, queryfrontend.PanelRequest{Tree: request, OneOfMany: true})
	}
	r := t.query.TimeRange
	t.steps, t.stepped = d.frontend.Steps(r.From.UnixMilli(), r.To.UnixMilli(), d.step(t.query), maxFunctionSteps, t.strict)
	if !t.stepped { // it is refused, or reads nothing
		ask(r.From.UnixMilli(), r.To.UnixMilli())
	}
	for i, end := range t.steps.Ends {
		ask(t.steps.Start(i), end)
	}
	t.render = func(ctx context.Context, panels []queryfrontend.PanelAnswer) (data.Frames, error) {
		if err := t.nothingRead(); err != nil {
			return nil, err
		}
		trees := panels[:min(len(panels), len(t.steps.Ends))]
		sums, err := t.sumSteps(ctx, trees, filter)
		if err != nil {
			return nil, err
		}
		series := sums.series(t.steps.Ends, measure, limit)
		if left := sums.functions() - len(series); left > 0 && t.model.Functions != "" {
			t.notice(data.NoticeSeverityWarning, "%d functions match: the %d with the largest sums are shown. A limit shows up to %d.", sums.functions(), len(series), functionSeriesMaximum)
		}
		if len(series) > 0 && t.model.namesNoFunctions() && t.model.Measure == "" {
			t.notice(data.NoticeSeverityInfo, "Without functions, the largest totals are those of the roots of stacks, such as main: choose the measure self, or name functions.")
		}
		if t.steps.Widened {
			t.notice(data.NoticeSeverityInfo, "The step is %s: there are at most %d steps, each with a call tree of its own.", model.Duration(t.steps.Width), maxFunctionSteps)
		}
		series, cut := t.room.Series(series, maxFunctionSteps)
		t.noticeLeft(cut)
		if err := memory.Take(ctx, seriesFrameBytes(series)); err != nil {
			return nil, noMemory(err)
		}
		if measure.show == frame.FunctionRate {
			t.noticeSparse(series, frame.Rate{Step: t.steps.Width})
		}
		frames := frame.FunctionSeries(series, t.profileType, t.steps.Width, measure.show)
		legend := t.model.LegendFormat
		if legend == "" {
			legend = "{{function}}"
		}
		frame.NameSeries(frames, legend, t.selectorText())
		return frames, nil
	}
	return nil
}

// namesNoFunctions tells whether every function matches, as with a text box that is empty.
func (m queryModel) namesNoFunctions() bool {
	return m.Functions == "" || m.Functions == ".*" || m.Functions == ".+"
}

// functionSeriesLimit is how many functions there may be. A reader of a rule looks through
// no more, and nor does one of a panel.
func (m queryModel) functionSeriesLimit() (int, error) {
	switch {
	case m.Limit == nil:
		return functionSeriesPreset, nil
	case *m.Limit < 1 || *m.Limit > functionSeriesMaximum:
		return 0, invalidQuery("limit", fmt.Errorf("%d functions, allowed are 1 to %d", *m.Limit, functionSeriesMaximum))
	}
	return int(*m.Limit), nil
}

// A functionMeasure says what is shown of a function.
type functionMeasure struct {
	self bool
	show frame.FunctionShow
}

func (m queryModel) functionMeasure() (functionMeasure, error) {
	var measure functionMeasure
	switch m.Measure {
	case "", "total":
	case "self":
		measure.self = true
	default:
		return measure, invalidQuery("measure", fmt.Errorf("%q is no measure of a function, allowed are total and self", shortened(m.Measure)))
	}
	switch m.Show {
	case "":
		measure.show = frame.FunctionShare
	case string(frame.FunctionShare), string(frame.FunctionRate), string(frame.FunctionValue):
		measure.show = frame.FunctionShow(m.Show)
	default:
		return measure, invalidQuery("show", fmt.Errorf("%q cannot be shown of a function, allowed are %s, %s and %s", shortened(m.Show), frame.FunctionShare, frame.FunctionRate, frame.FunctionValue))
	}
	return measure, nil
}

func (m functionMeasure) of(f profile.Function) int64 {
	if m.self {
		return f.Self
	}
	return f.Total
}

// functionSums are the functions of each step, and the whole of each.
type functionSums struct {
	wholes []int64
	steps  [][]profile.Function
}

// sumSteps adds up one tree after the other, and keeps what is asked for.
func (t *target) sumSteps(ctx context.Context, panels []queryfrontend.PanelAnswer, filter func(string) bool) (sums functionSums, err error) {
	other, all := int64(0), int64(0)
	for _, panel := range panels {
		tree := &panel.Tree.Tree
		functions := profile.TopFunctions(tree)
		for _, f := range functions {
			if f.Name == otherFunctions {
				other += f.Self
			}
		}
		all += tree.Total()
		if functions, err = keepFunctions(ctx, functions, filter); err != nil {
			return sums, err
		}
		if err := noMemory(memory.Take(ctx, functionBytes*int64(len(functions)))); err != nil {
			return sums, err
		}
		sums.wholes = append(sums.wholes, tree.Total())
		sums.steps = append(sums.steps, slices.Clone(functions))
	}
	if other > 0 && all > 0 {
		t.notice(data.NoticeSeverityInfo, "%.1f %% of the total is in stacks that were cut off: a larger max nodes shows more.", 100*float64(other)/float64(all))
	}
	return sums, nil
}

// functions is how many different ones there are.
func (s functionSums) functions() int { return len(s.sums(functionMeasure{})) }

func (s functionSums) sums(m functionMeasure) map[string]int64 {
	sums := make(map[string]int64)
	for _, step := range s.steps {
		for _, f := range step {
			sums[f.Name] += m.of(f)
		}
	}
	return sums
}

// series are those of the functions with the largest sums. A step without profiles has no
// point, and a function that is not in one that has some is 0 there.
func (s functionSums) series(ends []int64, m functionMeasure, limit int) []*typesv1.Series {
	sums := s.sums(m)
	names := make([]string, 0, len(sums))
	for name := range sums {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b)) })
	names = names[:min(len(names), limit)]
	all := make([]*typesv1.Series, len(names))
	index := make(map[string]int, len(names))
	for i, name := range names {
		index[name] = i
		all[i] = &typesv1.Series{Labels: []*typesv1.LabelPair{{Name: "function", Value: name}}}
	}
	for i, step := range s.steps {
		if s.wholes[i] == 0 {
			continue
		}
		for _, one := range all {
			one.Points = append(one.Points, &typesv1.Point{Timestamp: ends[i]})
		}
		for _, f := range step {
			if at, ok := index[f.Name]; ok {
				value := float64(m.of(f))
				if m.show == frame.FunctionShare {
					value /= float64(s.wholes[i])
				}
				all[at].Points[len(all[at].Points)-1].Value = value
			}
		}
	}
	return all
}
