package queryplan

// A rule drops from a block what need not be read, or settles how the rest is
// read. Rules only ever mark data sets. They see one block at a time: a store
// may list a million, so they pass by once, and not once a rule.
type rule func(*inventory, *planning, *block)

// planning is what rules know besides the inventory.
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

// applyRules applies to each block the rules in this order: the access path
// last, for it to see only what is left. What is listed twice was made one before
// (mergeDuplicates), for rules to see all evidence about a data set in one place.
func applyRules(inv *inventory, p *planning) {
	rules := [...]rule{dropOtherTenants, dropOutsideRange, pruneByLabels, chooseAccess}
	for i := range inv.blocks {
		for _, apply := range rules {
			apply(inv, p, &inv.blocks[i])
		}
	}
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
