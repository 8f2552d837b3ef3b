package queryplan

import (
	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// A Plan says which data sets to read and how to group them: a tree of MERGE
// nodes over READ nodes. It is not changed once it is built, and shares memory
// with the metastore's answers.
type Plan struct {
	query     Query
	inventory *inventory
	units     []unit
	shape     shape
}

// Build makes a plan from the metastore's answers to Discovery's requests, in
// any order. A plan with nothing to read is Empty. It fails if the query has no
// tenant or no queries, and with a *MetadataError if metadata is malformed; the
// answers are not changed.
func Build(q Query, answers []*metastorev1.QueryMetadataResponse, o Options) (*Plan, error) {
	if err := q.validate(); err != nil {
		return nil, err
	}
	p := &Plan{query: q, inventory: &inventory{}}
	if contradictory(q.Matchers) {
		return p, nil
	}
	o = o.withDefaults()
	inv, err := takeInventory(q, answers, o.Interrupted)
	if err != nil {
		return nil, err
	}
	mergeDuplicates(inv)
	p.inventory = inv
	p.units = cutUnits(inv, newPlanning(q, inv), o)
	leaves := packLeaves(p.units, o)
	p.shape = stackMerges(leaves, fanIn(q, leaves, o), q.Seed)
	return p, nil
}

// Empty says that there is nothing to read: the answer is empty, and there is no
// request to send.
func (p *Plan) Empty() bool { return len(p.shape.levels) == 0 }

// A Summary is a plan in numbers.
type Summary struct {
	// Leaves and Merges are READ and MERGE nodes. Depth is the number of levels,
	// and so of requests one behind the other; 1 if the root is a leaf.
	Leaves int `json:"leaves"`
	Merges int `json:"merges"`
	Depth  int `json:"depth"`
	// Blocks are distinct blocks, Reads how many times one is opened: a large
	// block may be shared among leaves by data sets.
	Blocks int `json:"blocks"`
	Reads  int `json:"reads"`
	// DataSets are those that the plan lists, indexes included. Indexed are the
	// blocks that are read by their index, which leads to more.
	DataSets int `json:"dataSets"`
	Indexed  int `json:"indexed"`
	// Bytes is the estimate of what is fetched from object storage, LargestLeaf
	// the part of the leaf with the most.
	Bytes       uint64 `json:"bytes"`
	LargestLeaf uint64 `json:"largestLeaf"`
	// Listed are the data sets that the metastore listed and Dropped those that
	// rules left out, by reason.
	Listed  int            `json:"listed"`
	Dropped map[string]int `json:"dropped"`
}

// Summary adds the plan up.
func (p *Plan) Summary() Summary {
	s := Summary{Depth: len(p.shape.levels), Listed: len(p.inventory.sets), Dropped: make(map[string]int)}
	var dropped [reasons]int
	for i := range p.inventory.sets {
		dropped[p.inventory.sets[i].dropped]++
	}
	for why, n := range dropped {
		if reason(why) != kept && n > 0 {
			s.Dropped[reason(why).String()] = n
		}
	}
	for i, level := range p.shape.levels {
		if i > 0 {
			s.Merges += len(level)
			continue
		}
		s.Leaves = len(level)
		for _, leaf := range level {
			s.Bytes = addBytes(s.Bytes, leaf.bytes)
			s.LargestLeaf = max(s.LargestLeaf, leaf.bytes)
		}
	}
	seen := make([]bool, len(p.inventory.blocks))
	for _, u := range p.units {
		s.Reads++
		s.DataSets += int(u.sets)
		if !seen[u.block] {
			seen[u.block] = true
			s.Blocks++
			if p.inventory.blocks[u.block].indexed {
				s.Indexed++
			}
		}
	}
	return s
}
