package dwarf

import "encoding/binary"

// A cursor reads a section. Past the end it reads zeros and is bad from then on, so
// that loops need to look only once in a while.
type cursor struct {
	data []byte
	off  int
	big  bool // endian
	bad  bool
}

func (c *cursor) fail() {
	c.bad = true
	c.off = len(c.data)
}

func (c *cursor) bytes(n uint64) []byte {
	if n > uint64(len(c.data)-c.off) {
		c.fail()
		return nil
	}
	b := c.data[c.off : c.off+int(n)]
	c.off += int(n)
	return b
}

func (c *cursor) skip(n uint64) {
	if n > uint64(len(c.data)-c.off) {
		c.fail()
		return
	}
	c.off += int(n)
}

func (c *cursor) u8() uint8 {
	if c.off >= len(c.data) {
		c.fail()
		return 0
	}
	b := c.data[c.off]
	c.off++
	return b
}

// uint reads a number of 1 to 8 bytes.
func (c *cursor) uint(size int) uint64 {
	b := c.bytes(uint64(size))
	if b == nil {
		return 0
	}
	switch {
	case size == 1:
		return uint64(b[0])
	case size == 4 && !c.big:
		return uint64(binary.LittleEndian.Uint32(b))
	case size == 8 && !c.big:
		return binary.LittleEndian.Uint64(b)
	}
	var v uint64
	for i := range b {
		if c.big {
			v = v<<8 | uint64(b[i])
		} else {
			v |= uint64(b[i]) << (8 * i)
		}
	}
	return v
}

func (c *cursor) uleb() uint64 {
	if c.off < len(c.data) && c.data[c.off] < 0x80 { // most are short
		c.off++
		return uint64(c.data[c.off-1])
	}
	var v uint64
	for shift := uint(0); ; shift += 7 {
		b := c.u8()
		if shift < 64 {
			v |= uint64(b&0x7f) << shift
		}
		if b < 0x80 {
			return v
		}
	}
}

func (c *cursor) sleb() int64 {
	var v int64
	for shift := uint(0); ; {
		b := c.u8()
		if shift < 64 {
			v |= int64(b&0x7f) << shift
		}
		shift += 7
		if b < 0x80 {
			if b&0x40 != 0 && shift < 64 {
				v |= -1 << shift
			}
			return v
		}
	}
}

// text reads a string that a zero ends.
func (c *cursor) text() []byte {
	for i := c.off; i < len(c.data); i++ {
		if c.data[i] == 0 {
			b := c.data[c.off:i]
			c.off = i + 1
			return b
		}
	}
	c.fail()
	return nil
}

// length reads the length that units and tables start with, and tells whether
// offsets are of 8 bytes.
func (c *cursor) length() (n uint64, is64 bool) {
	switch n = c.uint(4); {
	case n == 0xffffffff:
		return c.uint(8), true
	case n >= 0xfffffff0: // reserved
		c.fail()
	}
	return n, false
}

// textAt is the string at an offset of a section of strings.
func textAt(section []byte, off uint64) []byte {
	if off >= uint64(len(section)) {
		return nil
	}
	c := cursor{data: section, off: int(off)}
	b := c.text()
	return b[:min(len(b), maxText)]
}
