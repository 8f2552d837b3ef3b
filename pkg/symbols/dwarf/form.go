package dwarf

// Forms of attributes (DWARF 5, section 7.5.6), and GNU's.
const (
	formAddr          = 0x01
	formBlock2        = 0x03
	formBlock4        = 0x04
	formData2         = 0x05
	formData4         = 0x06
	formData8         = 0x07
	formString        = 0x08
	formBlock         = 0x09
	formBlock1        = 0x0a
	formData1         = 0x0b
	formFlag          = 0x0c
	formSdata         = 0x0d
	formStrp          = 0x0e
	formUdata         = 0x0f
	formRefAddr       = 0x10
	formRef1          = 0x11
	formRef2          = 0x12
	formRef4          = 0x13
	formRef8          = 0x14
	formRefUdata      = 0x15
	formIndirect      = 0x16
	formSecOffset     = 0x17
	formExprloc       = 0x18
	formFlagPresent   = 0x19
	formStrx          = 0x1a
	formAddrx         = 0x1b
	formRefSup4       = 0x1c
	formStrpSup       = 0x1d
	formData16        = 0x1e
	formLineStrp      = 0x1f
	formRefSig8       = 0x20
	formImplicitConst = 0x21
	formLoclistx      = 0x22
	formRnglistx      = 0x23
	formRefSup8       = 0x24
	formStrx1         = 0x25
	formStrx2         = 0x26
	formStrx3         = 0x27
	formStrx4         = 0x28
	formAddrx1        = 0x29
	formAddrx2        = 0x2a
	formAddrx3        = 0x2b
	formAddrx4        = 0x2c
	formGNUAddrIndex  = 0x1f01
	formGNUStrIndex   = 0x1f02
	formGNURefAlt     = 0x1f20
	formGNUStrpAlt    = 0x1f21
)

// fixedSize is the size of a form's values, where they all have the same.
func fixedSize(form uint16, s sizing) (int32, bool) {
	switch form {
	case formFlagPresent, formImplicitConst:
		return 0, true
	case formData1, formFlag, formRef1, formStrx1, formAddrx1:
		return 1, true
	case formData2, formRef2, formStrx2, formAddrx2:
		return 2, true
	case formStrx3, formAddrx3:
		return 3, true
	case formData4, formRef4, formRefSup4, formStrx4, formAddrx4:
		return 4, true
	case formData8, formRef8, formRefSig8, formRefSup8:
		return 8, true
	case formData16:
		return 16, true
	case formAddr:
		return int32(s.address), true
	case formStrp, formLineStrp, formStrpSup, formSecOffset, formGNURefAlt, formGNUStrpAlt:
		return int32(s.offset), true
	case formRefAddr:
		return int32(s.reference), true
	}
	return 0, false
}

// skipForm passes a value whose size is in the value.
func (c *cursor) skipForm(form uint16, s sizing) {
	if size, ok := fixedSize(form, s); ok {
		c.skip(uint64(size))
		return
	}
	switch form {
	case formBlock1:
		c.skip(uint64(c.u8()))
	case formBlock2:
		c.skip(c.uint(2))
	case formBlock4:
		c.skip(c.uint(4))
	case formBlock, formExprloc:
		c.skip(c.uleb())
	case formString:
		c.text()
	case formSdata, formUdata, formRefUdata, formStrx, formAddrx, formLoclistx, formRnglistx, formGNUAddrIndex, formGNUStrIndex:
		c.uleb()
	case formIndirect:
		if form = uint16(c.uleb()); form == formIndirect || form == formImplicitConst {
			c.fail()
			return
		}
		c.skipForm(form, s)
	default:
		c.fail()
	}
}

// A value is an attribute's. Numbers of all kinds, offsets and indexes are in n.
type value struct {
	form uint16
	n    uint64
	text []byte // of formString
}

func (c *cursor) value(a attribute, s sizing) value {
	form := a.form
	if form == formIndirect {
		if form = uint16(c.uleb()); form == formIndirect || form == formImplicitConst {
			c.fail()
			return value{}
		}
	}
	switch form {
	case formFlagPresent:
		return value{form: form, n: 1}
	case formImplicitConst:
		return value{form: form, n: uint64(a.implicit)}
	case formString:
		return value{form: form, text: c.text()}
	case formSdata:
		return value{form: form, n: uint64(c.sleb())}
	case formUdata, formRefUdata, formStrx, formAddrx, formLoclistx, formRnglistx, formGNUAddrIndex, formGNUStrIndex:
		return value{form: form, n: c.uleb()}
	}
	if size, ok := fixedSize(form, s); ok && size <= 8 {
		return value{form: form, n: c.uint(int(size))}
	}
	c.skipForm(form, s)
	return value{form: form}
}

// constant tells whether the value is a number that stands for itself.
func (v value) constant() bool {
	switch v.form {
	case formData1, formData2, formData4, formData8, formUdata, formSdata, formImplicitConst:
		return true
	}
	return false
}

// string is the text of a value, nil where there is none.
func (d *Data) string(u *unit, v value) []byte {
	switch v.form {
	case formString:
		return v.text[:min(len(v.text), maxText)]
	case formStrp:
		return textAt(d.s.Str, v.n)
	case formLineStrp:
		return textAt(d.s.LineStr, v.n)
	case formStrpSup, formGNUStrpAlt:
		if d.alt != nil {
			return textAt(d.alt.s.Str, v.n)
		}
	case formStrx, formStrx1, formStrx2, formStrx3, formStrx4, formGNUStrIndex:
		if off, ok := d.indexed(d.s.StrOffsets, u.strOffsetsBase, v.n, int(u.sizing.offset)); ok {
			return textAt(d.s.Str, off)
		}
	}
	return nil
}

// address is the address that a value is or points to.
func (d *Data) address(u *unit, v value) (uint64, bool) {
	switch v.form {
	case formAddr:
		return v.n, true
	case formAddrx, formAddrx1, formAddrx2, formAddrx3, formAddrx4, formGNUAddrIndex:
		return d.indexed(d.s.Addr, u.addrBase, v.n, int(u.sizing.address))
	}
	return 0, false
}

// indexed is a number of a table in a section.
func (d *Data) indexed(section []byte, base, index uint64, size int) (uint64, bool) {
	if index > uint64(len(section)) || base > uint64(len(section)) {
		return 0, false
	}
	off := base + index*uint64(size)
	if off > uint64(len(section)) {
		return 0, false
	}
	c := cursor{data: section, off: int(off), big: d.s.BigEndian}
	n := c.uint(size)
	return n, !c.bad
}

// A reference leads to an entry, by its offset in .debug_info.
type reference struct {
	off uint64
	alt bool // in the supplementary file
}

func (v value) reference(u *unit) (reference, bool) {
	switch v.form {
	case formRef1, formRef2, formRef4, formRef8, formRefUdata:
		if v.n > uint64(u.end-u.off) {
			return reference{}, false
		}
		return reference{off: uint64(u.off) + v.n}, true
	case formRefAddr:
		return reference{off: v.n}, true
	case formGNURefAlt, formRefSup4, formRefSup8:
		return reference{off: v.n, alt: true}, true
	}
	return reference{}, false
}
