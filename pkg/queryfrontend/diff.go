package queryfrontend

import (
	"context"

	"connectrpc.com/connect"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Diff compares two selections as one flame graph. Both sides are read at the
// same time, with the larger of their numbers of nodes.
func (f *Frontend) Diff(ctx context.Context, c *connect.Request[querierv1.DiffRequest]) (*connect.Response[querierv1.DiffResponse], error) {
	sides := [2]*querierv1.SelectMergeStacktracesRequest{c.Msg.GetLeft(), c.Msg.GetRight()}
	names := [2]string{"left", "right"}
	for i, side := range sides {
		if side == nil {
			return nil, invalid(names[i], "the side is missing, both left and right are required")
		}
	}
	for _, side := range sides {
		if err := f.checkMaxNodes(side.GetMaxNodes()); err != nil {
			return nil, err
		}
	}
	maxNodes, err := f.maxNodes(max(sides[0].GetMaxNodes(), sides[1].GetMaxNodes()))
	if err != nil {
		return nil, err
	}
	var (
		questions [2]question[CallTree]
		trees     [2]CallTree
	)
	for i, side := range sides {
		if questions[i], err = f.treeQuestion(side, maxNodes); err != nil {
			return nil, err
		}
	}
	readings := f.ask(ctx, &questions[0].part, &questions[1].part)
	for i := range questions {
		tree, r := shaped(ctx, &questions[i], readings)
		if r.err != nil {
			return nil, r.err
		}
		trees[i] = tree
	}
	diff, err := profile.Diff(&trees[0].Tree, &trees[1].Tree, maxNodes)
	if err != nil {
		return nil, malformed("query-backend", err)
	}
	diff.Names = profile.ValidTexts(diff.Names)
	return connect.NewResponse(&querierv1.DiffResponse{Flamegraph: diff}), nil
}
