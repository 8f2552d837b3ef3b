package dwarf

// An attribute, as an abbreviation announces it.
type attribute struct {
	name     uint16
	form     uint16
	implicit int64 // the value of formImplicitConst
}

// An abbrev says what an entry consists of.
type abbrev struct {
	tag        uint16
	children   bool
	attributes []attribute
	// skip is how to pass the attributes without reading them: steps over a number
	// of bytes (>= 0), or over what the form says (formOf).
	skip []int32
}

// formOf marks a step over a value of a form whose size is in the value.
func formOf(form uint16) int32 { return -1 - int32(form) }

// An abbrevTable is the abbreviations of a unit by code.
type abbrevTable struct {
	dense  []abbrev // of codes 1, 2, 3 …
	sparse map[uint64]*abbrev
}

func (t *abbrevTable) find(code uint64) *abbrev {
	if code-1 < uint64(len(t.dense)) {
		return &t.dense[code-1]
	}
	return t.sparse[code]
}

// An abbrevKey tells tables apart. The size of a form depends on the unit.
type abbrevKey struct {
	off    uint64
	sizing sizing
}

// A sizing is what the size of a form depends on.
type sizing struct {
	address, offset, reference uint8
}

// abbrevs is the table of a unit, nil if it cannot be read.
func (d *Data) abbrevs(u *unit) *abbrevTable {
	key := abbrevKey{u.abbrevs, u.sizing}
	if t, ok := d.tables[key]; ok {
		return t
	}
	t := d.readAbbrevs(key)
	d.tables[key] = t
	return t
}

func (d *Data) readAbbrevs(key abbrevKey) *abbrevTable {
	if key.off >= uint64(len(d.s.Abbrev)) {
		return nil
	}
	c := cursor{data: d.s.Abbrev, off: int(key.off), big: d.s.BigEndian}
	t := new(abbrevTable)
	for {
		code := c.uleb()
		if code == 0 {
			break // the end, also of bytes
		}
		a := abbrev{tag: uint16(c.uleb()), children: c.u8() != 0}
		for {
			attr := attribute{name: uint16(c.uleb()), form: uint16(c.uleb())}
			if attr.form == formImplicitConst {
				attr.implicit = c.sleb()
			}
			if attr.name == 0 && attr.form == 0 {
				break
			}
			if d.abbrevsRead++; d.abbrevsRead > maxAbbrevs || c.bad {
				return nil
			}
			a.attributes = append(a.attributes, attr)
			a.skip = addSkip(a.skip, attr.form, key.sizing)
		}
		switch {
		case code == uint64(len(t.dense))+1:
			t.dense = append(t.dense, a)
		default:
			if t.sparse == nil {
				t.sparse = map[uint64]*abbrev{}
			}
			t.sparse[code] = &a
		}
		if d.abbrevsRead++; d.abbrevsRead > maxAbbrevs || c.bad {
			return nil
		}
	}
	return t
}

func addSkip(skip []int32, form uint16, s sizing) []int32 {
	size, ok := fixedSize(form, s)
	if !ok {
		return append(skip, formOf(form))
	}
	if n := len(skip); n > 0 && skip[n-1] >= 0 && skip[n-1] < 1<<20 {
		skip[n-1] += size
		return skip
	}
	if size == 0 {
		return skip
	}
	return append(skip, size)
}
