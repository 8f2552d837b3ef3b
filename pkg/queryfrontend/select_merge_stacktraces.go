package queryfrontend

import (
	"context"

	"connectrpc.com/connect"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// SelectMergeStacktraces merges the matching profiles into one flame graph,
// call tree, DOT graph or pprof profile.
func (f *Frontend) SelectMergeStacktraces(ctx context.Context, c *connect.Request[querierv1.SelectMergeStacktracesRequest]) (*connect.Response[querierv1.SelectMergeStacktracesResponse], error) {
	if err := checkFormat(c.Msg.GetFormat()); err != nil {
		return nil, err
	}
	response := new(querierv1.SelectMergeStacktracesResponse)
	switch c.Msg.GetFormat() {
	case querierv1.ProfileFormat_PROFILE_FORMAT_DOT:
		dot, err := f.dot(ctx, c.Msg)
		if err != nil {
			return nil, err
		}
		response.Dot = dot
	case querierv1.ProfileFormat_PROFILE_FORMAT_PPROF:
		merged, err := f.pprof(ctx, c.Msg)
		if err != nil {
			return nil, err
		}
		response.Pprof = &querierv1.PprofProfile{Profile: merged}
	case querierv1.ProfileFormat_PROFILE_FORMAT_TREE:
		tree, err := f.treeBytes(ctx, c.Msg)
		if err != nil {
			return nil, err
		}
		response.Tree = tree
	default:
		flameGraph, err := f.flameGraph(ctx, c.Msg)
		if err != nil {
			return nil, err
		}
		response.Flamegraph = flameGraph
	}
	return connect.NewResponse(response), nil
}

func (f *Frontend) flameGraph(ctx context.Context, request *querierv1.SelectMergeStacktracesRequest) (*querierv1.FlameGraph, error) {
	maxNodes, err := f.maxNodes(request.GetMaxNodes())
	if err != nil {
		return nil, err
	}
	q, err := f.treeQuestion(request, maxNodes)
	if err != nil {
		return nil, err
	}
	tree, err := answerTo(ctx, f, q)
	if err != nil {
		return nil, err
	}
	// The tree is cut to the default number of nodes already. Where the request
	// names none, the flame graph shows all that is left.
	graph := profile.FlameGraph(&tree.Tree, request.GetMaxNodes())
	graph.Names = profile.ValidTexts(graph.Names)
	return graph, nil
}

// treeBytes returns the merged call tree in its wire form, empty where nothing
// matched.
func (f *Frontend) treeBytes(ctx context.Context, request *querierv1.SelectMergeStacktracesRequest) ([]byte, error) {
	maxNodes, err := f.maxNodes(request.GetMaxNodes())
	if err != nil {
		return nil, err
	}
	q, err := f.treeQuestion(request, maxNodes)
	if err != nil {
		return nil, err
	}
	return answerTo(ctx, f, question[[]byte]{part: q.part, shape: func(r reading, report *queryv1.Report) ([]byte, error) {
		return r.treeBytes(report, maxNodes)
	}})
}

// treeQuestion checks a request for a call tree.
func (f *Frontend) treeQuestion(request *querierv1.SelectMergeStacktracesRequest, maxNodes int64) (q question[CallTree], err error) {
	p, err := f.stackTracePart(request)
	if err != nil {
		return q, err
	}
	p.query = &queryv1.Query{
		QueryType: queryv1.QueryType_QUERY_TREE,
		Tree: &queryv1.TreeQuery{
			MaxNodes:           maxNodes,
			SpanSelector:       request.GetSpanSelector(),
			TraceIdSelector:    request.GetTraceIdSelector(),
			ProfileIdSelector:  request.GetProfileIdSelector(),
			StackTraceSelector: request.GetStackTraceSelector(),
		},
	}
	return question[CallTree]{part: p, shape: func(r reading, report *queryv1.Report) (CallTree, error) {
		return r.callTree(report, maxNodes)
	}}, nil
}

// stackTracePart checks what all formats have in common. The query is the caller's
// to set.
func (f *Frontend) stackTracePart(request *querierv1.SelectMergeStacktracesRequest) (p part, err error) {
	if async := request.GetAsync(); async.GetType() != querierv1.AsyncQueryType_ASYNC_QUERY_TYPE_DISABLED || async.GetRequestId() != "" {
		return p, unimplemented("async", "asynchronous queries are not offered, leave the field out")
	}
	if p.timeRange, p.empty, err = f.timeRange(request.GetStart(), request.GetEnd()); err != nil {
		return p, err
	}
	p.readStart = p.start
	if p.selection, err = f.selection(request.GetProfileTypeID(), request.GetLabelSelector()); err != nil {
		return p, err
	}
	if err = checkIDs(request.GetSpanSelector(), request.GetTraceIdSelector(), request.GetProfileIdSelector()); err != nil {
		return p, err
	}
	return p, checkCallSite(request.GetStackTraceSelector())
}
