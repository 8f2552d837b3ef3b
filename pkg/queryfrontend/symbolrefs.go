package queryfrontend

import (
	"context"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/reportmerge"
)

// A refusal says that query-backends gave names alone where references were asked for.
type refusal int

const (
	notRefused refusal = iota
	// refusedHere is for what was asked: it is too much with references, and will be.
	refusedHere
	// refusedNow is by who answered: others, or the same after an update, may not refuse.
	refusedNow
)

// refusalLasts is how long names alone are kept of those who may know references by then.
const refusalLasts = 10 * time.Minute

// lasts is how long an answer may be kept; 0 is no limit.
func (r refusal) lasts() time.Duration {
	if r == refusedNow {
		return refusalLasts
	}
	return 0
}

// invoke sends a request to a query-backend.
//
// Asked for names alone, query-backends leave out native code without symbols, and
// with it the value of stacks that have nothing else. So where what is asked may have
// any, call trees are asked for with references to what has no name
// (SYMBOL_MODE_REFS), and get their names here: see nameTree. If references are
// refused, names alone are better than nothing.
func (f *Frontend) invoke(ctx context.Context, request *queryv1.InvokeRequest, unsymbolized bool) (*queryv1.InvokeResponse, refusal, error) {
	referring, ok := askForSymbolRefs(unsymbolized, request.GetQuery())
	if !ok {
		response, err := f.backend.Invoke(ctx, request)
		return response, notRefused, err
	}
	response, err := f.backend.Invoke(ctx, withQueries(request, referring))
	refused := refusalOf(err)
	if refused == notRefused {
		return response, refused, err
	}
	trace.SpanFromContext(ctx).AddEvent("native code without symbols is left out",
		trace.WithAttributes(attribute.String("pyrofront.reason", err.Error())))
	response, err = f.backend.Invoke(ctx, request)
	return response, refused, err
}

// withQueries is a request for the same data. The requests share it.
func withQueries(r *queryv1.InvokeRequest, queries []*queryv1.Query) *queryv1.InvokeRequest {
	return &queryv1.InvokeRequest{
		Tenant: r.Tenant, StartTime: r.StartTime, EndTime: r.EndTime, LabelSelector: r.LabelSelector,
		Options: r.Options, QueryPlan: r.QueryPlan, Query: queries,
	}
}

// askForSymbolRefs returns queries of which the one for a call tree asks for
// references. It returns false where there is nothing to ask.
func askForSymbolRefs(unsymbolized bool, queries []*queryv1.Query) (referring []*queryv1.Query, ok bool) {
	i := slices.IndexFunc(queries, func(q *queryv1.Query) bool { return q.GetTree() != nil })
	if i < 0 || !unsymbolized {
		return nil, false
	}
	query := queries[i].CloneVT() // the plan's own, and the caller's
	query.Tree.SymbolMode = queryv1.SymbolMode_SYMBOL_MODE_REFS
	query.Tree.MaxUnresolvedLocations = profile.MaxUnresolvedLocations
	referring = slices.Clone(queries)
	referring[i] = query
	return referring, true
}

// refusalOf tells the errors of a query-backend that does not know
// references, or of a tree that is too large with them: it is cut only here.
// Query-backends have no code of their own for the two that are told by message:
// a symbol_mode that is not known, and too many unresolved locations.
func refusalOf(err error) refusal {
	switch status.Code(err) {
	case codes.Unimplemented, codes.InvalidArgument:
		return refusedNow
	case codes.ResourceExhausted:
		if transport.TooLarge(err) {
			return refusedHere
		}
	case codes.Unknown, codes.Internal:
		switch message := status.Convert(err).Message(); {
		case strings.Contains(message, "unresolved locations"):
			return refusedHere
		case strings.Contains(message, "symbol_mode"):
			return refusedNow
		}
	}
	return notRefused
}

// nameTree decodes the call tree of reports that has references, gives them their names,
// and cuts it to what was asked for. It returns nil where there is none. Such a tree is
// returned decoded: its nodes share their names, which on the wire stand at each node.
func (f *Frontend) nameTree(ctx context.Context, reports []*queryv1.Report, queries []*queryv1.Query) (*profile.Tree, *SymbolCost, error) {
	i := slices.IndexFunc(reports, func(r *queryv1.Report) bool { return r.GetTree().GetSymbolRefs() != nil })
	if i < 0 {
		return nil, nil, nil
	}
	take := takeFrom(ctx, memory.From(ctx))
	merged, err := merge(reports[i:i+1], reportmerge.Options{Take: take})
	if err != nil {
		return nil, nil, err
	}
	return f.treeOf(ctx, merged, queries, take)
}

// merge merges reports of query-backends.
func merge(reports []*queryv1.Report, o reportmerge.Options) (reportmerge.Merged, error) {
	merged, err := reportmerge.Merge(reports, o)
	if err != nil && connect.CodeOf(err) != connect.CodeResourceExhausted { // else there is no memory for it
		err = malformed("query-backend", err)
	}
	return merged, err
}

func takeFrom(ctx context.Context, account *memory.Account) func(int64) error {
	return func(bytes int64) error { return memoryError(account.Take(ctx, bytes)) }
}

// nodesOf is how many nodes a call tree may have; 0 is no limit.
func nodesOf(queries []*queryv1.Query) (maxNodes int64) {
	for _, q := range queries {
		maxNodes = max(maxNodes, q.GetTree().GetMaxNodes())
	}
	return maxNodes
}

// treeOf is the call tree of what was merged, nil where there is none, cut as a
// query-backend would have cut it. Native code in it gets its names, as far as there are
// any when the context ends: what they took is nil where none were needed.
func (f *Frontend) treeOf(ctx context.Context, merged reportmerge.Merged, queries []*queryv1.Query, take func(int64) error) (*profile.Tree, *SymbolCost, error) {
	maxNodes := nodesOf(queries)
	switch {
	case merged.Refs != nil:
		names, cost := f.symbolRefNames(ctx, merged.Refs.Unresolved())
		if err := take(merged.Refs.InlinedBytes(names)); err != nil {
			return nil, nil, err
		}
		return merged.Refs.Named(names, maxNodes), cost, nil
	case merged.Tree != nil:
		return profile.Truncate(merged.Tree, maxNodes), nil, nil
	}
	return nil, nil, nil
}

// refNodes is how many times as many nodes a part's call tree may have with references. They
// are cut here alone, and before they have names: several addresses may be in one function.
// A node takes about so many times less than one with a name.
const refNodes = 4

// cutRefs cuts the call tree of a response that has references, for it to be kept and merged
// with others.
func cutRefs(ctx context.Context, asked []*queryv1.Query, response *queryv1.InvokeResponse, account *memory.Account) error {
	maxNodes := refNodes * nodesOf(asked)
	for i, report := range response.GetReports() {
		whole := profile.WireTree{Tree: report.GetTree().GetTree(), Refs: report.GetTree().GetSymbolRefs()}
		if whole.Refs == nil {
			continue
		}
		bytes, err := whole.CutBytes(maxNodes)
		if err != nil {
			return malformed("query-backend", err)
		}
		if err := memoryError(account.Take(ctx, bytes)); err != nil {
			return err
		}
		cut, err := whole.CutRefs(maxNodes)
		account.Give(bytes) // what is cut takes no more than the whole did
		if err != nil {
			return malformed("query-backend", err)
		}
		if cut.Refs != whole.Refs {
			response.Reports = slices.Clone(response.Reports) // they may be somebody else's too
			response.Reports[i] = &queryv1.Report{ReportType: report.ReportType, Tree: &queryv1.TreeReport{Query: report.Tree.Query, Tree: cut.Tree, SymbolRefs: cut.Refs}}
		}
	}
	return nil
}
