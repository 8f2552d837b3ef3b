package queryfrontend

import (
	"context"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// invoke sends a plan to a query-backend.
//
// Asked for names alone, query-backends leave out native code without symbols, and
// with it the value of stacks that have nothing else. So where the plan may read
// any, call trees are asked for with references to what has no name
// (SYMBOL_MODE_REFS), and get their names here. Such a tree is returned decoded: its
// nodes share their names, which on the wire stand at each node. If references are
// refused, names alone are better than nothing.
func (f *Frontend) invoke(ctx context.Context, p planned) (*queryv1.InvokeResponse, *namedTree, error) {
	named := p.request.GetQuery()
	referring, maxNodes, ok := askForSymbolRefs(p.answer.Unsymbolized, named)
	if !ok {
		response, err := f.backend.Invoke(ctx, p.request)
		return response, nil, err
	}
	p.request.Query = referring
	response, err := f.backend.Invoke(ctx, p.request)
	if refusesSymbolRefs(err) {
		trace.SpanFromContext(ctx).AddEvent("native code without symbols is left out",
			trace.WithAttributes(attribute.String("pyrofront.reason", err.Error())))
		response, err := f.backend.Invoke(ctx, &queryv1.InvokeRequest{
			Tenant: p.request.Tenant, StartTime: p.request.StartTime, EndTime: p.request.EndTime, LabelSelector: p.request.LabelSelector,
			Options: p.request.Options, QueryPlan: p.request.QueryPlan, Query: named,
		})
		return response, nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	tree, err := f.nameSymbolRefs(ctx, response, maxNodes)
	return response, tree, err
}

// askForSymbolRefs returns queries of which the one for a call tree asks for
// references, and how many nodes that may have. It returns false where there is
// nothing to ask.
func askForSymbolRefs(unsymbolized bool, queries []*queryv1.Query) (referring []*queryv1.Query, maxNodes int64, ok bool) {
	i := slices.IndexFunc(queries, func(q *queryv1.Query) bool { return q.GetTree() != nil })
	if i < 0 || !unsymbolized {
		return nil, 0, false
	}
	query := queries[i].CloneVT() // the plan's own, and the caller's
	query.Tree.SymbolMode = queryv1.SymbolMode_SYMBOL_MODE_REFS
	query.Tree.MaxUnresolvedLocations = profile.MaxUnresolvedLocations
	referring = slices.Clone(queries)
	referring[i] = query
	return referring, query.GetTree().GetMaxNodes(), true
}

// namesNative says that an answer may have native code that gets its names here, once it is
// whole. Only call trees do.
func namesNative(plan *queryplan.Plan, queries []*queryv1.Query) bool {
	_, _, refers := askForSymbolRefs(plan.Unsymbolized(), queries)
	return refers
}

// refusesSymbolRefs tells the errors of a query-backend that does not know
// references, or of a tree that is too large with them: it is cut only here.
// Query-backends have no code of their own for the two that are told by message:
// a symbol_mode that is not known, and too many unresolved locations.
func refusesSymbolRefs(err error) bool {
	switch status.Code(err) {
	case codes.OK:
		return false
	case codes.Unimplemented, codes.InvalidArgument:
		return true
	case codes.ResourceExhausted:
		return transport.TooLarge(err)
	case codes.Unknown, codes.Internal:
		message := status.Convert(err).Message()
		return strings.Contains(message, "symbol_mode") || strings.Contains(message, "unresolved locations")
	}
	return false
}

// A namedTree is a call tree that got its names here, and what they took: nil where
// none were needed.
type namedTree struct {
	tree *profile.Tree
	cost *SymbolCost
}

// nameSymbolRefs decodes a call tree with references, gives them their names, and
// cuts it to what was asked for. It returns nil where the response has none.
func (f *Frontend) nameSymbolRefs(ctx context.Context, response *queryv1.InvokeResponse, maxNodes int64) (*namedTree, error) {
	for _, report := range response.GetReports() {
		source := report.GetTree()
		if source.GetSymbolRefs() == nil {
			continue
		}
		names, cost := f.symbolRefNames(ctx, source.GetSymbolRefs())
		if err := memory.From(ctx).Take(ctx, symbolRefBytes(source, names)); err != nil {
			return nil, memoryError(err)
		}
		tree, err := profile.UnmarshalNamedSymbolRefTree(source.GetTree(), source.GetSymbolRefs(), names, maxNodes)
		if err != nil {
			return nil, malformed("query-backend", err)
		}
		return &namedTree{tree: tree, cost: cost}, nil
	}
	return nil, nil
}
