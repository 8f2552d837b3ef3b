package queryfrontend

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A DOT graph of more than a hundred nodes cannot be read. It is drawn from a
// profile that is not cut as small, so that what is shown has its real weight.
const (
	dotNodes       = 100
	dotSourceNodes = 512
)

// dot returns a Graphviz graph of the merged profile, empty where nothing
// matched.
func (f *Frontend) dot(ctx context.Context, request *querierv1.SelectMergeStacktracesRequest) (string, error) {
	if err := f.checkMaxNodes(request.GetMaxNodes()); err != nil {
		return "", err
	}
	nodes := int64(dotNodes)
	if n := request.GetMaxNodes(); n > 0 {
		nodes = n
	}
	source := max(nodes, dotSourceNodes)
	if limit := f.config.Limits.MaxNodesMax; limit > 0 {
		source = min(source, limit)
	}
	merged, err := f.pprof(ctx, &querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID:      request.GetProfileTypeID(),
		LabelSelector:      request.GetLabelSelector(),
		Start:              request.GetStart(),
		End:                request.GetEnd(),
		MaxNodes:           &source,
		StackTraceSelector: request.GetStackTraceSelector(),
		ProfileIdSelector:  request.GetProfileIdSelector(),
		TraceIdSelector:    request.GetTraceIdSelector(),
		SpanSelector:       request.GetSpanSelector(),
	})
	if err != nil || len(merged.GetSample()) == 0 {
		return "", err
	}
	if n := profile.StackEntries(merged); n <= profile.MaxDOTEntries {
		if err := memory.Take(ctx, drawnEntryBytes*int64(n)); err != nil {
			return "", memoryError(err)
		}
	}
	graph, err := profile.DOT(ctx, merged, nodes)
	switch {
	case err == nil:
		return graph, nil
	case errors.Is(err, profile.ErrTooLargeToDraw):
		return "", connect.NewError(connect.CodeResourceExhausted, fmt.Errorf("%w: ask for fewer nodes", err))
	case ctx.Err() != nil:
		return "", Interrupted("drawing", ctx.Err())
	}
	return "", malformed("query-backend", err)
}
