package queryplan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// An Explanation is a plan for people: as a graph, as JSON, and as Text. Where
// diagnostics are at hand, each node has what came of it beside the estimate.
type Explanation struct {
	// Selector is the label selector, Start and End the time range in Unix
	// milliseconds.
	Selector string   `json:"selector"`
	Tenants  []string `json:"tenants"`
	Start    int64    `json:"start"`
	End      int64    `json:"end"`
	// Queries are the types of the queries (query.v1.QueryType).
	Queries []string `json:"queries"`
	// Metadata are the selectors that the metastore was asked for.
	Metadata []string `json:"metadata"`
	Summary  Summary  `json:"summary"`
	// Nodes begin with the root; a node comes after its parent.
	Nodes []ExplainedNode `json:"nodes"`
	Edges []ExplainedEdge `json:"edges"`
}

// An ExplainedNode is a request to a query-backend.
type ExplainedNode struct {
	// ID is the path from the root: "0", then "0.3" for its fourth child.
	ID    string `json:"id"`
	Depth int    `json:"depth"`
	// Type is MERGE or READ (query.v1.QueryNode.Type).
	Type     string `json:"type"`
	Title    string `json:"title"`
	Subtitle string `json:"subtitle"`
	// EstimatedBytes and FetchedBytes are of this node and all below it.
	EstimatedBytes uint64 `json:"estimatedBytes"`
	Blocks         int    `json:"blocks"`
	Datasets       int    `json:"datasets"`
	// Services and Levels are those of a READ node's datasets and blocks, in
	// order. Indexed is how many blocks are read by their index: the services
	// behind it are not known beforehand.
	Services []string     `json:"services,omitempty"`
	Levels   []LevelCount `json:"levels,omitempty"`
	Indexed  int          `json:"indexed,omitempty"`
	// Execution is nil unless diagnostics tell of this node.
	Execution *NodeExecution `json:"execution,omitempty"`
}

// A LevelCount is how many blocks are of a compaction level.
type LevelCount struct {
	Level  uint32 `json:"level"`
	Blocks int    `json:"blocks"`
}

// A NodeExecution is what a query-backend reported of a node
// (query.v1.ExecutionNode).
type NodeExecution struct {
	Executor     string        `json:"executor"`
	Duration     time.Duration `json:"durationNs"`
	FetchedBytes uint64        `json:"fetchedBytes"`
	// BlocksRead and DatasetsRead are those of a READ node.
	BlocksRead   int64  `json:"blocksRead,omitempty"`
	DatasetsRead int64  `json:"datasetsRead,omitempty"`
	Error        string `json:"error,omitempty"`
}

// An ExplainedEdge leads from a child, whose report it is, to its parent.
type ExplainedEdge struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Target string `json:"target"`
}

// Explain describes the plan. The diagnostics are those of the response to its
// Request; they may be nil.
func (p *Plan) Explain(d *queryv1.Diagnostics) *Explanation {
	e := &Explanation{
		Selector: profile.FormatSelector(p.query.Matchers),
		Tenants:  p.query.Tenants,
		Start:    p.query.Start,
		End:      p.query.End,
		Metadata: slices.Clone(p.metadata),
		Summary:  p.summary,
		Nodes:    []ExplainedNode{},
		Edges:    []ExplainedEdge{},
	}
	for _, q := range p.query.Queries {
		e.Queries = append(e.Queries, q.GetQueryType().String())
	}
	p.walk(d.GetExecutionNode(), func(at visit) {
		e.Nodes = append(e.Nodes, p.explainNode(at))
		if parent := strings.LastIndexByte(at.id, '.'); parent > 0 {
			e.Edges = append(e.Edges, ExplainedEdge{ID: at.id + "-" + at.id[:parent], Source: at.id, Target: at.id[:parent]})
		}
	})
	return e
}

// A visit is of one node of the plan, with what was reported of it, or nil.
type visit struct {
	id        string
	level     int
	node      *node
	execution *queryv1.ExecutionNode
}

// walk visits each node after its parent, siblings in order.
func (p *Plan) walk(root *queryv1.ExecutionNode, see func(visit)) {
	if p.Empty() {
		return
	}
	top := len(p.shape.levels) - 1
	ahead := []visit{{id: "0", level: top, node: &p.shape.levels[top][0], execution: root}}
	for len(ahead) > 0 {
		at := ahead[len(ahead)-1]
		ahead = ahead[:len(ahead)-1]
		see(at)
		if at.node.read {
			continue
		}
		children := p.shape.levels[at.level-1][at.node.first:at.node.end]
		executions := p.joinExecutions(children, at.execution.GetChildren())
		for i := len(children) - 1; i >= 0; i-- {
			ahead = append(ahead, visit{
				id:        fmt.Sprintf("%s.%d", at.id, i),
				level:     at.level - 1,
				node:      &children[i],
				execution: executions[i],
			})
		}
	}
}

// joinExecutions finds what was reported of each child. Query-backends report in
// the plan's order, but leave out children that reported nothing; then a READ
// node is known by its blocks, and of a MERGE node nothing is said rather than
// something wrong.
func (p *Plan) joinExecutions(children []node, reported []*queryv1.ExecutionNode) []*queryv1.ExecutionNode {
	if len(reported) == len(children) {
		return reported
	}
	joined := make([]*queryv1.ExecutionNode, len(children))
	first := make(map[string]int, len(reported)) // by the first block that it tells of
	for i, execution := range reported {
		blocks := execution.GetStats().GetBlockExecutions()
		if len(blocks) == 0 {
			continue
		}
		if _, known := first[blocks[0].GetBlockId()]; !known {
			first[blocks[0].GetBlockId()] = i
		}
	}
	for i := range children {
		if !children[i].read {
			continue
		}
		found := len(reported)
		for _, r := range p.reads[children[i].first:children[i].end] {
			if at, ok := first[string(p.inventory.blocks[r.block].id)]; ok {
				found = min(found, at)
			}
		}
		if found < len(reported) {
			joined[i] = reported[found]
		}
	}
	return joined
}

func (p *Plan) explainNode(at visit) ExplainedNode {
	n := ExplainedNode{
		ID:             at.id,
		Depth:          len(p.shape.levels) - 1 - at.level,
		Type:           queryv1.QueryNode_MERGE.String(),
		Title:          fmt.Sprintf("Merge %s", english.Plural(int(at.node.end-at.node.first), "node", "")),
		EstimatedBytes: at.node.bytes,
		Blocks:         int(at.node.blocks),
		Datasets:       int(at.node.datasets),
	}
	if at.node.read {
		n.Type = queryv1.QueryNode_READ.String()
		p.describeLeaf(&n, at.node)
		n.Title = "Read " + listServices(n)
	}
	// Blocks and bytes are numbers of their own.
	n.Subtitle = english.Plural(n.Datasets, "dataset", "")
	if x := at.execution; x != nil {
		n.Execution = &NodeExecution{
			Executor:     x.GetExecutor(),
			Duration:     time.Duration(x.GetEndTimeNs() - x.GetStartTimeNs()),
			FetchedBytes: x.GetStats().GetBytesFetched(),
			BlocksRead:   x.GetStats().GetBlocksRead(),
			DatasetsRead: x.GetStats().GetDatasetsProcessed(),
			Error:        x.GetError(),
		}
	}
	return n
}

func (p *Plan) describeLeaf(n *ExplainedNode, leaf *node) {
	levels := make(map[uint32]int)
	services := make(map[string]bool)
	for i := leaf.first; i < leaf.end; i++ {
		r := &p.reads[i]
		b := &p.inventory.blocks[r.block]
		levels[b.level]++
		if b.indexed {
			n.Indexed++
		}
		for j := r.first; j < r.end; j++ {
			if d := &p.inventory.datasets[j]; d.kept() && !d.isIndex {
				services[p.inventory.services.texts[d.service]] = true
			}
		}
	}
	for service := range services {
		n.Services = append(n.Services, service)
	}
	slices.Sort(n.Services)
	for level, blocks := range levels {
		n.Levels = append(n.Levels, LevelCount{level, blocks})
	}
	slices.SortFunc(n.Levels, func(a, b LevelCount) int { return int(a.Level) - int(b.Level) })
}
