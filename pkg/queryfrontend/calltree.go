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

// A CallTree is a merged call tree: as a query-backend wrote it, or decoded where it was changed here. The zero value is
// empty.
type CallTree struct {
	wire []byte
	tree *profile.Tree
	// nodes is how many there are, and sent how many the query-backend sent.
	nodes, sent int
	take        func(bytes int64) error
}

// callTree reads a report's call tree, and cuts it where it has more nodes than were asked for.
func (r reading) callTree(report *queryv1.Report, maxNodes int64) (CallTree, error) {
	if r.answer != nil && r.answer.tree != nil {
		n := len(r.answer.tree.Nodes)
		return CallTree{tree: r.answer.tree, nodes: n, sent: n, take: r.take}, nil
	}
	wire := report.GetTree().GetTree()
	nodes, err := profile.CountNodes(wire)
	if err != nil {
		return CallTree{}, malformed("query-backend", err)
	}
	// Query-backends keep the nodes from a total on, each with a child for the others. Where there are twice as many as
	// were asked for, and the root, they have not cut.
	if maxNodes < 1 || int64(nodes) <= 2*maxNodes+1 {
		return CallTree{wire: wire, nodes: nodes, sent: nodes}, nil
	}
	if err := r.take(profile.CutNodeBytes*int64(nodes) + 2*keptNodeBytes*maxNodes); err != nil {
		return CallTree{}, err
	}
	tree, err := profile.UnmarshalTreeCut(wire, maxNodes)
	if err != nil {
		return CallTree{}, malformed("query-backend", err)
	}
	return CallTree{tree: tree, nodes: len(tree.Nodes), sent: nodes, take: r.take}, nil
}

// Nodes is how many nodes the tree has, and Sent how many there were before it was cut here.
func (t CallTree) Nodes() int { return t.nodes }

// Sent is how many nodes the query-backend sent.
func (t CallTree) Sent() int { return t.sent }

// Wire is the tree as the query-backend wrote it, and false where it was changed since: Decode then.
func (t CallTree) Wire() ([]byte, bool) { return t.wire, t.tree == nil }

// Decode is the tree decoded. It is not to be changed.
func (t CallTree) Decode() (*profile.Tree, error) {
	if t.tree != nil {
		return t.tree, nil
	}
	return profile.UnmarshalTree(t.wire)
}

// marshal writes the tree out.
func (t CallTree) marshal() ([]byte, error) {
	if t.tree == nil {
		return t.wire, nil
	}
	size := t.tree.MarshalSize()
	if size > maxTreeBytes {
		return nil, connect.NewError(connect.CodeResourceExhausted, fmt.Errorf(
			"the call tree of %d nodes takes %s written out, with the name at each node, more than the %s allowed: ask for fewer nodes, or for a flame graph",
			len(t.tree.Nodes), humanize.IBytes(uint64(size)), humanize.IBytes(maxTreeBytes)))
	}
	if err := t.take(size); err != nil {
		return nil, err
	}
	return t.tree.Marshal(), nil
}
