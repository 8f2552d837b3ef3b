package queryfrontend

import (
	"context"
	"time"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
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

	// Tree is empty where nothing matched, and cut to about MaxNodes nodes.
	Tree     CallTree
	MaxNodes int64
	Series   []*typesv1.Series
	Heatmap  []*typesv1.HeatmapSeries

	// Scope is what was really read. With a tree and series it is that of the
	// tree.
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
	// left nothing.
	Clamped, Empty bool
	// Selector is the label selector, the profile type among it.
	Selector string
	// Step is the width of a step in milliseconds, 0 where there are none.
	Step int64
}

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

func (f *Frontend) panelParts(panel *Panel) ([]*part, error) {
	var parts []*part
	if panel.TreeRequest != nil {
		var err error
		if panel.MaxNodes, err = f.maxNodes(panel.TreeRequest.GetMaxNodes()); err != nil {
			return nil, err
		}
		p, err := f.treePart(panel.TreeRequest, panel.MaxNodes, &panel.Tree)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	if panel.SeriesRequest != nil {
		p, err := f.seriesPart(panel.SeriesRequest, &panel.Series)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	if panel.HeatmapRequest != nil {
		p, err := f.heatmapPart(panel.HeatmapRequest, &panel.Heatmap)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	for _, p := range parts {
		p.diagnostics = panel.Diagnostics
	}
	if len(parts) > 0 {
		panel.Scope = parts[0].scope()
	}
	return parts, nil
}

func (p *part) scope() Scope {
	return Scope{
		Tenants:  p.tenants,
		Start:    p.start,
		End:      p.end,
		Clamped:  p.clamped,
		Empty:    p.empty,
		Selector: p.selector(),
		Step:     p.step,
	}
}
