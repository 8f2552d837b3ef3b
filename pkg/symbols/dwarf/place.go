package dwarf

// A unitSpan is a range of addresses that a unit says it has code in.
type unitSpan struct {
	span
	unit int32
}

// place finds out which units have code where: from .debug_aranges for those that
// are in it, and else from their first entry.
func (d *Data) place(m *meter) {
	placed := d.readARanges()
	var spans []span
	for i := range d.units {
		u := &d.units[i]
		if placed[i] || u.withoutCode() {
			continue
		}
		if !m.step() || len(d.spansOf) > maxSpans {
			return
		}
		e := d.root(u)
		if !u.hasCode {
			d.unplaced = append(d.unplaced, i)
			continue
		}
		spans = d.spans(spans[:0], u, &e)
		for _, s := range spans {
			d.spansOf = append(d.spansOf, unitSpan{s, int32(i)})
		}
	}
}

// readARanges reads .debug_aranges, and tells which units are in it.
func (d *Data) readARanges() []bool {
	placed := make([]bool, len(d.units))
	byOffset := make(map[uint64]int32, len(d.units))
	if len(d.s.ARanges) > 0 {
		for i := range d.units {
			byOffset[uint64(d.units[i].off)] = int32(i)
		}
	}
	c := cursor{data: d.s.ARanges, big: d.s.BigEndian}
	for c.off < len(c.data) {
		start := c.off
		n, is64 := c.length()
		if c.bad || n > uint64(len(c.data)-c.off) {
			break
		}
		end := c.off + int(n)
		set := cursor{data: c.data[:end], off: c.off, big: c.big}
		version := set.uint(2)
		offset := 4
		if is64 {
			offset = 8
		}
		i, ok := byOffset[set.uint(offset)]
		size, segment := int(set.u8()), set.u8()
		if ok && version == 2 && segment == 0 && (size == 4 || size == 8) {
			// The pairs are aligned to their own size, counted from the header.
			if rest := (set.off - start) % (2 * size); rest != 0 {
				set.skip(uint64(2*size - rest))
			}
			placed[i] = d.readPairs(&set, size, i) || placed[i]
		}
		c.off = end
	}
	return placed
}

// readPairs reads the ranges of one unit, and tells whether there was any.
func (d *Data) readPairs(c *cursor, size int, unit int32) (some bool) {
	for {
		low, n := c.uint(size), c.uint(size)
		if c.bad || low == 0 && n == 0 || len(d.spansOf) > maxSpans {
			return some
		}
		if low > 0 && low+n > low {
			d.spansOf = append(d.spansOf, unitSpan{span{low, low + n}, unit})
			some = true
		}
	}
}
