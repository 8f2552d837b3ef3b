package profile

import (
	"path"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
)

// NameUnresolved gives native code without symbols a function, so that it shows in
// DOT and in what reads the profile: named as UnmarshalSymbolRefTree does, after
// the binary and the address in it. It is for locations with a mapping that says
// it has no functions, as Pyroscope's query-frontend does where it has no symbols
// for them; the mapping has functions then. All else stays as it is, also beyond
// MaxUnresolvedLocations.
//
// The profile is changed in place, and must be sound: see CheckPprof.
func NameUnresolved(p *googlev1.Profile) error {
	mappings, err := newIDIndex(len(p.GetMapping()), func(i int) uint64 { return p.Mapping[i].GetId() })
	if err != nil {
		return err
	}
	n := unresolvedNamer{profile: p, functions: map[string]uint64{}}
	for _, f := range p.GetFunction() {
		n.lastID = max(n.lastID, f.GetId())
	}
	awaits := make([]bool, len(p.GetMapping()))
	for i, m := range p.GetMapping() {
		awaits[i] = !m.GetHasFunctions()
	}
	for _, l := range p.GetLocation() {
		m := mappings.find(l.GetMappingId())
		if m < 0 || !awaits[m] || len(l.GetLine()) > 0 {
			continue
		}
		binary := path.Base(text(p, p.Mapping[m].GetFilename()))
		id, ok := n.function(unresolvedName(binary, l.GetAddress()))
		if !ok {
			return nil
		}
		l.Line = []*googlev1.Line{{FunctionId: id}}
		p.Mapping[m].HasFunctions = true
	}
	return nil
}

// An unresolvedNamer adds functions to a profile, one a name.
type unresolvedNamer struct {
	profile   *googlev1.Profile
	functions map[string]uint64
	lastID    uint64
}

// function is the id of the function of a name; false where there is no room.
func (n *unresolvedNamer) function(name string) (uint64, bool) {
	if id, ok := n.functions[name]; ok {
		return id, true
	}
	n.lastID++
	if n.lastID == 0 || len(n.functions) == MaxUnresolvedLocations {
		return 0, false
	}
	if len(n.profile.StringTable) == 0 {
		n.profile.StringTable = []string{""} // 0 is no string
	}
	text := int64(len(n.profile.StringTable))
	n.profile.StringTable = append(n.profile.StringTable, name)
	n.profile.Function = append(n.profile.Function, &googlev1.Function{Id: n.lastID, Name: text})
	n.functions[name] = n.lastID
	return n.lastID, true
}
