package querybackend

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// maxChildren bounds how many children of one MERGE node run at a time. It is
// a bound for each node, not for the server: nodes that wait for their
// children must not keep those from running.
const maxChildren = 64

func (s *Server) invoke(ctx context.Context, source *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	started := time.Now()
	root := source.GetQueryPlan().GetRoot()
	if root == nil {
		return nil, invalid("no query plan")
	}
	r, err := newRequest(source)
	if err != nil {
		return nil, err
	}
	merged := newReports(r)
	node := &queryv1.ExecutionNode{Stats: &queryv1.ExecutionStats{}}
	switch root.Type {
	case queryv1.QueryNode_MERGE:
		err = s.merge(ctx, r, root.Children, merged, node)
	case queryv1.QueryNode_READ:
		err = s.read(ctx, r, root.Blocks, merged, node)
	default:
		err = invalid("query plan: unknown node type %s; it must be MERGE or READ", root.Type)
	}
	if err != nil {
		return nil, err
	}
	response := &queryv1.InvokeResponse{Diagnostics: &queryv1.Diagnostics{ExecutionNode: node}}
	if response.Reports, err = merged.merged(); err != nil {
		return nil, err
	}
	if r.diagnostics() {
		node.Type = root.Type
		node.Executor = s.executor()
		node.StartTimeNs = started.UnixNano()
		node.EndTimeNs = time.Now().UnixNano()
	} else {
		// What was fetched is told always, the rest only when asked for.
		response.Diagnostics.ExecutionNode = &queryv1.ExecutionNode{
			Stats: &queryv1.ExecutionStats{BytesFetched: node.Stats.BytesFetched},
		}
	}
	return response, nil
}

func (s *Server) executor() string {
	if s.name != "" {
		return s.name
	}
	return s.peers.ownAddress()
}

// merge sends each child to a peer, and merges the reports.
func (s *Server) merge(ctx context.Context, r *request, children []*queryv1.QueryNode, merged *reports, node *queryv1.ExecutionNode) error {
	responses := make([]*queryv1.InvokeResponse, len(children))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxChildren)
	for i, child := range children {
		request := childRequest(r.source, child)
		group.Go(func() error {
			response, err := s.peers.invoke(ctx, request)
			if err != nil {
				return err
			}
			responses[i] = response
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, response := range responses {
		if err := merged.add(response.Reports); err != nil {
			return err
		}
		child := response.GetDiagnostics().GetExecutionNode()
		node.Stats.BytesFetched += child.GetStats().GetBytesFetched()
		if child != nil {
			node.Children = append(node.Children, child)
		}
	}
	return nil
}

// childRequest is the request with another root. What is below is shared, and
// only read.
func childRequest(source *queryv1.InvokeRequest, root *queryv1.QueryNode) *queryv1.InvokeRequest {
	return &queryv1.InvokeRequest{
		Tenant:        source.Tenant,
		StartTime:     source.StartTime,
		EndTime:       source.EndTime,
		LabelSelector: source.LabelSelector,
		Query:         source.Query,
		QueryPlan:     &queryv1.QueryPlan{Root: root},
		Options:       source.Options,
	}
}

// clone is a deep copy: reports carry their queries, and mergers may change
// what they got.
func clone[M proto.Message](m M) M { return proto.Clone(m).(M) }
