package queryplan

// An unsymbolizedRule drops datasets of which nothing but __unsymbolized__ is
// known, in a block that does not hold the profile type. The types were asked for
// in a request of their own, which would have listed the block. If it did not
// because the block has only just come out of a compaction, then its sources were
// listed, and it would be read twice.
//
//	before: {__profile_type__="cpu"}; block 1: dataset {unsymbolized};
//	        block 2: dataset {cpu}, dataset {unsymbolized}
//	after:  block 2: dataset {cpu}, dataset {unsymbolized}
type unsymbolizedRule struct {
	// applies where the whole store is asked for a type.
	applies bool
}

func newUnsymbolizedRule(q Query) unsymbolizedRule {
	return unsymbolizedRule{applies: scopeOf(q) == scopeStore && asksForType(q.Matchers)}
}

func (unsymbolizedRule) name() string  { return "unsymbolized" }
func (unsymbolizedRule) drops() string { return "of blocks without the profile type" }

func (r unsymbolizedRule) apply(b *ruledBlock) {
	if !r.applies || b.hasType() {
		return
	}
	b.dropWhere(func(d *dataset) bool { return d.labels&isUnsymbolized != 0 && d.labels.unknown() })
}

// hasType says that a dataset of the block was listed with the type, whether or not
// it is kept.
func (b *ruledBlock) hasType() bool {
	for i := range b.datasets {
		if !b.datasets[i].isIndex && b.datasets[i].labels&someMatch != 0 {
			return true
		}
	}
	return false
}
