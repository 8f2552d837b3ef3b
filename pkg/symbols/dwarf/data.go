package dwarf

import (
	"context"
	"errors"
)

// Sections are the sections of a file, uncompressed; nil where it has none.
type Sections struct {
	Abbrev, Addr, ARanges, Info, Line, LineStr, Ranges, RngLists, Str, StrOffsets []byte
	BigEndian                                                                     bool
}

// Data answers from a file's sections. It is for one goroutine at a time.
type Data struct {
	s           Sections
	alt         *Data
	units       []unit
	spansOf     []unitSpan // where the units' code is
	unplaced    []int      // units that do not say where their code is
	tables      map[abbrevKey]*abbrevTable
	abbrevsRead int
	unitsRead   int // beyond their first entry
	names       map[reference]name
}

var errNoInfo = errors.New("no unit in .debug_info that can be read")

// New finds out where the units' code is. It fails where there is no unit.
func New(ctx context.Context, s Sections) (*Data, error) {
	d := &Data{s: s, tables: map[abbrevKey]*abbrevTable{}, names: map[reference]name{}}
	if d.readUnits(); len(d.units) == 0 {
		return nil, errNoInfo
	}
	m := &meter{ctx: ctx}
	if d.place(m); m.stopped {
		return nil, ctx.Err()
	}
	return d, nil
}

// Supplement gives the file that dwz moved entries and strings to.
func (d *Data) Supplement(s Sections) {
	alt := &Data{s: s, tables: map[abbrevKey]*abbrevTable{}, names: map[reference]name{}}
	alt.readUnits()
	d.alt = alt
}

// Units is how many units there are.
func (d *Data) Units() int { return len(d.units) }

// A meter ends work when its context does.
type meter struct {
	ctx     context.Context
	steps   int
	stopped bool
}

func (m *meter) step() bool {
	if m.steps++; m.steps&0xfff == 0 && m.ctx.Err() != nil {
		m.stopped = true
	}
	return !m.stopped
}
