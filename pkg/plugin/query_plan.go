package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// plan runs the query of a flame graph and shows how it was executed.
func (d *Datasource) plan(t *target) error {
	t.requests = []queryfrontend.PanelRequest{{Tree: t.treeRequest(t.model.LabelSelector, t.query.TimeRange), Diagnostics: true}}
	t.render = func(ctx context.Context, panels []queryfrontend.PanelAnswer) (data.Frames, error) {
		var nodes []queryplan.ExplainedNode
		var edges []queryplan.ExplainedEdge
		for _, answer := range panels[0].Answers {
			if err := memory.Take(ctx, planFrameBytes(answer)); err != nil {
				return nil, noMemory(err)
			}
			explanation := answer.Plan.Explain(answer.Diagnostics)
			nodes = append(nodes, explanation.Nodes...)
			edges = append(edges, explanation.Edges...)
		}
		return append(frame.PlanGraph(nodes, edges), frame.PlanTable(nodes)), nil
	}
	return nil
}
