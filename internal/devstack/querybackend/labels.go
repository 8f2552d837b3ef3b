package querybackend

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// labelSampled is "true" on series whose profiles stand for others in part
// only. Profile queries leave them out.
const labelSampled = "__sampled__"

// matches says whether a series has all of what the matchers ask for. A label
// that it lacks is an empty one. (Matching in block metadata is stricter.)
func matches(series []*typesv1.LabelPair, matchers []*labels.Matcher) bool {
	for _, m := range matchers {
		if !m.Matches(labelValue(series, m.Name)) {
			return false
		}
	}
	return true
}

func labelValue(series []*typesv1.LabelPair, name string) string {
	if pair := findLabel(series, name); pair != nil {
		return pair.Value
	}
	return ""
}

func findLabel(series []*typesv1.LabelPair, name string) *typesv1.LabelPair {
	for _, pair := range series {
		if pair.Name == name {
			return pair
		}
	}
	return nil
}

// groupLabels are the labels of names that the series has, in the order of
// names: a group's labels.
func groupLabels(series []*typesv1.LabelPair, names []string) []*typesv1.LabelPair {
	var group []*typesv1.LabelPair
	for _, name := range names {
		if pair := findLabel(series, name); pair != nil {
			group = append(group, pair)
		}
	}
	return group
}

// otherLabels are the labels that are not of names: what a group's labels do
// not tell.
func otherLabels(series []*typesv1.LabelPair, names []string) []*typesv1.LabelPair {
	rest := make([]*typesv1.LabelPair, 0, len(series))
next:
	for _, pair := range series {
		for _, name := range names {
			if pair.Name == name {
				continue next
			}
		}
		rest = append(rest, pair)
	}
	return rest
}

// labelsKey identifies a label set. No label has the separator, an invalid
// byte of UTF-8.
func labelsKey(set []*typesv1.LabelPair) string {
	var b strings.Builder
	for _, pair := range set {
		b.WriteString(pair.Name)
		b.WriteByte('\xff')
		b.WriteString(pair.Value)
		b.WriteByte('\xff')
	}
	return b.String()
}
