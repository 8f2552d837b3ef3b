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

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/transport"
)

// invoke sends a plan to a query-backend.
//
// Asked for names alone, query-backends leave out native code without symbols, and
// with it the value of stacks that have nothing else. So where the plan may read
// any, call trees are asked for with references to what has no name
// (SYMBOL_MODE_REFS), and get their names here: who reads the answer sees trees
// like all others. If that is refused, names alone are better than nothing.
func (f *Frontend) invoke(ctx context.Context, plan *queryplan.Plan) (*queryv1.InvokeResponse, *SymbolCost, error) {
	request := plan.Request()
	maxNodes, ok := askForSymbolRefs(plan, request)
	if !ok {
		response, err := f.backend.Invoke(ctx, request)
		return response, nil, err
	}
	response, err := f.backend.Invoke(ctx, request)
	if refusesSymbolRefs(err) {
		trace.SpanFromContext(ctx).AddEvent("native code without symbols is left out",
			trace.WithAttributes(attribute.String("pyrofront.reason", err.Error())))
		response, err = f.backend.Invoke(ctx, plan.Request())
		return response, nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	return f.nameSymbolRefs(ctx, response, maxNodes)
}

// askForSymbolRefs changes the request's query for a call tree, and returns how
// many nodes that may have. It returns false where there is nothing to ask.
func askForSymbolRefs(plan *queryplan.Plan, request *queryv1.InvokeRequest) (maxNodes int64, ok bool) {
	i := slices.IndexFunc(request.GetQuery(), func(q *queryv1.Query) bool { return q.GetTree() != nil })
	if i < 0 || !plan.Unsymbolized() {
		return 0, false
	}
	query := request.Query[i].CloneVT() // the plan's own, and the caller's
	query.Tree.SymbolMode = queryv1.SymbolMode_SYMBOL_MODE_REFS
	query.Tree.MaxUnresolvedLocations = profile.MaxUnresolvedLocations
	request.Query = slices.Clone(request.Query)
	request.Query[i] = query
	return query.GetTree().GetMaxNodes(), true
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

// nameSymbolRefs returns the response with names in the place of references. The
// response itself is not changed.
func (f *Frontend) nameSymbolRefs(ctx context.Context, response *queryv1.InvokeResponse, maxNodes int64) (*queryv1.InvokeResponse, *SymbolCost, error) {
	var cost *SymbolCost
	named := &queryv1.InvokeResponse{Diagnostics: response.GetDiagnostics(), Reports: slices.Clone(response.GetReports())}
	for i, report := range named.Reports {
		source := report.GetTree()
		if source.GetSymbolRefs() == nil {
			continue
		}
		var names [][]string
		names, cost = f.symbolRefNames(ctx, source.GetSymbolRefs())
		tree, err := profile.UnmarshalNamedSymbolRefTree(source.GetTree(), source.GetSymbolRefs(), names, maxNodes)
		if err != nil {
			return nil, nil, malformed("query-backend", err)
		}
		named.Reports[i] = &queryv1.Report{
			ReportType: report.GetReportType(),
			Tree:       &queryv1.TreeReport{Query: source.GetQuery(), Tree: tree.Marshal()},
		}
	}
	return named, cost, nil
}
