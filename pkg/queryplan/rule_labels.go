package queryplan

import "slices"

// pruneByLabels drops data sets whose labels rule out a match: of another
// service, or without the profile type. A data set that lacks the label stays:
// see evidence.
func pruneByLabels(inv *inventory, p *planning) {
	inv.dropWhere(isUnmatched, func(d *dataSet) bool { return !d.isIndex && !d.evidence.possible() })
	if p.scope == scopeStore && asksForType(p.query.Matchers) {
		inv.dropLoneMarks()
	}
}

// dropLoneMarks drops data sets of which only a mark is known, in blocks that do
// not hold the profile type. The types were asked for in a request of their own,
// which would have listed the block. If it did not because the block has only
// just come out of a compaction, then its sources were listed, and it would be
// read twice.
func (inv *inventory) dropLoneMarks() {
	for i := range inv.blocks {
		sets := inv.ofBlock(&inv.blocks[i])
		if slices.ContainsFunc(sets, func(d dataSet) bool { return !d.isIndex && d.evidence&votesFor != 0 }) {
			continue
		}
		for j := range sets {
			if d := &sets[j]; d.dropped == kept && d.evidence&isMarked != 0 && d.evidence.undecided() {
				d.dropped = isUnmatched
			}
		}
	}
}
