package plugin

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

func (d *Datasource) seriesRequest(t *target) (*querierv1.SelectSeriesRequest, error) {
	request := &querierv1.SelectSeriesRequest{
		ProfileTypeID: t.model.ProfileTypeID,
		LabelSelector: t.model.LabelSelector,
		Start:         t.query.TimeRange.From.UnixMilli(),
		End:           t.query.TimeRange.To.UnixMilli(),
		GroupBy:       t.model.GroupBy,
		Limit:         t.model.Limit,
		Step:          d.step(t.query),
	}
	aggregation, err := t.model.aggregation()
	request.Aggregation = aggregation.Enum()
	if err != nil {
		return nil, err
	}
	request.ExemplarType, err = t.model.exemplarType()
	return request, err
}

// seriesFrames shows cumulative types as rates per second, with exemplars and
// annotations where they were asked for and are there.
func (d *Datasource) seriesFrames(ctx context.Context, t *target, request *querierv1.SelectSeriesRequest, panel queryfrontend.PanelAnswer) (data.Frames, error) {
	series, left := t.room.Series(panel.Series, askedPoints(request))
	t.noticeLeft(left)
	if err := memory.Take(ctx, seriesFrameBytes(series)); err != nil {
		return nil, noMemory(err)
	}
	rate := frame.Rate{
		Step:    panel.Scope.StepWidth(),
		Average: request.GetAggregation() == typesv1.TimeSeriesAggregationType_TIME_SERIES_AGGREGATION_TYPE_AVERAGE,
	}
	t.noticeSparse(series, rate)
	frames := frame.Series(series, t.profileType, rate)
	t.nameSeries(frames)
	if exemplars := frame.Exemplars(series, t.profileType, rate, d.settings.tracesDatasourceUID); exemplars != nil {
		frame.LinkExemplars(exemplars, d.uid, t.model.ProfileTypeID, t.selectorText())
		frames = append(frames, exemplars)
	}
	if t.model.Annotations {
		annotations, unreadable := frame.Annotations(series, time.Now())
		if annotations != nil {
			frames = append(frames, annotations)
		}
		t.noticeUnreadable(unreadable)
	}
	return frames, nil
}
