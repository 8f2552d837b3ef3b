package objfile

import (
	"cmp"
	"context"
	"slices"

	"github.com/pyrofront/pyrofront/pkg/symbols/dwarf"
)

// A Frame is one function at an address.
type Frame struct {
	Function string
	File     string
	// Line is where in File the address is, or the call of the next frame.
	Line int
	// StartLine is where the function starts.
	StartLine int
}

// Lookup names addresses, which must be sorted, and calls found once for each that
// was settled, in no order: with the function and what is inlined there, the outer
// ones first, or with nil. When the context ends it returns its error, and the rest
// is not settled.
func (f *File) Lookup(ctx context.Context, addresses []uint64, found func(i int, frames []Frame)) error {
	var rest []int                // those that DWARF does not name
	var lines map[int]dwarf.Frame // of some of them
	var plain []pending
	var err error
	if f.dwarf == nil {
		for i := range addresses {
			rest = append(rest, i)
		}
	} else {
		err = f.dwarf.Lookup(ctx, addresses, func(i int, frames []dwarf.Frame) {
			switch {
			case len(frames) == 0:
				rest = append(rest, i)
			case len(frames) == 1 && frames[0].Name == "" && frames[0].Linkage == "":
				if lines == nil {
					lines = map[int]dwarf.Frame{}
				}
				lines[i] = frames[0]
				rest = append(rest, i)
			case !mangled(frames[0].Linkage) && f.find(".symtab") != nil:
				plain = append(plain, pending{i, cmp.Or(frames[0].Linkage, frames[0].Name), shortened(frames)})
			default:
				found(i, shortened(frames))
			}
		})
	}
	f.public(addresses, plain, found)
	f.fromTables(addresses, rest, func(i int, frame Frame, ok bool) {
		if !ok {
			found(i, nil)
			return
		}
		if l, ok := lines[i]; ok {
			frame.File, frame.Line = l.File, l.Line
		}
		found(i, []Frame{frame})
	})
	return err
}

// pending is an address that DWARF names, by a name that may have a better one.
type pending struct {
	index  int
	own    string
	frames []Frame
}

// public gives functions the name that others call them by. C libraries define
// what is called malloc as __libc_malloc, say, and the latter is all that DWARF has.
func (f *File) public(addresses []uint64, plain []pending, found func(i int, frames []Frame)) {
	slices.SortFunc(plain, func(a, b pending) int { return cmp.Compare(a.index, b.index) })
	asked, own := make([]uint64, len(plain)), make([]string, len(plain))
	for j, p := range plain {
		asked[j], own[j] = addresses[p.index], p.own
	}
	names := f.symbols(".symtab", asked, own)
	for j, p := range plain {
		if j < len(names) && names[j] != "" {
			p.frames[0].Function = ShortName(names[j])
		}
		found(p.index, p.frames)
	}
}

func shortened(frames []dwarf.Frame) []Frame {
	out := make([]Frame, len(frames))
	for i, f := range frames {
		name := cmp.Or(f.Name, f.Linkage)
		if mangled(f.Linkage) {
			name = f.Linkage
		} else if f.Qualified {
			name = withoutArguments(name)
		}
		out[i] = Frame{Function: ShortName(name), File: f.File, Line: f.Line, StartLine: f.StartLine}
	}
	return out
}

// fromTables names addresses that DWARF does not, each by the best of the tables
// that has it.
func (f *File) fromTables(addresses []uint64, which []int, found func(i int, frame Frame, ok bool)) {
	tables := []func([]uint64) []Frame{
		f.symbolFrames(".symtab"), f.goFrames, f.symbolFrames(".dynsym"), f.miniFrames,
	}
	sorted := sortedBy(which, addresses)
	for _, table := range tables {
		if len(sorted) == 0 {
			return
		}
		asked := make([]uint64, len(sorted))
		for j, i := range sorted {
			asked[j] = addresses[i]
		}
		frames := table(asked)
		var rest []int
		for j, i := range sorted {
			if j < len(frames) && frames[j].Function != "" {
				found(i, frames[j], true)
			} else {
				rest = append(rest, i)
			}
		}
		sorted = rest
	}
	for _, i := range sorted {
		found(i, Frame{}, false)
	}
}

func (f *File) symbolFrames(table string) func([]uint64) []Frame {
	return func(addresses []uint64) []Frame {
		names := f.symbols(table, addresses, nil)
		frames := make([]Frame, len(names))
		for i, n := range names {
			if n != "" {
				frames[i].Function = ShortName(n)
			}
		}
		return frames
	}
}

func (f *File) goFrames(addresses []uint64) []Frame {
	if f.goTable == nil {
		return nil
	}
	frames := make([]Frame, len(addresses))
	for i, a := range addresses {
		frames[i], _ = f.goTable.lookup(a)
	}
	return frames
}

func (f *File) miniFrames(addresses []uint64) []Frame {
	if f.mini == nil {
		return nil
	}
	frames := make([]Frame, len(addresses))
	f.mini.fromTables(addresses, all(len(addresses)), func(i int, frame Frame, _ bool) { frames[i] = frame })
	return frames
}
