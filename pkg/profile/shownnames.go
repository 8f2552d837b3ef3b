package profile

import "slices"

// rootName is how flame graphs show the nameless root.
const rootName = "total"

// A namesake says which functions share the root's number in a flame graph's
// names. The answers of Pyroscope differ in it.
type namesake bool

const (
	// rootIsNamedTotal: those that are called "total". So it is in flame graphs.
	rootIsNamedTotal namesake = false
	// rootIsNameless: those without a name. So it is in differences.
	rootIsNameless namesake = true
)

// shownNames numbers names in the order of their first use.
type shownNames struct {
	from     []string
	names    []string
	index    []int32 // by name of from: the number, or -1
	namesake namesake
}

func newShownNames(from []string, root namesake) *shownNames {
	s := &shownNames{from: from, index: make([]int32, len(from)), namesake: root}
	for i := range s.index {
		s.index[i] = -1
	}
	return s
}

// show is the number of a name. The root is to be shown first.
func (s *shownNames) show(name int32, root bool) int64 {
	if root {
		s.names = append(s.names, rootName)
		same := name
		if s.namesake == rootIsNamedTotal {
			same = int32(slices.Index(s.from, rootName))
		}
		if same >= 0 {
			s.index[same] = 0
		}
		return 0
	}
	if s.index[name] < 0 {
		s.index[name] = int32(len(s.names))
		s.names = append(s.names, s.from[name])
	}
	return int64(s.index[name])
}
