package dwarf

import "sort"

// A place is an address in a unit, and what is known of it so far.
type place struct {
	address uint64
	index   int // of the address, among those asked for
	// chain is the function that the address is in, then what is inlined there.
	chain []link
	size  uint64 // of the function's range: of several, the smallest is right
	file  uint64 // from the line table
	line  uint64
	lined bool
}

// A link is an entry of a chain.
type link struct {
	off              uint64 // of the entry
	depth            int
	callFile, callLn uint64
}

// A walk goes through the entries of a unit, for the functions that have code at
// places.
type walk struct {
	d      *Data
	u      *unit
	m      *meter
	places []place // sorted by address
	ranges []span
}

func (w *walk) anyNameless() bool {
	for i := range w.places {
		if len(w.places[i].chain) == 0 {
			return true
		}
	}
	return false
}

// run walks. Where it need not be thorough, it passes types, and functions that
// have code elsewhere, with all that is in them.
func (w *walk) run(thorough bool) {
	table := w.d.abbrevs(w.u)
	if table == nil {
		return
	}
	c := cursor{data: w.d.s.Info[:w.u.end], off: w.u.entries, big: w.d.s.BigEndian}
	var functions []link // that the entry is in, with code at some place
	for depth := 0; !c.bad && c.off < len(c.data); {
		off := c.off
		code := c.uleb()
		if code == 0 {
			if depth--; depth <= 0 {
				return
			}
			continue
		}
		a := table.find(code)
		if a == nil || depth > maxDepth || !w.m.step() {
			return
		}
		for len(functions) > 0 && functions[len(functions)-1].depth >= depth {
			functions = functions[:len(functions)-1]
		}
		down := true
		switch a.tag {
		case tagSubprogram:
			e := w.d.entry(&c, w.u, a)
			if w.function(&e, link{off: uint64(off), depth: depth}) {
				functions = append(functions, link{off: uint64(off), depth: depth})
			} else if down = thorough; !down && a.children {
				w.leap(&c, table, e.sibling)
			}
		case tagInlinedSubroutine:
			e := w.d.entry(&c, w.u, a)
			if len(functions) > 0 {
				w.inlined(&e, functions[len(functions)-1], link{uint64(off), depth, e.callFile, e.callLine})
			}
		case tagClass, tagStructure, tagUnion, tagEnumeration:
			if down = thorough; down || !a.children {
				w.d.pass(&c, w.u, a)
			} else {
				e := w.d.entry(&c, w.u, a)
				w.leap(&c, table, e.sibling)
			}
		default:
			w.d.pass(&c, w.u, a)
		}
		if a.children && down {
			depth++
		}
		if depth == 0 {
			return // the unit's own entry, without children
		}
	}
}

// leap passes the children of an entry.
func (w *walk) leap(c *cursor, table *abbrevTable, sibling int) {
	if sibling > 0 {
		c.off = sibling
		return
	}
	w.d.passChildren(c, w.u, table, w.m)
}

// each calls f for the places that an entry has code at.
func (w *walk) each(e *entry, f func(p *place, size uint64)) {
	if !e.hasRanges && !e.hasLow {
		return
	}
	w.ranges = w.d.spans(w.ranges[:0], w.u, e)
	for _, r := range w.ranges {
		for i := sort.Search(len(w.places), func(i int) bool { return w.places[i].address >= r.low }); i < len(w.places) && w.places[i].address < r.high; i++ {
			f(&w.places[i], r.high-r.low)
		}
	}
}

// function takes a function, and tells whether it has code at some place.
func (w *walk) function(e *entry, l link) (some bool) {
	w.each(e, func(p *place, size uint64) {
		if len(p.chain) > 0 && p.size <= size {
			return
		}
		p.chain, p.size = append(p.chain[:0], l), size
		some = true
	})
	return some
}

// inlined takes a function that was inlined into another.
func (w *walk) inlined(e *entry, function, l link) {
	w.each(e, func(p *place, _ uint64) {
		n := len(p.chain)
		if n == 0 || n > maxInlined || p.chain[0].off != function.off || p.chain[n-1].depth >= l.depth {
			return // another function's, or a sibling has it
		}
		p.chain = append(p.chain, l)
	})
}
