package dwarf

import "strings"

// A name is a function's.
type name struct {
	text      string // as it is in the source
	linkage   string // the linker's
	qualified bool
	startLine int
}

// name is the name of the function that an entry is, or stands for.
func (d *Data) name(m *meter, r reference) name {
	if n, ok := d.names[r]; ok {
		return n
	}
	n := d.findName(m, r)
	if len(d.names) < maxNames && !m.stopped {
		d.names[r] = n
	}
	return n
}

// findName follows an entry's references to what it is an instance of: the
// linker's name may be anywhere on the way.
func (d *Data) findName(m *meter, r reference) (n name) {
	var plain []byte
	var at reference
	for range maxReferences {
		file, u, e, ok := d.entryAt(r)
		if !ok {
			break
		}
		if n.startLine == 0 {
			n.startLine = int(min(e.declLine, 1<<30))
		}
		if len(e.linkage) > 0 && n.linkage == "" {
			n.linkage = string(e.linkage)
		}
		if len(e.name) > 0 && plain == nil {
			plain = e.name
		}
		if plain != nil && n.linkage != "" {
			break
		}
		at = r
		if !e.hasOrigin {
			if plain != nil && qualifies(u.language) {
				n.text, n.qualified = file.scope(m, u, at.off)+string(plain), true
				return n
			}
			break
		}
		r = reference{off: e.origin.off, alt: r.alt || e.origin.alt}
	}
	n.text = string(plain)
	return n
}

// entryAt reads one entry.
func (d *Data) entryAt(r reference) (file *Data, u *unit, e entry, ok bool) {
	if file = d; r.alt {
		file = d.alt
	}
	if file == nil {
		return nil, nil, e, false
	}
	if u = file.unitAt(r.off); u == nil {
		return nil, nil, e, false
	}
	table := file.abbrevs(u)
	if table == nil {
		return nil, nil, e, false
	}
	if !u.rooted {
		file.root(u)
	}
	c := cursor{data: file.s.Info[:u.end], off: int(r.off), big: file.s.BigEndian}
	a := table.find(c.uleb())
	if a == nil {
		return nil, nil, e, false
	}
	e = file.entry(&c, u, a)
	return file, u, e, !c.bad
}

// qualifies tells the languages whose names have namespaces: the codes of C++ and
// its editions. All others that have them give linkage names.
func qualifies(language uint16) bool {
	switch language {
	case 0x04, 0x1a, 0x21, 0x2b, 0x3a:
		return true
	}
	return false
}

// scope is the namespaces and classes around an entry, each with "::" after it.
func (d *Data) scope(m *meter, u *unit, target uint64) string {
	table := d.abbrevs(u)
	c := cursor{data: d.s.Info[:u.end], off: u.entries, big: d.s.BigEndian}
	var around []string // by depth, the unit's own at 0
	for !c.bad && uint64(c.off) < target {
		code := c.uleb()
		if code == 0 {
			if len(around) == 0 {
				return ""
			}
			around = around[:len(around)-1]
			continue
		}
		a := table.find(code)
		if a == nil || len(around) > maxDepth || !m.step() {
			return ""
		}
		if !a.children {
			d.pass(&c, u, a)
			continue
		}
		e := d.entry(&c, u, a)
		if e.sibling > 0 && uint64(e.sibling) <= target {
			c.off = e.sibling
			continue
		}
		around = append(around, scopeName(a.tag, e.name))
	}
	if uint64(c.off) != target {
		return ""
	}
	return strings.Join(around, "")
}

func scopeName(tag uint16, name []byte) string {
	switch {
	case tag == tagNamespace && len(name) == 0:
		return "(anonymous namespace)::"
	case tag != tagNamespace && tag != tagClass && tag != tagStructure && tag != tagUnion || len(name) == 0:
		return ""
	}
	return string(name) + "::"
}

// frames is what is known of a place, nil if nothing.
func (d *Data) frames(u *unit, t *lineTable, p *place) []Frame {
	m := t.meter
	frames := make([]Frame, 0, max(len(p.chain), 1))
	for i, l := range p.chain {
		n := d.name(m, reference{off: l.off})
		if m.stopped {
			return nil
		}
		f := Frame{Name: n.text, Linkage: n.linkage, Qualified: n.qualified, StartLine: n.startLine}
		if i+1 < len(p.chain) { // the line is the next one's call
			next := p.chain[i+1]
			f.File, f.Line = t.file(u, next.callFile), int(min(next.callLn, 1<<30))
		}
		frames = append(frames, f)
	}
	if len(frames) == 0 {
		if !p.lined {
			return nil
		}
		frames = append(frames, Frame{})
	}
	if last := &frames[len(frames)-1]; p.lined {
		last.File, last.Line = t.file(u, p.file), int(min(p.line, 1<<30))
	}
	return frames
}
