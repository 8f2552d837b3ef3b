package queryfrontend

import (
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// A query-backend goes on without a block that is not there, and says nothing. It says how
// many bytes it has fetched, if it is not too old.

// A leastFetched is what has to be fetched for a plan where all blocks are there.
type leastFetched struct {
	all uint64
	// leaves are the same for each READ node. They are nil where the sum tells as much.
	leaves []uint64
}

func leastOf(plan *queryplan.Plan) leastFetched {
	return leastFetched{all: plan.Summary().LeastBytes, leaves: plan.LeastByLeaf()}
}

// ask asks for what each READ node fetched, where the sum would not tell: much of a large
// dataset may be passed over, and hide a block that is gone.
func (l leastFetched) ask(request *queryv1.InvokeRequest) {
	if l.leaves != nil {
		request.Options.CollectDiagnostics = true
	}
}

// missed tells that a block was not there.
func (l leastFetched) missed(response *queryv1.InvokeResponse) bool {
	root := response.GetDiagnostics().GetExecutionNode()
	if root.GetStats() == nil {
		return false
	}
	if root.GetStats().GetBytesFetched() < l.all {
		return true
	}
	fetched := fetchedByLeaf(root)
	if len(fetched) != len(l.leaves) {
		return false // it does not tell, or of another plan
	}
	for i, bytes := range fetched {
		if bytes < l.leaves[i] {
			return true
		}
	}
	return false
}

// fetchedByLeaf is what each READ node fetched, in the order of a walk through the plan.
// The tree is as deep as query-backends make it, so it is not walked by recursion.
func fetchedByLeaf(root *queryv1.ExecutionNode) (bytes []uint64) {
	for ahead := []*queryv1.ExecutionNode{root}; len(ahead) > 0; {
		node := ahead[len(ahead)-1]
		ahead = ahead[:len(ahead)-1]
		if node.GetType() == queryv1.QueryNode_READ {
			bytes = append(bytes, node.GetStats().GetBytesFetched())
		}
		for i := range node.GetChildren() {
			ahead = append(ahead, node.Children[len(node.Children)-1-i])
		}
	}
	return bytes
}

// unasked leaves of diagnostics the bytes, where nobody asked for more than that.
func unasked(response *queryv1.InvokeResponse, asked bool) {
	if root := response.GetDiagnostics().GetExecutionNode(); root != nil && !asked {
		response.Diagnostics.ExecutionNode = &queryv1.ExecutionNode{Stats: &queryv1.ExecutionStats{BytesFetched: root.GetStats().GetBytesFetched()}}
	}
}
