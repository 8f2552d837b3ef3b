package queryfrontend

import (
	"context"
	"time"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A PanelRequest is what a dashboard panel or an alert rule asks. A request that is
// nil is not asked.
type PanelRequest struct {
	// Class is whose query it is.
	Class admission.Class
	// Tree asks for the call tree; its format is ignored.
	Tree    *querierv1.SelectMergeStacktracesRequest
	Series  *querierv1.SelectSeriesRequest
	Heatmap *querierv1.SelectHeatmapRequest
	// Diagnostics asks query-backends how they executed the plan.
	Diagnostics bool
	// Strict refuses a range that is longer than MaxQueryLength, where else its
	// newest part is shown: nobody would see that in an alert rule.
	Strict bool
	// Partial takes what there is where some blocks cannot be read: see Answer.Missing.
	Partial bool
	// OneOfMany leaves the plan out of the answer, which has too many for anybody to look
	// at each.
	OneOfMany bool
	// Exact answers as the Query API does: a range is refused and not cut, and points
	// begin at its start.
	Exact bool
}

// A PanelAnswer is what a panel or an alert rule shows.
type PanelAnswer struct {
	// Tree is empty where nothing matched, and cut to about MaxNodes nodes.
	Tree     CallTree
	MaxNodes int64
	Series   []*typesv1.Series
	Heatmap  []*typesv1.HeatmapSeries

	// Scope is what was really read. With a tree and series it is that of the tree,
	// and the step of the series.
	Scope Scope
	// Answers are those of the tree, the series and the heat map, of what was
	// asked and read. Parts that shared one Invoke have the same answer.
	Answers []*Answer
	// Took is how long it was until the last of these was there.
	Took time.Duration
	// Err is the first thing that went wrong.
	Err error
}

// A Scope is what a query really read, after validation.
type Scope struct {
	Tenants []string
	// Start and End are inclusive, in Unix milliseconds.
	Start, End int64
	// Clamped is set where the lookback limit moved the start, and Empty where it
	// left nothing. Cut is set where the length limit moved the start.
	Clamped, Empty, Cut bool
	// Selector is the label selector, the profile type among it.
	Selector string
	// Step is the width of a step in milliseconds, 0 where there are none. Widened
	// is set where the step that was asked for makes too many points.
	Step    int64
	Widened bool
}

// StepWidth is Step as a duration.
func (s Scope) StepWidth() time.Duration { return time.Duration(s.Step) * time.Millisecond }

// Panels answers panels together, so that those of one selection share what they
// can; see ask. There is one answer a request, in their order, each with its own error.
func (f *Frontend) Panels(ctx context.Context, requests ...PanelRequest) []PanelAnswer {
	return f.answerPanels(ctx, f.checkPanels(requests))
}

func (f *Frontend) checkPanels(requests []PanelRequest) []panel {
	panels := make([]panel, len(requests))
	for i, request := range requests {
		err := contain(func() (err error) {
			panels[i], err = f.panel(request)
			return err
		})
		if err != nil {
			panels[i] = panel{err: err}
		}
	}
	return panels
}

func (f *Frontend) answerPanels(ctx context.Context, panels []panel) []PanelAnswer {
	var parts []*part
	for i := range panels {
		parts = append(parts, panels[i].parts...)
	}
	readings := f.ask(ctx, parts...)
	answers := make([]PanelAnswer, len(panels))
	for i := range panels {
		answers[i] = panels[i].answer(ctx, readings)
	}
	return answers
}

// A panel is a checked request: its questions, nil where it does not ask, and the
// parts of those that it asks, or why it cannot be asked.
type panel struct {
	tree     *question[CallTree]
	series   *question[[]*typesv1.Series]
	heatmap  *question[[]*typesv1.HeatmapSeries]
	parts    []*part
	maxNodes int64
	scope    Scope
	err      error
}

func (f *Frontend) panel(request PanelRequest) (p panel, err error) {
	var onGrid grid
	if request.Tree != nil {
		if p.maxNodes, err = f.maxNodes(request.Tree.GetMaxNodes()); err != nil {
			return p, err
		}
		q, err := f.panelTree(request, p.maxNodes)
		if err != nil {
			return p, err
		}
		p.tree, p.parts = &q, append(p.parts, &q.part)
	}
	if request.Series != nil {
		q, g, err := f.panelSeries(request)
		if err != nil {
			return p, err
		}
		p.series, p.parts, onGrid = &q, append(p.parts, &q.part), g
	}
	if request.Heatmap != nil {
		q, g, err := f.panelHeatmap(request)
		if err != nil {
			return p, err
		}
		p.heatmap, p.parts, onGrid = &q, append(p.parts, &q.part), g
	}
	for _, part := range p.parts {
		part.class, part.diagnostics, part.partial = request.Class, request.Diagnostics, request.Partial
		part.oneOfMany = request.OneOfMany
	}
	if len(p.parts) > 0 {
		p.scope = p.parts[0].scope()
		if onGrid.step > 0 {
			p.scope.Step, p.scope.Widened = onGrid.step, onGrid.widened
		}
	}
	return p, nil
}

// answer shapes what was read.
func (p panel) answer(ctx context.Context, readings map[*part]reading) PanelAnswer {
	answer := PanelAnswer{MaxNodes: p.maxNodes, Scope: p.scope, Err: p.err}
	var read [3]reading
	if p.tree != nil {
		answer.Tree, read[0] = shaped(ctx, p.tree, readings)
	}
	if p.series != nil {
		answer.Series, read[1] = shaped(ctx, p.series, readings)
	}
	if p.heatmap != nil {
		answer.Heatmap, read[2] = shaped(ctx, p.heatmap, readings)
	}
	for _, r := range read {
		answer.Took = max(answer.Took, r.took)
		if r.err != nil {
			answer.Err = r.err
			break
		}
		if r.answer != nil {
			answer.Answers = append(answer.Answers, r.answer)
		}
	}
	return answer
}

func (f *Frontend) panelTree(panel PanelRequest, maxNodes int64) (question[CallTree], error) {
	request := panel.Tree
	if panel.Exact {
		return f.treeQuestion(request, maxNodes)
	}
	r, fits := f.panelRange(request.GetStart(), request.GetEnd(), panel.Strict)
	if fits {
		request = request.CloneVT()
		request.Start, request.End = r.start, r.end
	}
	q, err := f.treeQuestion(request, maxNodes)
	if err == nil && fits {
		q.timeRange = r
	}
	return q, err
}

// panelSeries is seriesQuestion on the grid.
func (f *Frontend) panelSeries(panel PanelRequest) (question[[]*typesv1.Series], grid, error) {
	if panel.Exact {
		q, err := f.seriesQuestion(panel.Series)
		return q, grid{}, err
	}
	request := panel.Series.CloneVT()
	r, g := f.fit(&request.Start, &request.End, &request.Step, panel.Strict)
	q, err := f.seriesQuestion(request)
	if err != nil || r == nil {
		return q, g, err
	}
	q = on(g, *r, q)
	shape := q.shape
	q.shape = func(r reading, report *queryv1.Report) ([]*typesv1.Series, error) {
		series, err := shape(r, report)
		return profile.SeriesWithin(series, g.first, g.last), err
	}
	return q, g, nil
}

// panelHeatmap is heatmapQuestion on the grid.
func (f *Frontend) panelHeatmap(panel PanelRequest) (question[[]*typesv1.HeatmapSeries], grid, error) {
	if panel.Exact {
		q, err := f.heatmapQuestion(panel.Heatmap)
		return q, grid{}, err
	}
	request := panel.Heatmap.CloneVT()
	r, g := f.fit(&request.Start, &request.End, &request.Step, panel.Strict)
	q, err := f.heatmapQuestion(request)
	if err != nil || r == nil {
		return q, g, err
	}
	return on(g, *r, q), g, nil
}

// fit changes a request's range and step to what a panel reads. Without a range,
// the request has to pass the checks, or fail them, as it is.
func (f *Frontend) fit(start, end *int64, step *float64, strict bool) (*timeRange, grid) {
	r, ok := f.panelRange(*start, *end, strict)
	if !ok {
		return nil, grid{}
	}
	g, ok := f.panelGrid(r, *step)
	if !ok {
		return nil, grid{}
	}
	*start, *end, *step = r.start, r.end, g.seconds()
	return &r, g
}

func (p *part) scope() Scope {
	return Scope{
		Tenants:  p.tenants,
		Start:    p.start,
		End:      p.end,
		Clamped:  p.clamped,
		Empty:    p.empty,
		Cut:      p.cut,
		Selector: p.selector(),
		Step:     p.step,
	}
}
