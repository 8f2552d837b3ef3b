package dwarf

import "sort"

// Tags of entries.
const (
	tagClass             = 0x02
	tagEnumeration       = 0x04
	tagCompileUnit       = 0x11
	tagStructure         = 0x13
	tagUnion             = 0x17
	tagInlinedSubroutine = 0x1d
	tagSubprogram        = 0x2e
	tagNamespace         = 0x39
	tagPartialUnit       = 0x3c
	tagSkeletonUnit      = 0x4a
)

// Kinds of units of DWARF 5.
const (
	unitType      = 0x02
	unitPartial   = 0x03
	unitSkeleton  = 0x04
	unitSplit     = 0x05
	unitSplitType = 0x06
)

// A unit is the part of .debug_info about one source file and what it includes.
type unit struct {
	off, end int // in .debug_info, from the header on
	entries  int // where the first entry is
	abbrevs  uint64
	version  uint8
	kind     uint8
	sizing   sizing
	// What the first entry says, once it was read.
	rooted         bool
	hasCode        bool // it has low_pc or ranges
	hasLines       bool
	language       uint16
	low            uint64
	lines          uint64
	strOffsetsBase uint64
	addrBase       uint64
	rangesBase     uint64
	directory      []byte
}

// readUnits hops from header to header.
func (d *Data) readUnits() {
	c := cursor{data: d.s.Info, big: d.s.BigEndian}
	for c.off < len(c.data) && len(d.units) < maxUnits {
		u := unit{off: c.off}
		n, is64 := c.length()
		if c.bad || n > uint64(len(c.data)-c.off) {
			return
		}
		u.end = c.off + int(n)
		u.sizing.offset = 4
		if is64 {
			u.sizing.offset = 8
		}
		u.version = uint8(min(c.uint(2), 255))
		ok := u.version >= 2 && u.version <= 5 && d.readHeader(&c, &u)
		if ok && !c.bad && c.off <= u.end {
			u.entries = c.off
			d.units = append(d.units, u)
		}
		c = cursor{data: d.s.Info, off: u.end, big: d.s.BigEndian}
	}
}

// readHeader reads what follows the version.
func (d *Data) readHeader(c *cursor, u *unit) bool {
	if u.version >= 5 {
		u.kind = c.u8()
		u.sizing.address = c.u8()
		u.abbrevs = c.uint(int(u.sizing.offset))
		switch u.kind {
		case unitSkeleton, unitSplit:
			c.skip(8) // the id of the split unit
		case unitType, unitSplitType:
			c.skip(8 + uint64(u.sizing.offset))
		}
	} else {
		u.abbrevs = c.uint(int(u.sizing.offset))
		u.sizing.address = c.u8()
	}
	u.sizing.reference = u.sizing.offset
	if u.version == 2 {
		u.sizing.reference = u.sizing.address
	}
	return u.sizing.address == 4 || u.sizing.address == 8
}

// unitAt is the unit that an offset of .debug_info is in, nil if none.
func (d *Data) unitAt(off uint64) *unit {
	i := sort.Search(len(d.units), func(i int) bool { return uint64(d.units[i].end) > off })
	if i == len(d.units) || off < uint64(d.units[i].entries) {
		return nil
	}
	return &d.units[i]
}

// root reads a unit's first entry. Its ranges are in the entry.
func (d *Data) root(u *unit) (e entry) {
	table := d.abbrevs(u)
	if table == nil {
		return e
	}
	c := cursor{data: d.s.Info[:u.end], off: u.entries, big: d.s.BigEndian}
	a := table.find(c.uleb())
	if a == nil {
		return e
	}
	// Values by index need the bases, which may follow them.
	if !u.rooted {
		bases := c
		for _, attr := range a.attributes {
			v := bases.value(attr, u.sizing)
			switch attr.name {
			case attrStrOffsetsBase:
				u.strOffsetsBase = v.n
			case attrAddrBase, attrGNUAddrBase:
				u.addrBase = v.n
			case attrRnglistsBase:
				u.rangesBase = v.n
			case attrStmtList:
				u.lines, u.hasLines = v.n, true
			case attrLanguage:
				u.language = uint16(v.n)
			}
		}
	}
	e = d.entry(&c, u, a)
	if !u.rooted {
		u.rooted = true
		u.low = e.low
		u.hasCode = e.hasRanges || e.hasLow
		u.directory = e.directory
	}
	return e
}

// skeletonOnly tells the units that cannot hold a function.
func (u *unit) withoutCode() bool {
	return u.kind == unitType || u.kind == unitPartial || u.kind == unitSplit || u.kind == unitSplitType
}
