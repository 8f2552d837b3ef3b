package queryplan

// A rule leaves out datasets that need not be read, or settles how a block is
// read. Rules see one block at a time, and only ever drop datasets.
type rule interface {
	// name is what Explain calls the rule; drops says what it is about the datasets
	// that it drops, after a number of them: "3 datasets outside the time range".
	name() string
	drops() string
	// apply drops datasets of a block.
	apply(b *ruledBlock)
}

// rulesOf lists all rules, in the order in which they are applied: what is not to be
// read for reasons of its own goes first; a dataset that
// is listed twice is made one next, for the others to see all that its labels say
// in one place; how a block is read comes last, to see only what is left of it.
func rulesOf(q Query, inv *inventory, o Options) []rule {
	return []rule{
		skipRule{o.Skip},
		duplicateRule{},
		newTenantRule(q, inv),
		rangeRule{},
		labelRule{},
		newUnsymbolizedRule(q),
		newAccessRule(q),
	}
}

// A ruledBlock is a block to which a rule is applied.
type ruledBlock struct {
	*block
	datasets []dataset
	rule     uint8
}

// applyAll applies rules in their order.
func (b *ruledBlock) applyAll(rules []rule) {
	for i, r := range rules {
		b.rule = uint8(i + 1)
		r.apply(b)
	}
}

// dropWhere drops datasets that are still kept and for which drop is true.
func (b *ruledBlock) dropWhere(drop func(*dataset) bool) {
	for i := range b.datasets {
		if d := &b.datasets[i]; d.kept() && drop(d) {
			d.dropped = b.rule
		}
	}
}

// holds says that a dataset that is kept satisfies a condition.
func (b *ruledBlock) holds(condition func(*dataset) bool) bool {
	for i := range b.datasets {
		if d := &b.datasets[i]; d.kept() && condition(d) {
			return true
		}
	}
	return false
}
