package queryfrontend

import (
	"context"
	"time"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A Panel is what a dashboard panel or an alert rule shows. A request that is nil
// is not asked; the results are set by Panels.
type Panel struct {
	// TreeRequest asks for the call tree; its format is ignored.
	TreeRequest    *querierv1.SelectMergeStacktracesRequest
	SeriesRequest  *querierv1.SelectSeriesRequest
	HeatmapRequest *querierv1.SelectHeatmapRequest
	// Diagnostics asks query-backends how they executed the plan.
	Diagnostics bool
	// Strict refuses a range that is longer than MaxQueryLength, where else its
	// newest part is shown: nobody would see that in an alert rule.
	Strict bool
	// Exact answers as the Query API does: a range is refused and not cut, and points
	// begin at its start.
	Exact bool

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
// can; see ask. Each panel has its own error.
func (f *Frontend) Panels(ctx context.Context, panels ...*Panel) {
	parts := make(map[*Panel][]*part, len(panels))
	var all []*part
	for _, panel := range panels {
		panel.Err = contain(func() (err error) {
			parts[panel], err = f.panelParts(panel)
			return err
		})
		if panel.Err == nil {
			all = append(all, parts[panel]...)
		}
	}
	f.ask(ctx, all...)
	for _, panel := range panels {
		if panel.Err != nil {
			continue
		}
		for _, p := range parts[panel] {
			panel.Took = max(panel.Took, p.took)
			if p.err != nil {
				panel.Err = p.err
				break
			}
			if p.answer != nil {
				panel.Answers = append(panel.Answers, p.answer)
			}
		}
	}
}

func (f *Frontend) panelParts(panel *Panel) (parts []*part, err error) {
	if panel.TreeRequest != nil {
		if panel.MaxNodes, err = f.maxNodes(panel.TreeRequest.GetMaxNodes()); err != nil {
			return nil, err
		}
		p, err := f.panelTree(panel)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	var onGrid grid
	if panel.SeriesRequest != nil {
		p, g, err := f.panelSeries(panel)
		if err != nil {
			return nil, err
		}
		parts, onGrid = append(parts, p), g
	}
	if panel.HeatmapRequest != nil {
		p, g, err := f.panelHeatmap(panel)
		if err != nil {
			return nil, err
		}
		parts, onGrid = append(parts, p), g
	}
	for _, p := range parts {
		p.diagnostics = panel.Diagnostics
	}
	if len(parts) > 0 {
		panel.Scope = parts[0].scope()
		if onGrid.step > 0 {
			panel.Scope.Step, panel.Scope.Widened = onGrid.step, onGrid.widened
		}
	}
	return parts, nil
}

func (f *Frontend) panelTree(panel *Panel) (*part, error) {
	request := panel.TreeRequest
	if panel.Exact {
		return f.treePart(request, panel.MaxNodes, &panel.Tree)
	}
	r, fits := f.panelRange(request.GetStart(), request.GetEnd(), panel.Strict)
	if fits {
		request = request.CloneVT()
		request.Start, request.End = r.start, r.end
	}
	p, err := f.treePart(request, panel.MaxNodes, &panel.Tree)
	if err == nil && fits {
		p.timeRange = r
	}
	return p, err
}

// panelSeries is seriesPart on the grid.
func (f *Frontend) panelSeries(panel *Panel) (*part, grid, error) {
	if panel.Exact {
		p, err := f.seriesPart(panel.SeriesRequest, &panel.Series)
		return p, grid{}, err
	}
	request := panel.SeriesRequest.CloneVT()
	r, g := f.fit(&request.Start, &request.End, &request.Step, panel.Strict)
	p, err := f.seriesPart(request, &panel.Series)
	if err != nil || r == nil {
		return p, g, err
	}
	p.timeRange = *r
	g.on(p)
	shape := p.shape
	p.shape = func(report *queryv1.Report) error {
		err := shape(report)
		panel.Series = profile.SeriesWithin(panel.Series, g.first, g.last)
		return err
	}
	return p, g, nil
}

// panelHeatmap is heatmapPart on the grid.
func (f *Frontend) panelHeatmap(panel *Panel) (*part, grid, error) {
	if panel.Exact {
		p, err := f.heatmapPart(panel.HeatmapRequest, &panel.Heatmap)
		return p, grid{}, err
	}
	request := panel.HeatmapRequest.CloneVT()
	r, g := f.fit(&request.Start, &request.End, &request.Step, panel.Strict)
	p, err := f.heatmapPart(request, &panel.Heatmap)
	if err != nil || r == nil {
		return p, g, err
	}
	p.timeRange = *r
	g.on(p)
	return p, g, nil
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
