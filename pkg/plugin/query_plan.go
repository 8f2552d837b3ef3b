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
func (d *Datasource) plan(t *target) {
	t.requests = []queryfrontend.PanelRequest{{Tree: t.treeRequest(t.model.LabelSelector, t.query.TimeRange), Diagnostics: true}}
	t.render = func(ctx context.Context, panels []queryfrontend.PanelAnswer) (data.Frames, error) {
		var nodes []frame.PlanNode
		var edges []frame.PlanEdge
		for _, answer := range panels[0].Answers {
			if err := memory.Take(ctx, planFrameBytes(answer)); err != nil {
				return nil, noMemory(err)
			}
			explanation := answer.Plan.Explain(answer.Diagnostics)
			nodes = append(nodes, planNodes(explanation)...)
			edges = append(edges, planEdges(explanation)...)
		}
		return append(frame.PlanGraph(nodes, edges), frame.PlanTable(nodes)), nil
	}
}

func planNodes(explanation *queryplan.Explanation) []frame.PlanNode {
	nodes := make([]frame.PlanNode, len(explanation.Nodes))
	for i, node := range explanation.Nodes {
		nodes[i] = frame.PlanNode{
			ID:             node.ID,
			Type:           node.Type,
			Title:          node.Title,
			Subtitle:       node.Subtitle,
			Blocks:         node.Blocks,
			Datasets:       node.Datasets,
			EstimatedBytes: node.EstimatedBytes,
		}
		if e := node.Execution; e != nil {
			nodes[i].Actual = &frame.PlanExecution{
				Executor:     e.Executor,
				Duration:     e.Duration,
				BlocksRead:   e.BlocksRead,
				DatasetsRead: e.DatasetsRead,
				FetchedBytes: e.FetchedBytes,
				Error:        e.Error,
			}
		}
	}
	return nodes
}

func planEdges(explanation *queryplan.Explanation) []frame.PlanEdge {
	edges := make([]frame.PlanEdge, len(explanation.Edges))
	for i, edge := range explanation.Edges {
		edges[i] = frame.PlanEdge{Source: edge.Source, Target: edge.Target}
	}
	return edges
}
