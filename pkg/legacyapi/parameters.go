package legacyapi

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A selection is which profiles a request means.
type selection struct {
	profileType profile.Type
	selector    string
	start, end  int64 // Unix milliseconds
	maxNodes    int64 // 0: the default
}

// parseSelection reads <prefix>query, <prefix>from and <prefix>until, whose prefix is
// left or right in a comparison, and max-nodes.
func parseSelection(form url.Values, prefix string, now time.Time) (selection, error) {
	var (
		s    selection
		errs [3]error
	)
	query, from, until := "query", "from", "until"
	if prefix != "" {
		query, from, until = prefix+"Query", prefix+"From", prefix+"Until"
	}
	s.profileType, s.selector, errs[0] = parseQuery(query, form.Get(query))
	s.start, s.end, errs[1] = parseRange(form, from, until, now)
	s.maxNodes, errs[2] = parseMaxNodes(form)
	return s, errors.Join(errs[:]...)
}

func (s selection) request(format querierv1.ProfileFormat) *querierv1.SelectMergeStacktracesRequest {
	return &querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID: s.profileType.ID,
		LabelSelector: s.selector,
		Start:         s.start,
		End:           s.end,
		MaxNodes:      &s.maxNodes,
		Format:        format,
	}
}

// parseQuery reads a profile type followed by a label selector, as in
// process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name="checkout"}.
func parseQuery(field, query string) (profile.Type, string, error) {
	const example = `it must be like process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name="checkout"}`
	if query == "" {
		return profile.Type{}, "", fmt.Errorf("%s is missing: %s", field, example)
	}
	matchers, err := profile.ParseSelector(query)
	if err != nil {
		return profile.Type{}, "", fmt.Errorf("%s: %w", field, err)
	}
	var (
		rest []*labels.Matcher
		name *labels.Matcher
	)
	for _, m := range matchers {
		switch {
		case m.Name != profile.LabelProfileName:
			rest = append(rest, m)
		case name != nil || m.Type != labels.MatchEqual:
			return profile.Type{}, "", fmt.Errorf("%s: %q must name one profile type: %s", field, query, example)
		default:
			name = m
		}
	}
	if name == nil {
		return profile.Type{}, "", fmt.Errorf("%s: %q has no profile type: %s", field, query, example)
	}
	t, err := profile.ParseType(name.Value)
	if err != nil {
		return profile.Type{}, "", fmt.Errorf("%s: %w", field, err)
	}
	return t, profile.FormatSelector(rest), nil
}

// parseRange reads a range. The end is now by default; the start has none.
func parseRange(form url.Values, from, until string, now time.Time) (start, end int64, err error) {
	var errs [2]error
	at := func(field string, err *error) time.Time {
		t := now
		if text := form.Get(field); text != "" {
			if t, *err = parseTime(text, now); *err != nil {
				*err = fmt.Errorf("%s: %w", field, *err)
			}
		}
		return t
	}
	start, end = at(from, &errs[0]).UnixMilli(), at(until, &errs[1]).UnixMilli()
	if form.Get(from) == "" {
		errs[0] = fmt.Errorf("%s is missing: %w", from, errNotation)
	}
	return start, end, errors.Join(errs[:]...)
}

// parseMaxNodes reads max-nodes, or maxNodes, which goes before it.
func parseMaxNodes(form url.Values) (int64, error) {
	for _, field := range []string{"maxNodes", "max-nodes"} {
		text := form.Get(field)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%s: %q is not a number of nodes: it must be a whole number, 0 or none for the default", field, text)
		}
		return n, nil
	}
	return 0, nil
}
