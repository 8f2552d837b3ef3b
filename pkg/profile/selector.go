package profile

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// ParseSelector parses a label selector such as {service_name="checkout"}.
// The grammar is that of Prometheus: names that are not plain identifiers are
// quoted ({"my.label"="x"}), and a name before the braces is a matcher of
// __name__. Empty text and {} select everything: no matchers. What is longer or
// larger than the limits of this package is an error.
func ParseSelector(s string) ([]*labels.Matcher, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	if err := checkSelector(s); err != nil {
		return nil, err
	}
	matchers, err := parser.NewParser(parser.Options{}).ParseMetricSelector(s)
	if err != nil {
		return nil, fmt.Errorf(`label selector %s: %w; it must be like {name="value",other=~"regular expression"}`, shortQuote(s), err)
	}
	return matchers, nil
}

// FormatSelector is the text of matchers, which ParseSelector reads back.
func FormatSelector(matchers []*labels.Matcher) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range matchers {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(m.String())
	}
	b.WriteByte('}')
	return b.String()
}
