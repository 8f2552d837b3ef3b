package dwarf

import (
	"path"
	"sort"
)

// A lineTable is a unit's table of lines: its header, and the program that makes
// the rows.
type lineTable struct {
	meter       *meter
	version     uint8
	directories [][]byte
	files       []file
	paths       map[uint64]string
	minInst     uint64
	maxOps      uint64
	lineBase    int8
	lineRange   uint8
	opcodeBase  uint8
	lengths     []byte
	address     int // size
	program     cursor
}

type file struct {
	name      []byte
	directory uint64
}

// lineTable reads the header; the table has no rows where there is none.
func (d *Data) lineTable(u *unit) *lineTable {
	t := &lineTable{address: int(u.sizing.address), paths: map[uint64]string{}}
	if !u.hasLines || u.lines >= uint64(len(d.s.Line)) {
		return t
	}
	c := cursor{data: d.s.Line, off: int(u.lines), big: d.s.BigEndian}
	n, is64 := c.length()
	if c.bad || n > uint64(len(c.data)-c.off) {
		return t
	}
	end := c.off + int(n)
	c.data = c.data[:end]
	s := sizing{address: u.sizing.address, offset: 4}
	if is64 {
		s.offset = 8
	}
	s.reference = s.offset
	t.version = uint8(min(c.uint(2), 255))
	if t.version < 2 || t.version > 5 {
		return t
	}
	if t.version >= 5 {
		t.address = int(c.u8())
		c.u8() // size of segment selectors
	}
	header := c.uint(int(s.offset))
	if c.bad || header > uint64(end-c.off) || t.address != 4 && t.address != 8 {
		return t
	}
	start := c.off + int(header)
	t.minInst = uint64(c.u8())
	t.maxOps = 1
	if t.version >= 4 {
		t.maxOps = max(uint64(c.u8()), 1)
	}
	c.u8() // whether rows start as statements
	t.lineBase, t.lineRange, t.opcodeBase = int8(c.u8()), c.u8(), c.u8()
	if t.opcodeBase > 0 {
		t.lengths = c.bytes(uint64(t.opcodeBase) - 1)
	}
	if t.version >= 5 {
		t.readDirectories5(d, u, &c, s)
		t.files = readFiles5(d, u, &c, s)
	} else {
		t.readNames(&c)
	}
	if !c.bad && t.lineRange > 0 {
		t.program = cursor{data: d.s.Line[:end], off: start, big: c.big}
	}
	return t
}

// readNames reads directories and files as they were up to DWARF 4.
func (t *lineTable) readNames(c *cursor) {
	t.directories = append(t.directories, nil) // 0 is the unit's
	for len(t.directories) < maxFiles {
		name := c.text()
		if len(name) == 0 {
			break
		}
		t.directories = append(t.directories, name)
	}
	t.files = append(t.files, file{}) // they count from 1
	for len(t.files) < maxFiles {
		name := c.text()
		if len(name) == 0 {
			break
		}
		t.files = append(t.files, file{name, c.uleb()})
		c.uleb() // when it was changed
		c.uleb() // its size
	}
}

func (t *lineTable) readDirectories5(d *Data, u *unit, c *cursor, s sizing) {
	for _, f := range readFiles5(d, u, c, s) {
		t.directories = append(t.directories, f.name)
	}
}

// readFiles5 reads a list of directories or files of DWARF 5.
func readFiles5(d *Data, u *unit, c *cursor, s sizing) (files []file) {
	const contentPath, contentDirectory = 1, 2
	formats := make([]attribute, c.u8())
	for i := range formats {
		formats[i] = attribute{name: uint16(c.uleb()), form: uint16(c.uleb())}
	}
	count := c.uleb()
	if len(formats) == 0 {
		return nil
	}
	for ; count > 0 && !c.bad && len(files) < maxFiles; count-- {
		var f file
		for _, format := range formats {
			v := c.value(format, s)
			switch format.name {
			case contentPath:
				f.name = d.string(u, v)
			case contentDirectory:
				f.directory = v.n
			}
		}
		files = append(files, f)
	}
	if count > 0 {
		c.fail() // what follows cannot be found
	}
	return files
}

// file is the path of a file.
func (t *lineTable) file(u *unit, index uint64) string {
	if index >= uint64(len(t.files)) {
		return ""
	}
	if p, ok := t.paths[index]; ok {
		return p
	}
	f := t.files[index]
	p := string(f.name)
	if p != "" && p[0] != '/' {
		if f.directory < uint64(len(t.directories)) && len(t.directories[f.directory]) > 0 {
			p = path.Join(string(t.directories[f.directory]), p)
		}
		if p[0] != '/' && len(u.directory) > 0 {
			p = path.Join(string(u.directory), p)
		}
	}
	if p != "" {
		p = path.Clean(p)
	}
	t.paths[index] = p
	return p
}

// Opcodes of the line number program.
const (
	lineCopy           = 1
	lineAdvancePC      = 2
	lineAdvanceLine    = 3
	lineSetFile        = 4
	lineConstAddPC     = 8
	lineFixedAdvancePC = 9
	lineEndSequence    = 1
	lineSetAddress     = 2
	lineDefineFile     = 3
)

// A row is the state of the program.
type row struct {
	address, op, file, line uint64
}

// rows runs the program, and notes the lines of places, which are sorted.
func (t *lineTable) rows(m *meter, places []place) {
	t.meter = m
	c := &t.program
	start := row{file: 1, line: 1}
	now, last := start, row{}
	inSequence, dropped := false, false
	next := 0 // of the places: the first at or after the last row
	emit := func() {
		if !inSequence {
			inSequence = true
			dropped = now.address == 0 // linkers leave that of functions that they dropped
		} else if !dropped && now.address > last.address {
			if next >= len(places) || places[next].address < last.address || next > 0 && places[next-1].address >= last.address {
				next = sort.Search(len(places), func(i int) bool { return places[i].address >= last.address })
			}
			for ; next < len(places) && places[next].address < now.address; next++ {
				if p := &places[next]; !p.lined {
					p.file, p.line, p.lined = last.file, last.line, true
				}
			}
		}
		last = now
	}
	advance := func(ops uint64) {
		if t.maxOps == 1 {
			now.address += t.minInst * ops
			return
		}
		now.address += t.minInst * ((now.op + ops) / t.maxOps)
		now.op = (now.op + ops) % t.maxOps
	}
	for c.off < len(c.data) && !c.bad && m.step() {
		opcode := c.u8()
		switch {
		case opcode >= t.opcodeBase:
			special := opcode - t.opcodeBase
			advance(uint64(special / t.lineRange))
			now.line += uint64(int64(t.lineBase) + int64(special%t.lineRange))
			emit()
		case opcode == 0:
			size := c.uleb()
			if size == 0 || size > uint64(len(c.data)-c.off) {
				return
			}
			end := c.off + int(size)
			switch c.u8() {
			case lineEndSequence:
				emit()
				now, last, inSequence, dropped = start, row{}, false, false
			case lineSetAddress:
				if n := end - c.off; n <= 8 {
					now.address, now.op = c.uint(n), 0
				}
			case lineDefineFile:
				if len(t.files) < maxFiles {
					t.files = append(t.files, file{c.text(), c.uleb()})
				}
			}
			c.off = end
		case opcode == lineCopy:
			emit()
		case opcode == lineAdvancePC:
			advance(c.uleb())
		case opcode == lineAdvanceLine:
			now.line += uint64(c.sleb())
		case opcode == lineSetFile:
			now.file = c.uleb()
		case opcode == lineConstAddPC:
			advance(uint64((255 - t.opcodeBase) / t.lineRange))
		case opcode == lineFixedAdvancePC:
			now.address, now.op = now.address+c.uint(2), 0
		default:
			for range t.lengths[opcode-1] {
				c.uleb()
			}
		}
	}
}
