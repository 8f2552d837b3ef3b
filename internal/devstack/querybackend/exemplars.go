package querybackend

import (
	"slices"
	"strings"
)

// An exemplar is one profile that a point counts.
type exemplar struct {
	time      int64
	profileID string
	spanID    string
	value     int64
	refs      []int64 // labels beyond those of the group
}

// mergeExemplars joins two lists. Of the same profile the larger value stays,
// with the labels that both have.
func mergeExemplars(a, b []exemplar) []exemplar {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	byID := make(map[string]int, len(a)+len(b))
	merged := make([]exemplar, 0, len(a)+len(b))
	for _, e := range slices.Concat(a, b) {
		i, ok := byID[e.profileID]
		if !ok {
			byID[e.profileID] = len(merged)
			merged = append(merged, e)
			continue
		}
		common := commonRefs(merged[i].refs, e.refs)
		if e.value > merged[i].value {
			merged[i] = e
		}
		merged[i].refs = common
	}
	slices.SortFunc(merged, func(a, b exemplar) int { return strings.Compare(a.profileID, b.profileID) })
	return merged
}

func commonRefs(a, b []int64) []int64 {
	var common []int64
	for _, ref := range a {
		if slices.Contains(b, ref) {
			common = append(common, ref)
		}
	}
	return common
}

func largestExemplar(exemplars []exemplar) []exemplar {
	if len(exemplars) < 2 {
		return exemplars
	}
	best := 0
	for i, e := range exemplars {
		if e.value > exemplars[best].value {
			best = i
		}
	}
	return exemplars[best : best+1]
}
