package metastore

import (
	"iter"

	"github.com/prometheus/prometheus/model/labels"
)

// lookup resolves a reference to a block's string table. A reference out of
// range is the empty string.
func lookup(table []string, ref int32) string {
	if ref < 0 || int(ref) >= len(table) {
		return ""
	}
	return table[ref]
}

// decodeLabels yields a dataset's label sets. In Dataset.labels each set is
// the number of its pairs, followed by the pairs as references to the string
// table. What follows a number that is negative or too large is ignored. A
// yielded set is valid until the next one.
func decodeLabels(encoded []int32, table []string) iter.Seq[[]labels.Label] {
	return func(yield func([]labels.Label) bool) {
		var set []labels.Label
		for len(encoded) > 0 {
			pairs := int64(encoded[0])
			encoded = encoded[1:]
			if pairs < 0 || 2*pairs > int64(len(encoded)) {
				return
			}
			set = set[:0]
			for i := 0; i < int(2*pairs); i += 2 {
				set = append(set, labels.Label{
					Name:  lookup(table, encoded[i]),
					Value: lookup(table, encoded[i+1]),
				})
			}
			encoded = encoded[2*pairs:]
			if !yield(set) {
				return
			}
		}
	}
}

// matches reports whether one label set satisfies all matchers. A positive
// matcher needs the label to be there, even if it matches the empty string; a
// negative one passes where the label is missing.
func matches(matchers []*labels.Matcher, set []labels.Label) bool {
	for _, m := range matchers {
		if m.Name == "" {
			continue
		}
		value, ok := find(set, m.Name)
		switch m.Type {
		case labels.MatchEqual, labels.MatchRegexp:
			if !ok || !m.Matches(value) {
				return false
			}
		case labels.MatchNotEqual, labels.MatchNotRegexp:
			if ok && !m.Matches(value) {
				return false
			}
		}
	}
	return true
}

// find returns the value of the first label of this name.
func find(set []labels.Label, name string) (string, bool) {
	for _, l := range set {
		if l.Name == name {
			return l.Value, true
		}
	}
	return "", false
}
