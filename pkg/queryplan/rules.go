package queryplan

// A rule drops from the inventory what need not be read, or settles how the rest
// is read. Rules only ever mark data sets; they look at one block at a time
// where they can, so that planning grows with the number of data sets.
type rule struct {
	name  string
	apply func(*inventory, *planning)
}

// planning is what rules know besides the inventory.
type planning struct {
	query   Query
	options Options
	scope   scope
	reads   sectionSet
}

// rules are applied in this order: what is listed twice first, for the others to
// see all evidence about a data set in one place, and the access path last, for
// it to see only what is left.
func rules() []rule {
	return []rule{
		{"drop duplicates", dropDuplicates},
		{"drop other tenants", dropOtherTenants},
		{"drop outside the range", dropOutsideRange},
		{"prune by labels", pruneByLabels},
		{"choose access", chooseAccess},
	}
}

// ofBlock returns a block's data sets.
func (inv *inventory) ofBlock(b *block) []dataSet { return inv.sets[b.first:b.end] }

// dropWhere marks the data sets that are still kept and for which drop is true.
func (inv *inventory) dropWhere(why reason, drop func(*dataSet) bool) {
	for i := range inv.sets {
		if set := &inv.sets[i]; set.dropped == kept && drop(set) {
			set.dropped = why
		}
	}
}
