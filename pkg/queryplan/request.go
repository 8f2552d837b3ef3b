package queryplan

import (
	"fmt"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Request returns the request that executes the plan, to be sent to any one
// query-backend. Each call returns a new message, which may be changed, but it
// shares the queries with what the plan was made of. The request of an empty plan
// has no plan and must not be sent.
//
// READ nodes have their blocks in wire format, as fields that the message does
// not know (protoreflect.Message.GetUnknown). On the wire there is no difference;
// to read a request in place, Decode it.
//
// Blocks carry what query-backends read of their metadata, and no more: where
// the object is (id, tenant, shard, level, size), where in it the datasets are
// (format, tenant, table of contents, size), and __unsymbolized__.
// Names of datasets are for people, in errors and diagnostics: query-backends
// find a dataset by its place. Plans of more than namedBlocks blocks go without
// them, unless diagnostics are asked for. Strings that are left without
// use are cut from the string table. The metadata's own place is kept only where
// an index is read, since only then it is looked at. A block with fields that are
// not known here is sent as the metastore has it.
func (p *Plan) Request() *queryv1.InvokeRequest {
	request := &queryv1.InvokeRequest{
		Tenant:        p.query.Tenants,
		StartTime:     p.query.Start,
		EndTime:       p.query.End,
		LabelSelector: profile.FormatSelector(p.query.Matchers),
		Query:         p.query.Queries,
		Options: &queryv1.InvokeOptions{
			SanitizeOnMerge:    true,
			CollectDiagnostics: p.query.Diagnostics,
		},
	}
	if !p.Empty() {
		request.QueryPlan = &queryv1.QueryPlan{Root: p.messages()}
	}
	return request
}

// namedBlocks is how many blocks a plan may have for its datasets to be named:
// beyond, nobody reads it, and the names are a sixth of the bytes.
const namedBlocks = 4096

// messages builds the plan's tree bottom up, and returns its root.
func (p *Plan) messages() *queryv1.QueryNode {
	var below []*queryv1.QueryNode
	for i, level := range p.shape.levels {
		nodes := make([]queryv1.QueryNode, len(level))
		pointers := make([]*queryv1.QueryNode, len(level))
		for j := range level {
			n, message := &level[j], &nodes[j]
			if i == 0 {
				message.Type = queryv1.QueryNode_READ
				message.ProtoReflect().SetUnknown(p.leafBlocks(n))
			} else {
				message.Type = queryv1.QueryNode_MERGE
				message.Children = below[n.first:n.end:n.end]
			}
			pointers[j] = message
		}
		below = pointers
	}
	return below[0]
}

// leafBlocks returns the blocks field of a READ node.
func (p *Plan) leafBlocks(n *node) []byte {
	reads := p.reads[n.first:n.end]
	size := 0
	for i := range reads {
		size += reads[i].to - reads[i].from
	}
	blocks := make([]byte, 0, size)
	for i := range reads {
		blocks = append(blocks, p.encoded[reads[i].from:reads[i].to]...)
	}
	return blocks
}

// Decode returns a request as a query-backend reads it.
func Decode(request *queryv1.InvokeRequest) (*queryv1.InvokeRequest, error) {
	encoded, err := request.MarshalVT()
	if err != nil {
		return nil, fmt.Errorf("query plan: encode a request: %w", err)
	}
	decoded := new(queryv1.InvokeRequest)
	if err := decoded.UnmarshalVT(encoded); err != nil {
		return nil, fmt.Errorf("query plan: decode a request: %w", err)
	}
	return decoded, nil
}
