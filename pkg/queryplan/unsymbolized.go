package queryplan

import "slices"

// Unsymbolized says that the plan may read a data set that holds native code
// without symbols (__unsymbolized__="true"). A block that is read by its index
// counts if any data set that the index may lead to is marked.
//
// That is known before anything is read, since queries that open data sets have
// all of them listed, marks included, whichever way they are read in the end.
func (p *Plan) Unsymbolized() bool {
	return slices.ContainsFunc(p.units, func(u unit) bool {
		return u.marked || p.inventory.indexLeadsToMark(&p.inventory.blocks[u.block])
	})
}

func (inv *inventory) indexLeadsToMark(b *block) bool {
	return b.indexed && slices.ContainsFunc(inv.ofBlock(b), func(d dataSet) bool {
		return d.dropped == isOtherAccess && d.evidence&isMarked != 0
	})
}
