package queryfrontend

import (
	"fmt"

	"connectrpc.com/connect"
	"github.com/dustin/go-humanize"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// maxTreeBytes bounds a call tree that is written out: 128 MiB. The tree that names were given to here can have one long
// name at every node.
const maxTreeBytes = 128 << 20

// A CallTree is a merged call tree, decoded. It is not to be changed. The zero value is empty.
type CallTree struct {
	profile.Tree
	// Sent is how many nodes the query-backend sent: more than the tree has where it was cut here.
	Sent int
}

// callTree decodes a report's call tree, and cuts it where it has more nodes than were asked for.
func (r reading) callTree(report *queryv1.Report, maxNodes int64) (CallTree, error) {
	if r.answer != nil && r.answer.tree != nil {
		return CallTree{*r.answer.tree, r.answer.tree.Len()}, nil
	}
	wire := report.GetTree().GetTree()
	nodes, err := profile.CountNodes(wire)
	if err != nil {
		return CallTree{}, malformed("query-backend", err)
	}
	var tree *profile.Tree
	cut := tooMany(nodes, maxNodes)
	if cut {
		if err := r.take(profile.CutNodeBytes*int64(nodes) + 2*keptNodeBytes*maxNodes); err != nil {
			return CallTree{}, err
		}
		tree, err = profile.UnmarshalTreeCut(wire, maxNodes)
	} else {
		if err := r.take(treeNodeBytes * int64(nodes)); err != nil {
			return CallTree{}, err
		}
		tree, err = profile.UnmarshalTree(wire)
	}
	if err != nil {
		return CallTree{}, malformed("query-backend", err)
	}
	if !cut {
		nodes = tree.Len() // siblings of one name are merged
	}
	return CallTree{*tree, nodes}, nil
}

// tooMany holds for trees that are cut here. Query-backends keep the nodes from a total on, each with a child for the
// others. Where there are twice as many as were asked for, and the root, they have not cut.
func tooMany(nodes int, maxNodes int64) bool {
	return maxNodes > 0 && int64(nodes) > 2*maxNodes+1
}

// treeBytes is callTree for those who want the bytes: as they came, where nothing has to be changed.
func (r reading) treeBytes(report *queryv1.Report, maxNodes int64) ([]byte, error) {
	if r.answer == nil || r.answer.tree == nil {
		wire := report.GetTree().GetTree()
		nodes, err := profile.CountNodes(wire)
		if err != nil {
			return nil, malformed("query-backend", err)
		}
		if !tooMany(nodes, maxNodes) {
			return wire, nil
		}
	}
	tree, err := r.callTree(report, maxNodes)
	if err != nil {
		return nil, err
	}
	size := tree.MarshalSize()
	if size > maxTreeBytes {
		return nil, connect.NewError(connect.CodeResourceExhausted, fmt.Errorf(
			"the call tree of %d nodes takes %s written out, with the name at each node, more than the %s allowed: ask for fewer nodes, or for a flame graph",
			tree.Len(), humanize.IBytes(uint64(size)), humanize.IBytes(maxTreeBytes)))
	}
	if err := r.take(size); err != nil {
		return nil, err
	}
	return tree.Marshal(), nil
}
