package queryplan

// leastBytes is what a query-backend cannot but fetch for a read. Less tells that the block
// was not there. It is exact where that is all that it can fetch.
func (p *Plan) leastBytes(r *blockRead, indexOnly bool) (bytes uint64, exact bool) {
	b := &p.inventory.blocks[r.block]
	lookUp := b.indexed && !indexOnly
	exact = !lookUp // else datasets follow, and which ones is not known
	for i := r.first; i < r.end; i++ {
		switch d := &p.inventory.datasets[i]; {
		case !d.kept():
		case lookUp:
			bytes = addBytes(bytes, d.size)
		default:
			bytes = addBytes(bytes, d.least)
			exact = exact && d.least == d.bytes
		}
	}
	if lookUp {
		return indexBytes(b, bytes), false
	}
	return bytes, exact
}

// LeastByLeaf is what is fetched at the least for each READ node, in the order of a walk
// through the plan. It is nil where Summary.LeastBytes tells as much: where what is fetched
// is known to the byte, a block that is not there shows in the sum.
func (p *Plan) LeastByLeaf() []uint64 {
	if p.Empty() {
		return nil
	}
	indexOnly, known := sectionsRead(p.query.Queries).indexOnly(), true
	leaves := make([]uint64, len(p.shape.levels[0]))
	for i, leaf := range p.shape.levels[0] {
		for at := leaf.first; at < leaf.end; at++ {
			bytes, exact := p.leastBytes(&p.reads[at], indexOnly)
			leaves[i] = addBytes(leaves[i], bytes)
			known = known && exact
		}
	}
	if known {
		return nil
	}
	return leaves
}
