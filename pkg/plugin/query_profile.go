package plugin

import (
	"context"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// profileAndMetrics asks for a flame graph, for time series, or for both at once.
func (d *Datasource) profileAndMetrics(t *target) error {
	var request queryfrontend.PanelRequest
	if t.model.QueryType != queryMetrics {
		request.Tree = t.treeRequest(t.model.LabelSelector, t.query.TimeRange)
	}
	if t.model.QueryType != queryProfile {
		var err error
		if request.Series, err = d.seriesRequest(t); err != nil {
			return err
		}
	}
	t.requests = []queryfrontend.PanelRequest{request}
	t.render = func(ctx context.Context, panels []queryfrontend.PanelAnswer) (data.Frames, error) {
		panel := panels[0]
		var frames data.Frames
		// The flame graph comes first: Grafana's panel takes the first frame for it, and
		// the time series panel passes over it.
		if request.Tree != nil {
			if err := takeTrees(ctx, panel.Tree); err != nil {
				return nil, err
			}
			flameGraph, summary := frame.FlameGraph(&panel.Tree.Tree, t.profileType)
			t.noticeTree(panel, summary.Other, summary.Total)
			frames = append(frames, flameGraph)
		}
		if request.Series != nil {
			series, err := d.seriesFrames(ctx, t, request.Series, panel)
			if err != nil {
				return nil, err
			}
			frames = append(frames, series...)
		}
		return frames, nil
	}
	return nil
}

func (t *target) treeRequest(labelSelector string, timeRange backend.TimeRange) *querierv1.SelectMergeStacktracesRequest {
	request := &querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID:     t.model.ProfileTypeID,
		LabelSelector:     labelSelector,
		Start:             timeRange.From.UnixMilli(),
		End:               timeRange.To.UnixMilli(),
		MaxNodes:          t.model.MaxNodes,
		SpanSelector:      t.model.SpanSelector,
		TraceIdSelector:   t.model.TraceIDSelector,
		ProfileIdSelector: t.model.ProfileIDSelector,
	}
	if len(t.model.CallSite) > 0 {
		request.StackTraceSelector = new(typesv1.StackTraceSelector)
		for _, function := range t.model.CallSite {
			request.StackTraceSelector.CallSite = append(request.StackTraceSelector.CallSite, &typesv1.Location{Name: function})
		}
	}
	return request
}
