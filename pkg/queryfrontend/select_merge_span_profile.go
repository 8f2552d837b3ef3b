package queryfrontend

import (
	"context"

	"connectrpc.com/connect"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
)

// SelectMergeSpanProfile merges the samples of some spans. It is deprecated in
// the API in favour of SelectMergeStacktraces with a span selector, and answers
// every format but the tree with a flame graph, as it always did.
func (f *Frontend) SelectMergeSpanProfile(ctx context.Context, c *connect.Request[querierv1.SelectMergeSpanProfileRequest]) (*connect.Response[querierv1.SelectMergeSpanProfileResponse], error) {
	if err := checkFormat(c.Msg.GetFormat()); err != nil {
		return nil, err
	}
	request := &querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID: c.Msg.GetProfileTypeID(),
		LabelSelector: c.Msg.GetLabelSelector(),
		Start:         c.Msg.GetStart(),
		End:           c.Msg.GetEnd(),
		MaxNodes:      c.Msg.MaxNodes,
		SpanSelector:  c.Msg.GetSpanSelector(),
	}
	response := new(querierv1.SelectMergeSpanProfileResponse)
	var err error
	if c.Msg.GetFormat() == querierv1.ProfileFormat_PROFILE_FORMAT_TREE {
		response.Tree, err = f.treeBytes(ctx, request)
	} else {
		response.Flamegraph, err = f.flameGraph(ctx, request)
	}
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(response), nil
}
