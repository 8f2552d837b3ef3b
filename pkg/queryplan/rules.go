package queryplan

// planning is what rules know besides the inventory.
//
// A rule says of a data set that it need not be read, or settles how a block is
// read. Rules only ever mark data sets. They see one block at a time: a store
// may list a million, so they pass by once, and not once a rule.
type planning struct {
	scope scope
	reads sectionSet
	// asked says of each tenant, by number, whether the query is for it.
	asked []bool
	// asksForType: see dropLoneMarks.
	asksForType bool
	// passing is the share of data sets that matchers are taken to leave.
	passing float64
}

func newPlanning(q Query, inv *inventory) *planning {
	return &planning{
		scope:       scopeOf(q),
		reads:       sectionsRead(q.Queries),
		asked:       inv.tenantsOf(q),
		asksForType: asksForType(q.Matchers),
		passing:     selectivity(q.Matchers),
	}
}

// applyRules applies to a block the rules in this order: the access path last,
// for it to see only what is left. What is listed twice was made one before
// (mergeDuplicates), for rules to see all evidence about a data set in one place.
func applyRules(inv *inventory, p *planning, b *block) {
	sets := inv.ofBlock(b)
	for i := range sets {
		set := &sets[i]
		switch {
		case set.dropped != kept:
		case p.ofOtherTenants(b, set):
			set.dropped = isOtherTenants
		case p.outsideRange(set):
			set.dropped = isOutsideRange
		case p.unmatched(set):
			set.dropped = isUnmatched
		}
	}
	dropLoneMarks(inv, p, b)
	chooseAccess(inv, p, b)
}

// ofBlock returns a block's data sets.
func (inv *inventory) ofBlock(b *block) []dataSet { return inv.sets[b.first:b.end] }

// dropWhere marks a block's data sets that are still kept and for which drop is
// true.
func (inv *inventory) dropWhere(b *block, why reason, drop func(*dataSet) bool) {
	sets := inv.ofBlock(b)
	for i := range sets {
		if set := &sets[i]; set.dropped == kept && drop(set) {
			set.dropped = why
		}
	}
}
