package queryplan

// A Summary is a plan in numbers.
type Summary struct {
	// Leaves and Merges are READ and MERGE nodes. Depth is the number of levels,
	// and so of requests one behind the other; 1 if the root is a leaf.
	Leaves int `json:"leaves"`
	Merges int `json:"merges"`
	Depth  int `json:"depth"`
	// Blocks are distinct blocks, Reads how many times one is opened: a large
	// block may be shared among leaves by datasets.
	Blocks int `json:"blocks"`
	Reads  int `json:"reads"`
	// Datasets are those that the plan lists, indexes included. Indexed are the
	// blocks that are read by their index, which leads to more.
	Datasets int `json:"datasets"`
	Indexed  int `json:"indexed"`
	// Bytes is the estimate of what is fetched from object storage, LargestLeaf
	// that of the leaf with the most.
	Bytes       uint64 `json:"bytes"`
	LargestLeaf uint64 `json:"largestLeaf"`
	// Reused are what was not read, since answers were there from before: how many of
	// those, over how many blocks, and what they fetched when they were read. Nothing else
	// in a Summary counts it.
	ReusedSlices int    `json:"reusedSlices,omitempty"`
	ReusedBlocks int    `json:"reusedBlocks,omitempty"`
	ReusedBytes  uint64 `json:"reusedBytes,omitempty"`
	// LeastBytes is what is fetched at the least where all blocks are there.
	LeastBytes uint64 `json:"-"`
	// Listed are the datasets that the metastore listed, Dropped those that rules
	// left out, in the order of the rules; rules that left out none are not there.
	Listed  int       `json:"listed"`
	Dropped []Dropped `json:"dropped,omitempty"`

	unsymbolized bool
}

// Dropped is how many datasets a rule has left out, and what they are: "listed
// twice".
type Dropped struct {
	Rule     string `json:"rule"`
	Datasets int    `json:"datasets"`
	Are      string `json:"are"`
}

// Summary returns the plan in numbers, which are added up once, by Build.
func (p *Plan) Summary() Summary { return p.summary }

func (p *Plan) summarize(rules []rule) Summary {
	s := p.summarizeShape()
	s.Listed = len(p.inventory.datasets)
	dropped := make([]int, 1+len(rules))
	for i := range p.inventory.datasets {
		dropped[p.inventory.datasets[i].dropped]++
	}
	for i, r := range rules {
		if n := dropped[1+i]; n > 0 {
			s.Dropped = append(s.Dropped, Dropped{r.name(), n, r.drops()})
		}
	}
	return s
}

// summarizeShape adds up what is read, but not what was listed.
func (p *Plan) summarizeShape() Summary {
	s := Summary{Depth: len(p.shape.levels)}
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
	indexOnly := sectionsRead(p.query.Queries).indexOnly()
	for _, r := range p.reads {
		least, _ := p.leastBytes(&r, indexOnly)
		s.LeastBytes = addBytes(s.LeastBytes, least)
		b := &p.inventory.blocks[r.block]
		s.Reads++
		s.Datasets += int(r.datasets)
		s.unsymbolized = s.unsymbolized || r.unsymbolized || b.leadsToUnsymbolized
		if seen[r.block] {
			continue
		}
		seen[r.block] = true
		s.Blocks++
		if b.indexed {
			s.Indexed++
		}
	}
	return s
}
