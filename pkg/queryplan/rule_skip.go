package queryplan

// A skipRule drops datasets of blocks that are not to be read: they could not be, or
// it is to be found out which ones cannot.
//
//	before: skip block 1; block 1: dataset {cpu}; block 2: dataset {cpu}
//	after:  block 2: dataset {cpu}
type skipRule struct {
	// skip is nil where all blocks may be read.
	skip func(block string) bool
}

func (skipRule) name() string  { return "skipped blocks" }
func (skipRule) drops() string { return "of blocks that are not to be read" }

func (r skipRule) apply(b *ruledBlock) {
	if r.skip != nil && r.skip(string(b.id)) {
		b.dropWhere(func(*dataset) bool { return true })
	}
}
