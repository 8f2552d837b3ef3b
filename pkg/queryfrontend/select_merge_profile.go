package queryfrontend

import (
	"context"

	"connectrpc.com/connect"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// SelectMergeProfile merges the matching profiles into one pprof profile with
// everything that is stored: files, lines, mappings. It is deprecated in the API
// in favour of SelectMergeStacktraces with the format PPROF.
func (f *Frontend) SelectMergeProfile(ctx context.Context, c *connect.Request[querierv1.SelectMergeProfileRequest]) (*connect.Response[googlev1.Profile], error) {
	merged, err := f.pprof(ctx, &querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID:      c.Msg.GetProfileTypeID(),
		LabelSelector:      c.Msg.GetLabelSelector(),
		Start:              c.Msg.GetStart(),
		End:                c.Msg.GetEnd(),
		MaxNodes:           c.Msg.MaxNodes,
		StackTraceSelector: c.Msg.GetStackTraceSelector(),
		ProfileIdSelector:  c.Msg.GetProfileIdSelector(),
		TraceIdSelector:    c.Msg.GetTraceIdSelector(),
	})
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(merged), nil
}

// pprof returns the merged profile, an empty message where nothing was read. With
// no number of nodes it is complete: an exported profile is not to be cut
// unasked.
func (f *Frontend) pprof(ctx context.Context, request *querierv1.SelectMergeStacktracesRequest) (*googlev1.Profile, error) {
	p, err := f.stackTracePart(request)
	if err != nil {
		return nil, err
	}
	if err := f.checkMaxNodes(request.GetMaxNodes()); err != nil {
		return nil, err
	}
	p.query = &queryv1.Query{
		QueryType: queryv1.QueryType_QUERY_PPROF,
		Pprof: &queryv1.PprofQuery{
			MaxNodes:           request.GetMaxNodes(),
			SpanSelector:       request.GetSpanSelector(),
			TraceIdSelector:    request.GetTraceIdSelector(),
			ProfileIdSelector:  request.GetProfileIdSelector(),
			StackTraceSelector: request.GetStackTraceSelector(),
		},
	}
	return answerTo(ctx, f, question[*googlev1.Profile]{part: p, shape: func(r reading, report *queryv1.Report) (*googlev1.Profile, error) {
		if report == nil {
			return new(googlev1.Profile), nil
		}
		merged, err := profile.DecodePprof(report.GetPprof().GetPprof(), r.take)
		if connect.CodeOf(err) == connect.CodeResourceExhausted {
			return nil, err // there is no memory for it
		}
		if err == nil && r.answer.Unsymbolized {
			err = f.nameNative(ctx, merged)
		}
		if err != nil {
			return nil, malformed("query-backend", err)
		}
		profile.MakeTextsValid(merged)
		return merged, nil
	}})
}
