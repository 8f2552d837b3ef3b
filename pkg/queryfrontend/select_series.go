package queryfrontend

import (
	"context"

	"connectrpc.com/connect"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// SelectSeries returns the matching profiles' totals over time. A point at t
// covers (t - step, t]; the first lies at the start of the range.
//
// The aggregation AVERAGE gives the mean of the profiles' values in a step instead
// of their sum, as gauges such as memory in use want it. The recorded frontend
// takes the field and sums all the same.
func (f *Frontend) SelectSeries(ctx context.Context, c *connect.Request[querierv1.SelectSeriesRequest]) (*connect.Response[querierv1.SelectSeriesResponse], error) {
	q, err := f.seriesQuestion(c.Msg)
	if err != nil {
		return nil, err
	}
	series, err := answerTo(ctx, f, q)
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&querierv1.SelectSeriesResponse{Series: series}), nil
}

// seriesQuestion checks a request for time series.
func (f *Frontend) seriesQuestion(request *querierv1.SelectSeriesRequest) (q question[[]*typesv1.Series], err error) {
	p := part{query: timeSeriesQuery(request)}
	if p.timeRange, p.empty, err = f.timeRange(request.GetStart(), request.GetEnd()); err != nil {
		return q, err
	}
	if p.selection, err = f.selection(request.GetProfileTypeID(), request.GetLabelSelector()); err != nil {
		return q, err
	}
	if p.step, err = f.step(request.GetStep(), p.timeRange); err != nil {
		return q, err
	}
	p.readStart = p.start - p.step
	if err = checkSeries(request); err != nil {
		return q, err
	}
	return question[[]*typesv1.Series]{part: p, shape: func(r reading, report *queryv1.Report) ([]*typesv1.Series, error) {
		all, err := r.checkedSeries(report)
		if err != nil {
			return nil, malformed("query-backend", err)
		}
		return profile.TopSeries(all, request.GetLimit()), nil
	}}, nil
}

func checkSeries(request *querierv1.SelectSeriesRequest) error {
	if err := checkLimit(request.GetLimit()); err != nil {
		return err
	}
	if err := checkGroupBy(request.GetGroupBy()); err != nil {
		return err
	}
	if len(request.GetStackTraceSelector().GetCallSite()) > 0 {
		return unimplemented("stack_trace_selector", "query-backends cannot select stack traces of a time series, leave the field out")
	}
	if _, known := typesv1.TimeSeriesAggregationType_name[int32(request.GetAggregation())]; !known {
		return invalid("aggregation", "%d is not an aggregation, allowed are SUM and AVERAGE", request.GetAggregation())
	}
	if err := checkExemplarType(request.GetExemplarType()); err != nil {
		return err
	}
	switch {
	case request.GetExemplarType() == typesv1.ExemplarType_EXEMPLAR_TYPE_SPAN:
		return unimplemented("exemplar_type", "query-backends give no span exemplars of a time series, use INDIVIDUAL, or a heat map of spans")
	case averages(request) && request.GetExemplarType() == typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL:
		return unimplemented("exemplar_type", "exemplars are given with the aggregation SUM only")
	}
	return nil
}

func averages(request *querierv1.SelectSeriesRequest) bool {
	return request.GetAggregation() == typesv1.TimeSeriesAggregationType_TIME_SERIES_AGGREGATION_TYPE_AVERAGE
}

// timeSeriesQuery chooses the cheapest query that can answer: only the compact
// form carries exemplars, and only a heat map tells how many profiles there were.
func timeSeriesQuery(request *querierv1.SelectSeriesRequest) *queryv1.Query {
	if averages(request) {
		return &queryv1.Query{
			QueryType: queryv1.QueryType_QUERY_HEATMAP,
			Heatmap: &queryv1.HeatmapQuery{
				Step:      request.GetStep(),
				GroupBy:   request.GetGroupBy(),
				QueryType: querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_INDIVIDUAL,
			},
		}
	}
	series := &queryv1.TimeSeriesQuery{
		Step:         request.GetStep(),
		GroupBy:      request.GetGroupBy(),
		Limit:        request.GetLimit(),
		ExemplarType: request.GetExemplarType(),
	}
	if request.GetExemplarType() == typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL {
		return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_TIME_SERIES_COMPACT, TimeSeriesCompact: series}
	}
	return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_TIME_SERIES, TimeSeries: series}
}

// series reads the report that answers a timeSeriesQuery.
func (p *part) series(report *queryv1.Report) ([]*typesv1.Series, error) {
	switch p.query.GetQueryType() {
	case queryv1.QueryType_QUERY_HEATMAP:
		return profile.AverageSeries(report.GetHeatmap(), p.start, p.end, p.step)
	case queryv1.QueryType_QUERY_TIME_SERIES_COMPACT:
		return profile.ExpandSeries(report.GetTimeSeriesCompact())
	default:
		return report.GetTimeSeries().GetTimeSeries(), nil
	}
}
