package queryplan

import "slices"

// unmatched says that a data set's labels rule out a match: it is of another
// service, or has not the profile type. A data set that lacks the label stays: see
// evidence.
func (p *planning) unmatched(set *dataSet) bool {
	return !set.isIndex && !set.evidence.possible()
}

// dropLoneMarks drops data sets of which only a mark is known, in a block that
// does not hold the profile type. The types were asked for in a request of their
// own, which would have listed the block. If it did not because the block has only
// just come out of a compaction, then its sources were listed, and it would be
// read twice.
func dropLoneMarks(inv *inventory, p *planning, b *block) {
	if p.scope != scopeStore || !p.asksForType {
		return
	}
	if slices.ContainsFunc(inv.ofBlock(b), func(d dataSet) bool { return !d.isIndex && d.evidence&votesFor != 0 }) {
		return
	}
	inv.dropWhere(b, isUnmatched, func(d *dataSet) bool { return d.evidence&isMarked != 0 && d.evidence.undecided() })
}
