package queryfrontend

import (
	"context"
	"slices"

	"connectrpc.com/connect"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// SelectHeatmap counts the matching profiles, or spans, by time and value. A slot
// at t covers (t - step, t].
func (f *Frontend) SelectHeatmap(ctx context.Context, c *connect.Request[querierv1.SelectHeatmapRequest]) (*connect.Response[querierv1.SelectHeatmapResponse], error) {
	q, err := f.heatmapQuestion(c.Msg)
	if err != nil {
		return nil, err
	}
	series, err := answerTo(ctx, f, q)
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&querierv1.SelectHeatmapResponse{Series: series}), nil
}

// heatmapQuestion checks a request for a heat map.
func (f *Frontend) heatmapQuestion(request *querierv1.SelectHeatmapRequest) (q question[[]*typesv1.HeatmapSeries], err error) {
	var p part
	if p.timeRange, p.empty, err = f.timeRange(request.GetStart(), request.GetEnd()); err != nil {
		return q, err
	}
	if request.GetStart() == request.GetEnd() {
		return q, invalid("start, end", "the start time must be before the end time, both are %s", formatTime(request.GetStart()))
	}
	if p.selection, err = f.selection(request.GetProfileTypeID(), request.GetLabelSelector()); err != nil {
		return q, err
	}
	if p.step, err = f.step(request.GetStep(), p.timeRange); err != nil {
		return q, err
	}
	p.readStart = p.start - p.step
	if err := checkHeatmap(request); err != nil {
		return q, err
	}
	p.query = &queryv1.Query{
		QueryType: queryv1.QueryType_QUERY_HEATMAP,
		Heatmap: &queryv1.HeatmapQuery{
			Step:         request.GetStep(),
			GroupBy:      request.GetGroupBy(),
			QueryType:    request.GetQueryType(),
			ExemplarType: request.GetExemplarType(),
			Limit:        request.GetLimit(),
		},
	}
	return question[[]*typesv1.HeatmapSeries]{part: p, shape: func(r reading, report *queryv1.Report) ([]*typesv1.HeatmapSeries, error) {
		all, err := r.checkedHeatmap(report.GetHeatmap(), withExemplars(request.GetExemplarType()))
		if err != nil {
			return nil, malformed("query-backend", err)
		}
		// Query-backends order series as they come to know their labels: a panel, which
		// draws the first one, would show another at each refresh.
		slices.SortStableFunc(all, func(a, b *typesv1.HeatmapSeries) int { return profile.CompareLabels(a.GetLabels(), b.GetLabels()) })
		return profile.TopHeatmapSeries(all, request.GetLimit()), nil
	}}, nil
}

func checkHeatmap(request *querierv1.SelectHeatmapRequest) error {
	if err := checkLimit(request.GetLimit()); err != nil {
		return err
	}
	if err := checkGroupBy(request.GetGroupBy()); err != nil {
		return err
	}
	individual := request.GetQueryType() == querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_INDIVIDUAL
	if !individual && request.GetQueryType() != querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_SPAN {
		return invalid("query_type", "%s is not a kind of heat map, allowed are INDIVIDUAL and SPAN", request.GetQueryType())
	}
	if err := checkExemplarType(request.GetExemplarType()); err != nil {
		return err
	}
	switch request.GetExemplarType() {
	case typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL:
		if !individual {
			return invalid("exemplar_type", "INDIVIDUAL exemplars belong to the query type INDIVIDUAL, a heat map of spans has SPAN exemplars")
		}
	case typesv1.ExemplarType_EXEMPLAR_TYPE_SPAN:
		if individual {
			return invalid("exemplar_type", "SPAN exemplars belong to the query type SPAN, a heat map of profiles has INDIVIDUAL exemplars")
		}
	}
	return nil
}
