package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// heatmapSeriesLimit is how many series a heat map has where a query names no
// limit. Grafana's panel draws one, and each has a cell for every slot and row.
const heatmapSeriesLimit = 10

// heatmap asks how many profiles there were, by time and value. With exemplars of
// spans it counts spans instead.
func (d *Datasource) heatmap(t *target) error {
	exemplars, err := t.model.exemplarType()
	if err != nil {
		return err
	}
	kind := querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_INDIVIDUAL
	if exemplars == typesv1.ExemplarType_EXEMPLAR_TYPE_SPAN {
		kind = querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_SPAN
	}
	limit := t.model.Limit
	if limit == nil || *limit == 0 {
		preset := int64(heatmapSeriesLimit)
		limit = &preset
	}
	request := &querierv1.SelectHeatmapRequest{
		ProfileTypeID: t.model.ProfileTypeID,
		LabelSelector: t.model.LabelSelector,
		Start:         t.query.TimeRange.From.UnixMilli(),
		End:           t.query.TimeRange.To.UnixMilli(),
		Step:          d.step(t.query),
		GroupBy:       t.model.GroupBy,
		Limit:         limit,
		QueryType:     kind,
		ExemplarType:  exemplars,
	}
	t.requests = []queryfrontend.PanelRequest{{Heatmap: request}}
	t.render = func(ctx context.Context, panels []queryfrontend.PanelAnswer) (data.Frames, error) {
		panel := panels[0]
		width, slots := panel.Scope.StepWidth(), askedPoints(request)
		series, left := t.room.Heatmap(panel.Heatmap, width, slots)
		t.noticeLeft(left)
		if err := memory.Take(ctx, heatmapFrameBytes(series, slots)); err != nil {
			return nil, noMemory(err)
		}
		frames := frame.Heatmap(series, t.profileType, width)
		if len(frames) == 0 {
			frames = data.Frames{data.NewFrame("heatmap")} // no data, with room for what there is to say of it
		}
		if exemplars := frame.HeatmapExemplars(series, t.profileType, d.settings.tracesDatasourceUID); exemplars != nil {
			frame.LinkExemplars(exemplars, d.uid, t.model.ProfileTypeID, t.selectorText())
			frames = append(frames, exemplars)
		}
		return frames, nil
	}
	return nil
}
