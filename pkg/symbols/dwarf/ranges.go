package dwarf

// A span is addresses from low up to, but without, high.
type span struct{ low, high uint64 }

// spans appends the addresses of an entry. Those from 0 on are left out: linkers
// leave them of functions that they dropped.
func (d *Data) spans(to []span, u *unit, e *entry) []span {
	n := len(to)
	add := func(low, high uint64) bool {
		if low > 0 && low < high {
			to = append(to, span{low, high})
		}
		return len(to)-n < maxRanges
	}
	switch {
	case e.hasRanges && u.version >= 5:
		d.rangeList(u, e.ranges, add)
	case e.hasRanges:
		d.oldRanges(u, e.ranges.n, add)
	case e.hasLow && e.hasHigh:
		add(e.low, e.high)
	}
	return to
}

// oldRanges reads .debug_ranges, which is up to DWARF 4.
func (d *Data) oldRanges(u *unit, off uint64, add func(low, high uint64) bool) {
	if off > uint64(len(d.s.Ranges)) {
		return
	}
	c := cursor{data: d.s.Ranges, off: int(off), big: d.s.BigEndian}
	size := int(u.sizing.address)
	largest := ^uint64(0) >> (64 - 8*size)
	base := u.low
	for range maxRanges {
		low, high := c.uint(size), c.uint(size)
		switch {
		case c.bad || low == 0 && high == 0:
			return
		case low == largest:
			base = high
		default:
			if !add(base+low, base+high) {
				return
			}
		}
	}
}

// Entries of range lists of DWARF 5.
const (
	rangeBaseIndex    = 0x01
	rangeStartIndexTo = 0x02
	rangeStartIndexOf = 0x03
	rangeOffsets      = 0x04
	rangeBase         = 0x05
	rangeStartTo      = 0x06
	rangeStartOf      = 0x07
)

// rangeList reads .debug_rnglists.
func (d *Data) rangeList(u *unit, v value, add func(low, high uint64) bool) {
	off := v.n
	if v.form == formRnglistx {
		rel, ok := d.indexed(d.s.RngLists, u.rangesBase, v.n, int(u.sizing.offset))
		if !ok {
			return
		}
		off = u.rangesBase + rel
	}
	if off > uint64(len(d.s.RngLists)) {
		return
	}
	c := cursor{data: d.s.RngLists, off: int(off), big: d.s.BigEndian}
	size := int(u.sizing.address)
	index := func() uint64 {
		a, _ := d.indexed(d.s.Addr, u.addrBase, c.uleb(), size)
		return a
	}
	base := u.low
	for range maxRanges {
		var low, high uint64
		switch c.u8() {
		case rangeBaseIndex:
			base = index()
			continue
		case rangeBase:
			base = c.uint(size)
			continue
		case rangeStartIndexTo:
			low, high = index(), index()
		case rangeStartIndexOf:
			low = index()
			high = low + c.uleb()
		case rangeOffsets:
			low, high = base+c.uleb(), base+c.uleb()
		case rangeStartTo:
			low, high = c.uint(size), c.uint(size)
		case rangeStartOf:
			low = c.uint(size)
			high = low + c.uleb()
		default: // the end (0), and what nobody knows
			return
		}
		if c.bad || !add(low, high) {
			return
		}
	}
}
