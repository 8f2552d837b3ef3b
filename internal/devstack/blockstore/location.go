package blockstore

import pprof "github.com/google/pprof/profile"

// A locationTable converts a profile's locations once, and shares the stacks
// that several sample types and label sets have in common.
type locationTable struct {
	locations map[*pprof.Location]Location
	stacks    map[string][]Location
}

func newLocationTable(p *pprof.Profile) *locationTable {
	t := &locationTable{
		locations: make(map[*pprof.Location]Location, len(p.Location)),
		stacks:    make(map[string][]Location),
	}
	for _, l := range p.Location {
		t.locations[l] = convertLocation(l)
	}
	return t
}

// stack returns the sample's locations, leaf first. The key identifies them.
func (t *locationTable) stack(key string, locations []*pprof.Location) []Location {
	if s, ok := t.stacks[key]; ok {
		return s
	}
	s := make([]Location, len(locations))
	for i, l := range locations {
		s[i] = t.locations[l]
	}
	t.stacks[key] = s
	return s
}

func convertLocation(l *pprof.Location) Location {
	location := Location{Address: l.Address}
	if m := l.Mapping; m != nil {
		location.Mapping = Mapping{
			File:            m.File,
			BuildID:         m.BuildID,
			Start:           m.Start,
			Limit:           m.Limit,
			Offset:          m.Offset,
			HasFunctions:    m.HasFunctions,
			HasFilenames:    m.HasFilenames,
			HasLineNumbers:  m.HasLineNumbers,
			HasInlineFrames: m.HasInlineFrames,
		}
	}
	for _, line := range l.Line {
		converted := Line{Line: line.Line}
		if f := line.Function; f != nil {
			converted.Function = f.Name
			converted.SystemName = f.SystemName
			converted.File = f.Filename
			converted.StartLine = f.StartLine
		}
		location.Lines = append(location.Lines, converted)
	}
	return location
}
