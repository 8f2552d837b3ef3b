package plugin

import (
	"fmt"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Limits of a request, far above what panels and alert rules ask.
const (
	// maxTargets is how many targets one request has.
	maxTargets = 100
	// maxTypeBytes is the length of a target's queryType and profileTypeId.
	maxTypeBytes = 1 << 10
)

// checkTarget refuses what is too much of a request, before anything is read of it:
// the n-th target, and texts that would be repeated in errors and logs.
func (t *target) checkTarget(n int) error {
	if n >= maxTargets {
		return invalidQuery("queries", fmt.Errorf("a request has at most %d", maxTargets))
	}
	return nil
}

func (m *queryModel) checkTexts() error {
	for field, text := range map[string]string{"queryType": m.QueryType, "profileTypeId": m.ProfileTypeID} {
		if len(text) > maxTypeBytes {
			m.QueryType, m.ProfileTypeID = queryUnknown, ""
			return invalidQuery(field, fmt.Errorf("a text of %d bytes, at most %d are allowed", len(text), maxTypeBytes))
		}
	}
	if err := checkName("labelSelector", m.LabelSelector); err != nil || m.Diff == nil {
		return err
	}
	return checkName("diff.labelSelector", m.Diff.LabelSelector)
}

// checkName refuses a selector with a profile type before its brace, as profilecli and the
// old HTTP API take it. There it would be the name of a metric, which no profile has: nothing
// would be found, without a word.
func checkName(field, selector string) error {
	matchers, err := profile.ParseSelector(selector)
	if err != nil {
		return nil // is refused in better words by whoever reads it
	}
	for _, m := range matchers {
		if m.Name != model.MetricNameLabel || m.Type != labels.MatchEqual {
			continue
		}
		if _, err := profile.ParseType(m.Value); err == nil {
			return invalidQuery(field, fmt.Errorf("%s is a profile type: put it into the field Profile type (profileTypeId), and begin the selector with its brace", m.Value))
		}
	}
	return nil
}

// shortened is a text for a log line: cut where it is long.
func shortened(text string) string {
	const long = 1000
	if len(text) <= long {
		return text
	}
	return text[:long] + "…"
}
