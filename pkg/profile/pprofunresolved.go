package profile

import (
	"path"
	"slices"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
)

// NameUnresolved gives native code without symbols a function, so that it shows in
// DOT and in what reads the profile: named as RefTree.Named does, after
// the binary and the address in it. It is for locations with a mapping that says
// it has no functions, as Pyroscope's query-frontend does where it has no symbols
// for them; the mapping has functions then. All else stays as it is, also beyond
// MaxUnresolvedLocations.
//
// The profile is changed in place, and must be sound: see CheckPprof.
func NameUnresolved(p *googlev1.Profile) error { return NameNative(p, nil) }

// A NativeFrame is a function at an address of native code.
type NativeFrame struct {
	Function, File  string
	Line, StartLine int64
}

// NameNative is NameUnresolved with names that were found: by location, in the
// profile's order, the function there and those that are inlined into it, outer ones
// first. What has none, or is beyond the end, is named as there.
func NameNative(p *googlev1.Profile, names [][]NativeFrame) error {
	mappings, err := newIDIndex(len(p.GetMapping()), func(i int) uint64 { return p.Mapping[i].GetId() })
	if err != nil {
		return err
	}
	n := unresolvedNamer{profile: p, functions: map[NativeFrame]uint64{}, texts: map[string]int64{"": 0}}
	for _, f := range p.GetFunction() {
		n.lastID = max(n.lastID, f.GetId())
	}
	awaits := awaiting(p)
	for i, l := range p.GetLocation() {
		m := mappings.find(l.GetMappingId())
		if m < 0 || !awaits[m] || len(l.GetLine()) > 0 {
			continue
		}
		var found []NativeFrame
		if i < len(names) {
			found = names[i]
		}
		if len(found) == 0 {
			binary := path.Base(text(p, p.Mapping[m].GetFilename()))
			found = []NativeFrame{{Function: unresolvedName(binary, l.GetAddress())}}
		} else {
			p.Mapping[m].HasFilenames, p.Mapping[m].HasLineNumbers, p.Mapping[m].HasInlineFrames = true, true, true
		}
		for _, frame := range slices.Backward(found) {
			id, ok := n.function(frame)
			if !ok {
				return nil
			}
			l.Line = append(l.Line, &googlev1.Line{FunctionId: id, Line: frame.Line})
		}
		p.Mapping[m].HasFunctions = true
	}
	return nil
}

// awaiting tells, by mapping, which have no functions yet.
func awaiting(p *googlev1.Profile) []bool {
	awaits := make([]bool, len(p.GetMapping()))
	for i, m := range p.GetMapping() {
		awaits[i] = !m.GetHasFunctions()
	}
	return awaits
}

// A NativeBinary is a binary with addresses that have no function.
type NativeBinary struct {
	BuildID, Name string
	// Locations are indexes into the profile's.
	Locations []int
	Addresses []uint64
}

// NativeBinaries lists what NameNative takes names for.
func NativeBinaries(p *googlev1.Profile) ([]NativeBinary, error) {
	mappings, err := newIDIndex(len(p.GetMapping()), func(i int) uint64 { return p.Mapping[i].GetId() })
	if err != nil {
		return nil, err
	}
	awaits := awaiting(p)
	var binaries []NativeBinary
	of := make(map[int]int)
	for i, l := range p.GetLocation() {
		m := mappings.find(l.GetMappingId())
		if m < 0 || !awaits[m] || len(l.GetLine()) > 0 {
			continue
		}
		at, ok := of[m]
		if !ok {
			at = len(binaries)
			of[m] = at
			mapping := p.Mapping[m]
			binaries = append(binaries, NativeBinary{BuildID: text(p, mapping.GetBuildId()), Name: path.Base(text(p, mapping.GetFilename()))})
		}
		b := &binaries[at]
		b.Locations, b.Addresses = append(b.Locations, i), append(b.Addresses, l.GetAddress())
	}
	return binaries, nil
}

// An unresolvedNamer adds functions to a profile, one a name and file.
type unresolvedNamer struct {
	profile   *googlev1.Profile
	functions map[NativeFrame]uint64 // of all lines
	texts     map[string]int64
	lastID    uint64
}

// function is the id of a frame's function; false where there is no room.
func (n *unresolvedNamer) function(frame NativeFrame) (uint64, bool) {
	frame.Line = 0
	if id, ok := n.functions[frame]; ok {
		return id, true
	}
	n.lastID++
	if n.lastID == 0 || len(n.functions) == MaxUnresolvedLocations {
		return 0, false
	}
	n.profile.Function = append(n.profile.Function, &googlev1.Function{
		Id: n.lastID, Name: n.text(frame.Function), Filename: n.text(frame.File), StartLine: frame.StartLine,
	})
	n.functions[frame] = n.lastID
	return n.lastID, true
}

func (n *unresolvedNamer) text(s string) int64 {
	if i, ok := n.texts[s]; ok {
		return i
	}
	if len(n.profile.StringTable) == 0 {
		n.profile.StringTable = []string{""} // 0 is no string
	}
	i := int64(len(n.profile.StringTable))
	n.profile.StringTable = append(n.profile.StringTable, s)
	n.texts[s] = i
	return i
}
