package queryplan

// A duplicateRule drops datasets that are listed before in the same block, by the
// same answer or by two. What their labels say is added up.
//
//	before: block 1: dataset at 0 {cpu}, dataset at 0 {memory}, dataset at 90 {cpu}
//	after:  block 1: dataset at 0 {cpu, memory}, dataset at 90 {cpu}
type duplicateRule struct{}

func (duplicateRule) name() string  { return "duplicates" }
func (duplicateRule) drops() string { return "listed twice" }

func (duplicateRule) apply(b *ruledBlock) {
	if inOrder(b.datasets) {
		return
	}
	type place struct { // what makes a dataset's place in a block
		tenant       int32
		isIndex      bool
		offset, size uint64
	}
	firsts := make(map[place]*dataset, len(b.datasets))
	b.dropWhere(func(d *dataset) bool {
		key := place{d.tenant, d.isIndex, d.offset, d.size}
		first, seen := firsts[key]
		if !seen {
			firsts[key] = d
			return false
		}
		first.labels |= d.labels
		return true
	})
}

// inOrder says that datasets lie one behind the other, as writers leave them: then
// none is listed twice.
func inOrder(datasets []dataset) bool {
	for i := 1; i < len(datasets); i++ {
		if datasets[i].offset <= datasets[i-1].offset {
			return false
		}
	}
	return true
}
