package queryfrontend

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// selection is whose data of which kind a request reads.
type selection struct {
	tenants     []string
	matchers    []*labels.Matcher
	profileType profile.Type
	// text is that of the matchers, once somebody has asked for it.
	text string
}

// selector is the text of the matchers. They are not changed any more.
func (s *selection) selector() string {
	if s.text == "" {
		s.text = profile.FormatSelector(s.matchers)
	}
	return s.text
}

// selection reads the label selector and the profile type of a request.
func (f *Frontend) selection(profileTypeID, labelSelector string) (selection, error) {
	if err := checkLength("profile_typeID", profileTypeID, maxNameBytes); err != nil {
		return selection{}, err
	}
	profileType, err := profile.ParseType(profileTypeID)
	if err != nil {
		return selection{}, invalid("profile_typeID", "%w", err)
	}
	s, err := f.labelSelection("label_selector", labelSelector)
	if err != nil {
		return selection{}, err
	}
	s.profileType = profileType
	s.matchers = append(s.matchers, profileType.Matcher())
	return s, nil
}

// labelSelection reads one or several label selectors, all of which have to
// match, and takes the tenants out of them.
func (f *Frontend) labelSelection(field string, selectors ...string) (selection, error) {
	if err := checkSelectors(field, selectors); err != nil {
		return selection{}, err
	}
	var all []*labels.Matcher
	for _, selector := range selectors {
		if !utf8.ValidString(selector) {
			return selection{}, invalid(field, "%q is not UTF-8", selector)
		}
		if strings.TrimSpace(selector) == "" {
			return selection{}, invalid(field, "it is empty, {} selects everything")
		}
		matchers, err := profile.ParseSelector(selector)
		if err != nil {
			return selection{}, invalid(field, "%w", err)
		}
		all = append(all, matchers...)
	}
	if err := checkCount(field, len(all), profile.MaxMatchers); err != nil {
		return selection{}, err
	}
	tenants, rest, err := narrowTenants(field, f.config.Tenants, all)
	return selection{tenants: tenants, matchers: rest}, err
}

// narrowTenants takes the matchers on the tenant label out of a selector and
// returns the tenants that they leave. A selector never widens: it chooses
// among the tenants that the data source is allowed to read. Errors blame the field
// that the selector is of.
func narrowTenants(field string, allowed []string, matchers []*labels.Matcher) (tenants []string, rest []*labels.Matcher, err error) {
	tenants = slices.Clone(allowed)
	for _, matcher := range matchers {
		if matcher.Name != profile.LabelTenantID {
			rest = append(rest, matcher)
			continue
		}
		tenants = slices.DeleteFunc(tenants, func(tenant string) bool { return !matcher.Matches(tenant) })
		if len(tenants) == 0 {
			return nil, nil, invalid(field, "%s leaves none of the tenants that this data source reads: %q", matcher, allowed)
		}
	}
	return tenants, rest, nil
}

// checkIDs checks the span, trace and profile ids of a request.
func checkIDs(spans, traces, profiles []string) error {
	if len(spans) > 0 && len(traces) > 0 {
		return invalid("span_selector, trace_id_selector", "a query selects by spans or by traces, the two cannot be combined")
	}
	for field, ids := range map[string][]string{"span_selector": spans, "trace_id_selector": traces, "profile_id_selector": profiles} {
		if err := checkCount(field, len(ids), maxIDs); err != nil {
			return err
		}
	}
	for _, id := range spans {
		if _, err := profile.ParseSpanID(id); err != nil {
			return invalid("span_selector", "%w", err)
		}
	}
	for _, id := range traces {
		if _, err := profile.ParseTraceID(id); err != nil {
			return invalid("trace_id_selector", "%w", err)
		}
	}
	for _, id := range profiles {
		if _, err := profile.ParseProfileID(id); err != nil {
			return invalid("profile_id_selector", "%w", err)
		}
	}
	return nil
}

// checkGroupBy refuses what no series has as a label name.
func checkGroupBy(groupBy []string) error {
	if err := checkCount("group_by", len(groupBy), maxGroupBy); err != nil {
		return err
	}
	for i, name := range groupBy {
		if err := checkLength("group_by", name, maxNameBytes); err != nil {
			return err
		}
		if name == "" {
			return invalid("group_by", "entry %d is empty, every entry must be a label name", i+1)
		}
		if !utf8.ValidString(name) {
			return invalid("group_by", "entry %d is %q, which is not UTF-8", i+1, name)
		}
	}
	return nil
}

func checkCallSite(selector *typesv1.StackTraceSelector) error {
	if err := checkCount("stack_trace_selector.call_site", len(selector.GetCallSite()), maxCallSite); err != nil {
		return err
	}
	for i, location := range selector.GetCallSite() {
		if location.GetName() == "" {
			return invalid("stack_trace_selector.call_site", "entry %d has no name, every entry must be a function name, the root first", i+1)
		}
		if err := checkLength("stack_trace_selector.call_site", location.GetName(), maxFunctionBytes); err != nil {
			return err
		}
		if !utf8.ValidString(location.GetName()) {
			return invalid("stack_trace_selector.call_site", "entry %d is %q, which is not UTF-8", i+1, location.GetName())
		}
	}
	return nil
}

func checkFormat(format querierv1.ProfileFormat) error {
	if _, known := querierv1.ProfileFormat_name[int32(format)]; !known {
		return invalid("format", "%d is not a profile format, allowed are FLAMEGRAPH, TREE, DOT and PPROF", format)
	}
	return nil
}

func checkExemplarType(kind typesv1.ExemplarType) error {
	if _, known := typesv1.ExemplarType_name[int32(kind)]; !known {
		return invalid("exemplar_type", "%d is not an exemplar type, allowed are NONE, INDIVIDUAL and SPAN", kind)
	}
	return nil
}

func withExemplars(kind typesv1.ExemplarType) bool {
	return kind == typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL || kind == typesv1.ExemplarType_EXEMPLAR_TYPE_SPAN
}
