package queryplan

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"
)

// maxComplement bounds the values' length in sum, in bytes. The expression is
// about ten times as long, and nests twice for each byte; RE2 allows 1000 levels.
const maxComplement = 256

// unlessOther turns "the label must have one of these values" into "the label
// must not have any other value", which a data set without the label satisfies.
//
// The metastore's positive matchers drop label sets that lack the label; its
// negative ones let them pass. So a positive matcher pushed down loses data sets
// that are not labelled, and the marks and indexes that stand in label sets of
// their own; turned around, it loses nothing. RE2 has no complement, but that of
// a finite set of values can be written down: follow the values letter by
// letter, and accept where the text departs from all of them.
//
// It returns false if the values are unknown or too long.
func unlessOther(m *labels.Matcher) (*labels.Matcher, bool) {
	values, ok := literals(m)
	if !ok {
		return nil, false
	}
	var length int
	for _, value := range values {
		length += len(value)
		if !utf8.ValidString(value) || length > maxComplement {
			return nil, false
		}
	}
	values = slices.Clone(values)
	slices.Sort(values)
	turned, err := labels.NewMatcher(labels.MatchNotRegexp, m.Name, complement(slices.Compact(values)))
	return turned, err == nil
}

// complement is a regular expression that matches all texts but these, which
// must be sorted and distinct. It recurses once a rune of the longest value.
func complement(values []string) string {
	var alternatives []string
	if values[0] == "" {
		values = values[1:]
	} else {
		alternatives = append(alternatives, "")
	}
	if len(values) == 0 {
		return "(?:.+)"
	}
	var heads strings.Builder
	for len(values) > 0 {
		head, width := utf8.DecodeRuneInString(values[0])
		n := 1
		for n < len(values) && strings.HasPrefix(values[n], values[0][:width]) {
			n++
		}
		tails := make([]string, n)
		for i, value := range values[:n] {
			tails[i] = value[width:]
		}
		heads.WriteString(classRune(head))
		alternatives = append(alternatives, regexp.QuoteMeta(string(head))+complement(tails))
		values = values[n:]
	}
	alternatives = append(alternatives, "[^"+heads.String()+"].*")
	return "(?:" + strings.Join(alternatives, "|") + ")"
}

// classRune writes a rune for use inside a character class.
func classRune(r rune) string {
	if strings.ContainsRune(`\]^-[`, r) {
		return `\` + string(r)
	}
	return string(r)
}
