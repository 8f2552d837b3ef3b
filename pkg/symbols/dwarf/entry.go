package dwarf

// Attributes of entries.
const (
	attrSibling        = 0x01
	attrName           = 0x03
	attrStmtList       = 0x10
	attrLowPC          = 0x11
	attrHighPC         = 0x12
	attrLanguage       = 0x13
	attrCompDir        = 0x1b
	attrAbstractOrigin = 0x31
	attrDeclLine       = 0x3b
	attrSpecification  = 0x47
	attrRanges         = 0x55
	attrCallFile       = 0x58
	attrCallLine       = 0x59
	attrLinkageName    = 0x6e
	attrStrOffsetsBase = 0x72
	attrAddrBase       = 0x73
	attrRnglistsBase   = 0x74
	attrMIPSLinkage    = 0x2007
	attrGNUAddrBase    = 0x2133
)

// An entry is what is of use of an entry's attributes.
type entry struct {
	name, linkage, directory []byte
	low, high                uint64
	hasLow, hasHigh          bool
	ranges                   value
	hasRanges                bool
	origin                   reference
	hasOrigin                bool
	sibling                  int // 0: none
	callFile, callLine       uint64
	declLine                 uint64
}

// entry reads the attributes of an entry whose code was read.
func (d *Data) entry(c *cursor, u *unit, a *abbrev) (e entry) {
	var highOffset bool
	for _, attr := range a.attributes {
		switch attr.name {
		case attrName, attrLinkageName, attrMIPSLinkage, attrCompDir, attrLowPC, attrHighPC, attrRanges, attrAbstractOrigin,
			attrSpecification, attrSibling, attrCallFile, attrCallLine, attrDeclLine:
		default:
			c.skipForm(attr.form, u.sizing)
			continue
		}
		v := c.value(attr, u.sizing)
		switch attr.name {
		case attrName:
			e.name = d.string(u, v)
		case attrLinkageName, attrMIPSLinkage:
			e.linkage = d.string(u, v)
		case attrCompDir:
			e.directory = d.string(u, v)
		case attrLowPC:
			e.low, e.hasLow = d.address(u, v)
		case attrHighPC:
			if v.constant() {
				e.high, e.hasHigh, highOffset = v.n, true, true
			} else {
				e.high, e.hasHigh = d.address(u, v)
			}
		case attrRanges:
			e.ranges, e.hasRanges = v, true
		case attrAbstractOrigin:
			e.origin, e.hasOrigin = v.reference(u)
		case attrSpecification:
			if !e.hasOrigin {
				e.origin, e.hasOrigin = v.reference(u)
			}
		case attrSibling:
			if r, ok := v.reference(u); ok && !r.alt && r.off > uint64(c.off) && r.off <= uint64(u.end) {
				e.sibling = int(r.off)
			}
		case attrCallFile:
			e.callFile = v.n
		case attrCallLine:
			e.callLine = v.n
		case attrDeclLine:
			e.declLine = v.n
		}
	}
	if highOffset {
		e.high += e.low
	}
	return e
}

// pass goes past the attributes of an entry whose code was read, and returns where
// the next entry on its level is, if it says so.
func (d *Data) pass(c *cursor, u *unit, a *abbrev) {
	for _, step := range a.skip {
		if step >= 0 {
			c.skip(uint64(step))
		} else {
			c.skipForm(uint16(-1-step), u.sizing)
		}
	}
}

// passChildren goes past the children of an entry, down to the last.
func (d *Data) passChildren(c *cursor, u *unit, table *abbrevTable, m *meter) {
	for depth := 1; depth > 0 && !c.bad; {
		code := c.uleb()
		if code == 0 {
			depth--
			continue
		}
		a := table.find(code)
		if a == nil || !m.step() {
			c.fail()
			return
		}
		d.pass(c, u, a)
		if a.children {
			depth++
		}
	}
}
