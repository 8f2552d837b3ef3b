package queryplan

import (
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// A PlannedBlock is a block that a plan reads.
type PlannedBlock struct {
	ID string
	// Start and End bound the times of its profiles, as the metastore has them, in Unix
	// milliseconds.
	Start, End int64
	// Bytes is the estimate of what is fetched of it.
	Bytes uint64
}

// Blocks lists the blocks of the plan, each once, in the order of the leaves.
func (p *Plan) Blocks() []PlannedBlock {
	var planned []PlannedBlock
	places := make(map[int32]int, len(p.reads))
	for _, r := range p.reads {
		at, ok := places[r.block]
		if !ok {
			at = len(planned)
			places[r.block] = at
			planned = append(planned, plannedBlock(&p.inventory.blocks[r.block]))
		}
		planned[at].Bytes = addBytes(planned[at].Bytes, r.bytes)
	}
	return planned
}

// plannedBlock reads what rows of the inventory do not keep. The message was read
// before, and is sound.
func plannedBlock(b *block) PlannedBlock {
	planned := PlannedBlock{ID: string(b.id)}
	for f := (fields{left: b.message}); f.next(); {
		switch f.tag {
		case blockMinTime:
			planned.Start = int64(f.number)
		case blockMaxTime:
			planned.End = int64(f.number)
		}
	}
	return planned
}

// BlocksOf returns the ids of the blocks that a request of a plan reads.
func BlocksOf(request *queryv1.InvokeRequest) map[string]bool {
	ids := make(map[string]bool)
	if root := request.GetQueryPlan().GetRoot(); root != nil {
		addBlocksOf(root, ids)
	}
	return ids
}

func addBlocksOf(node *queryv1.QueryNode, ids map[string]bool) {
	for _, child := range node.GetChildren() {
		addBlocksOf(child, ids)
	}
	for blocks := (fields{left: node.ProtoReflect().GetUnknown()}); blocks.next(); {
		if blocks.tag != nodeBlocks {
			continue
		}
		for f := (fields{left: blocks.bytes}); f.next(); {
			if f.tag == blockID {
				ids[string(f.bytes)] = true
			}
		}
	}
}
