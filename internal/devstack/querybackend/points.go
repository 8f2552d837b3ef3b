package querybackend

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// A pointSet is time series under construction, for both wire forms: labels
// and annotations are attribute numbers.
type pointSet struct {
	attributes *attributes
	groups     map[string]*pointGroup
}

// A pointGroup is one series: the points of all profiles of a group.
type pointGroup struct {
	refs   []int64 // its labels
	points []point
	// byProfile finds the point that has a profile as its exemplar.
	byProfile map[profileKey]int
}

type profileKey struct {
	time int64
	id   string
}

type point struct {
	time        int64 // Unix milliseconds
	value       float64
	annotations []int64
	exemplars   []exemplar
}

func newPointSet() *pointSet {
	return &pointSet{attributes: newAttributes(), groups: map[string]*pointGroup{}}
}

func (s *pointSet) group(refs []int64) *pointGroup {
	key := refsKey(refs)
	g, ok := s.groups[key]
	if !ok {
		g = &pointGroup{refs: refs, byProfile: map[profileKey]int{}}
		s.groups[key] = g
	}
	return g
}

// refsKey is also the order in which compact series are sorted.
func refsKey(refs []int64) string {
	var b strings.Builder
	for i, ref := range refs {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(ref, 16))
	}
	return b.String()
}

// sorted are the groups in the order of their keys.
func (s *pointSet) sorted() []*pointGroup {
	keys := make([]string, 0, len(s.groups))
	for key := range s.groups {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	groups := make([]*pointGroup, len(keys))
	for i, key := range keys {
		groups[i] = s.groups[key]
	}
	return groups
}

// mergeSameTime sorts the points and makes one of those with the same time.
// Annotations are then told once.
func (g *pointGroup) mergeSameTime(compare func(a, b int64) int) {
	slices.SortStableFunc(g.points, func(a, b point) int { return cmp.Compare(a.time, b.time) })
	merged := g.points[:0]
	for _, p := range g.points {
		if len(merged) == 0 || merged[len(merged)-1].time != p.time {
			merged = append(merged, p)
			continue
		}
		last := &merged[len(merged)-1]
		last.value += p.value
		if len(last.annotations) > 0 && len(p.annotations) > 0 {
			last.annotations = uniqueRefs(append(last.annotations, p.annotations...), compare)
		} else {
			last.annotations = append(last.annotations, p.annotations...)
		}
		last.exemplars = mergeExemplars(last.exemplars, p.exemplars)
	}
	g.points = merged
}

func uniqueRefs(refs []int64, compare func(a, b int64) int) []int64 {
	slices.SortFunc(refs, compare)
	return slices.Compact(refs)
}

// addProfile counts a profile's total in its group, and as an exemplar unless
// profileID is empty. A profile id that comes again in a dataset, in another
// series, is the same exemplar: the values are summed, common labels stay.
func (s *pointSet) addProfile(labels []*typesv1.LabelPair, by []string, p point, profileID string) {
	g := s.group(s.attributes.labelRefs(groupLabels(labels, by)))
	if profileID != "" {
		refs := s.attributes.labelRefs(otherLabels(labels, by))
		key := profileKey{p.time, profileID}
		if i, ok := g.byProfile[key]; ok {
			e := &g.points[i].exemplars[0]
			e.value += int64(p.value)
			e.refs = commonRefs(e.refs, refs)
		} else {
			g.byProfile[key] = len(g.points)
			p.exemplars = []exemplar{{time: p.time, profileID: profileID, value: int64(p.value), refs: refs}}
		}
	}
	g.points = append(g.points, p)
}
