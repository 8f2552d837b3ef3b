package dwarf

import (
	"cmp"
	"context"
	"slices"
	"sort"
)

// A Frame is one function at an address. Functions are inlined into the one before.
type Frame struct {
	// Name is as it is in the source, Linkage as the linker has it, with namespaces
	// and parameters where the language has them. Either may be empty, and both are
	// where only the line is known.
	Name, Linkage string
	// Qualified tells that Name has namespaces and what templates are made for, as in
	// C++.
	Qualified       bool
	File            string
	Line, StartLine int
}

func (f *Frame) nameless() bool { return f.Name == "" && f.Linkage == "" }

// Lookup names addresses, which must be sorted, and calls found once for each that
// was settled, in no order: with the function and what is inlined there, the outer
// ones first, or with nil. When the context ends it returns its error, and the rest
// is not settled.
func (d *Data) Lookup(ctx context.Context, addresses []uint64, found func(i int, frames []Frame)) error {
	m := &meter{ctx: ctx}
	l := lookup{d: d, m: m, addresses: addresses, best: make([][]Frame, len(addresses))}
	claims := d.claims(addresses)
	for len(claims) > 0 {
		n := 1
		for n < len(claims) && claims[n].unit == claims[0].unit {
			n++
		}
		if l.unit(&d.units[claims[0].unit], claims[:n]); m.stopped {
			return ctx.Err()
		}
		for _, c := range claims[:n] {
			if l.best[c.address] != nil {
				l.settle(int(c.address), found)
			}
		}
		claims = claims[n:]
	}
	if err := l.unplaced(found); err != nil {
		return err
	}
	for i := range addresses {
		l.settle(i, found)
	}
	return nil
}

// A claim is that a unit has code at an address.
type claim struct{ unit, address int32 }

// claims is who has code where that is asked for, sorted by unit and address.
func (d *Data) claims(addresses []uint64) (claims []claim) {
	for _, s := range d.spansOf {
		for i := sort.Search(len(addresses), func(i int) bool { return addresses[i] >= s.low }); i < len(addresses) && addresses[i] < s.high; i++ {
			if len(claims) < maxSpans {
				claims = append(claims, claim{s.unit, int32(i)})
			}
		}
	}
	slices.SortFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.address, b.address))
	})
	return slices.Compact(claims)
}

// A lookup is the state of one call.
type lookup struct {
	d         *Data
	m         *meter
	addresses []uint64
	best      [][]Frame // by address
	settled   []bool
}

func (l *lookup) settle(i int, found func(i int, frames []Frame)) {
	if l.settled == nil {
		l.settled = make([]bool, len(l.addresses))
	}
	if l.settled[i] {
		return
	}
	l.settled[i] = true
	found(i, l.best[i])
}

// unplaced looks into units that do not say where their code is, for what no other
// has.
func (l *lookup) unplaced(found func(i int, frames []Frame)) error {
	for _, u := range l.d.unplaced {
		var claims []claim
		for i := range l.addresses {
			if l.best[i] == nil {
				claims = append(claims, claim{int32(u), int32(i)})
			}
		}
		if len(claims) == 0 {
			return nil
		}
		if l.unit(&l.d.units[u], claims); l.m.stopped {
			return l.m.ctx.Err()
		}
		for _, c := range claims {
			if l.best[c.address] != nil {
				l.settle(int(c.address), found)
			}
		}
	}
	return nil
}

// unit names the addresses in a unit.
func (l *lookup) unit(u *unit, claims []claim) {
	if u.withoutCode() {
		return
	}
	l.d.root(u)
	open := make([]place, 0, len(claims))
	for _, c := range claims {
		if len(l.best[c.address]) == 0 || l.best[c.address][0].nameless() {
			open = append(open, place{address: l.addresses[c.address], index: int(c.address)})
		}
	}
	if len(open) == 0 {
		return
	}
	l.d.unitsRead++
	w := walk{d: l.d, u: u, m: l.m, places: open}
	w.run(false)
	if w.anyNameless() { // in a type, or in a function beside its parent's code
		w.run(true)
	}
	table := l.d.lineTable(u)
	table.rows(l.m, open)
	if l.m.stopped {
		return
	}
	for i := range open {
		if frames := l.d.frames(u, table, &open[i]); frames != nil {
			l.best[open[i].index] = frames
		}
	}
}
