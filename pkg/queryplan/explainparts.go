package queryplan

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// NodeReused is the type of an explained node whose answer was there from before.
const NodeReused = "REUSED"

// An AnsweredPart is a part of a plan, and where its answer came from.
type AnsweredPart struct {
	Plan *Plan
	// Diagnostics are those of the response to the part's Request; they may be nil.
	Diagnostics *queryv1.Diagnostics
	// Reused says that nothing was read: the answer was kept. Bytes is then what it
	// fetched when it was read.
	Reused bool
	Bytes  uint64
}

// SummarizeParts is the summary of a plan that is executed in parts. It counts what is
// read, and what is reused apart from that.
func (p *Plan) SummarizeParts(parts []AnsweredPart) Summary {
	s := Summary{Listed: p.summary.Listed, Dropped: p.summary.Dropped, unsymbolized: p.summary.unsymbolized}
	for _, part := range parts {
		of := part.Plan.summary
		if part.Reused {
			s.ReusedSlices++
			s.ReusedBlocks += of.Blocks
			s.ReusedBytes = addBytes(s.ReusedBytes, part.Bytes)
			continue
		}
		s.Leaves, s.Merges, s.Depth = s.Leaves+of.Leaves, s.Merges+of.Merges, max(s.Depth, of.Depth)
		s.Blocks, s.Reads, s.Datasets, s.Indexed = s.Blocks+of.Blocks, s.Reads+of.Reads, s.Datasets+of.Datasets, s.Indexed+of.Indexed
		s.Bytes, s.LargestLeaf = addBytes(s.Bytes, of.Bytes), max(s.LargestLeaf, of.LargestLeaf)
	}
	return s
}

// ExplainParts describes a plan that was executed in parts, whose answers were merged
// here: under a MERGE node of its own.
func (p *Plan) ExplainParts(parts []AnsweredPart) *Explanation {
	e := p.explainQuery()
	e.Summary = p.SummarizeParts(parts)
	root := ExplainedNode{ID: "0", Type: queryv1.QueryNode_MERGE.String(), Title: fmt.Sprintf("Merge %s in Grafana", english.Plural(len(parts), "part", ""))}
	e.Nodes = append(e.Nodes, root)
	for i, part := range parts {
		id := fmt.Sprintf("0.%d", i)
		var nodes []ExplainedNode
		if part.Reused {
			nodes = []ExplainedNode{part.reusedNode()}
		} else {
			nodes = part.Plan.Explain(part.Diagnostics).Nodes
		}
		for _, n := range nodes {
			n.ID, n.Depth = id+n.ID[1:], n.Depth+1
			e.Nodes = append(e.Nodes, n)
			parent := n.ID[:strings.LastIndexByte(n.ID, '.')]
			e.Edges = append(e.Edges, ExplainedEdge{ID: n.ID + "-" + parent, Source: n.ID, Target: parent})
		}
		e.Nodes[0].EstimatedBytes = addBytes(e.Nodes[0].EstimatedBytes, nodes[0].EstimatedBytes)
		e.Nodes[0].Blocks += nodes[0].Blocks
		e.Nodes[0].Datasets += nodes[0].Datasets
	}
	e.Nodes[0].Subtitle = fmt.Sprintf("%s, %s", english.Plural(e.Nodes[0].Blocks, "block", ""), humanize.IBytes(e.Nodes[0].EstimatedBytes))
	return e
}

// reusedNode is one node for all that would have been read.
func (part AnsweredPart) reusedNode() ExplainedNode {
	of := part.Plan.summary
	all := node{read: true, end: int32(len(part.Plan.reads))}
	n := ExplainedNode{ID: "0", Type: NodeReused, EstimatedBytes: of.Bytes, Blocks: of.Blocks, Datasets: of.Datasets, ReusedBytes: part.Bytes}
	part.Plan.describeLeaf(&n, &all)
	n.Title = "Reuse " + listServices(n)
	n.Subtitle = fmt.Sprintf("%s, %s not read", english.Plural(n.Blocks, "block", ""), humanize.IBytes(part.Bytes))
	return n
}
