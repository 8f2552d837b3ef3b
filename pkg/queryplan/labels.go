package queryplan

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"
)

// Labels of block metadata (metastore.v1.Dataset.labels).
const (
	labelServiceName   = "service_name"
	labelProfileType   = "__profile_type__"
	labelTenantDataset = "__tenant_dataset__"
	labelUnsymbolized  = "__unsymbolized__"

	tenantIndex  = "dataset_tsdb_index" // the value of labelTenantDataset
	unsymbolized = "true"               // the value of labelUnsymbolized
)

// isMetadataLabel says that datasets are labelled with it in metadata and their
// series in the data, with the same values. Only matchers on such labels may
// prune; a matcher on any other (pod, region) says nothing about metadata.
func isMetadataLabel(name string) bool {
	return name == labelServiceName || name == labelProfileType
}

// prunes says that a matcher rules out datasets by their metadata: it is on a
// label that metadata has, and neither allows any value nor a missing one.
func prunes(m *labels.Matcher) bool {
	if !isMetadataLabel(m.Name) || isPositive(m) && m.Matches("") {
		return false
	}
	anyValue := m.Type == labels.MatchRegexp && m.Value == ".+" || m.Type == labels.MatchNotEqual && m.Value == ""
	return !anyValue
}

// isPositive says that a label must be there to match, unless the empty value
// matches too.
func isPositive(m *labels.Matcher) bool {
	return m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp
}

// literals returns the values that a positive matcher allows, if they are few
// and known. The empty value is never among them.
func literals(m *labels.Matcher) ([]string, bool) {
	switch m.Type {
	case labels.MatchEqual:
		return []string{m.Value}, m.Value != ""
	case labels.MatchRegexp:
		values := m.SetMatches()
		return values, len(values) > 0 && !slices.Contains(values, "")
	}
	return nil, false
}

// contradictory says that no series can match: of the values that the matchers on
// one label allow, none satisfies them all. Where several matchers list values, the
// shortest list is tried: the work is linear in the length of the selector.
func contradictory(matchers []*labels.Matcher) bool {
	byName := make(map[string][]*labels.Matcher)
	allowed := make(map[string][]string)
	for _, m := range matchers {
		byName[m.Name] = append(byName[m.Name], m)
		values, ok := literals(m)
		if !ok {
			if m.Type != labels.MatchEqual {
				continue
			}
			values = []string{""} // `a=""`: the label is missing
		}
		if shortest, listed := allowed[m.Name]; !listed || len(values) < len(shortest) {
			allowed[m.Name] = values
		}
	}
	for name, values := range allowed {
		possible := slices.ContainsFunc(values, func(value string) bool {
			return !slices.ContainsFunc(byName[name], func(m *labels.Matcher) bool { return !m.Matches(value) })
		})
		if !possible {
			return true
		}
	}
	return false
}
