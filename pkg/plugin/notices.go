package plugin

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/common/model"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

func (t *target) notice(severity data.NoticeSeverity, format string, args ...any) {
	notice := data.Notice{Severity: severity, Text: fmt.Sprintf(format, args...)}
	for _, known := range t.notices {
		if known == notice {
			return
		}
	}
	t.notices = append(t.notices, notice)
}

// noticeScope tells where less was read than the query seems to ask for.
func (t *target) noticeScope(scope queryfrontend.Scope) {
	switch {
	case scope.Empty:
		t.notice(data.NoticeSeverityWarning, "Nothing is read of %s to %s: the range lies before the data source's limit maxQueryLookback.", formatTime(scope.Start), formatTime(scope.End))
	case scope.Clamped && !scope.Cut:
		// What is cut as well starts later, for a reason of its own.
		t.notice(data.NoticeSeverityInfo, "The range begins at %s: the data source's limit maxQueryLookback cuts off what lies before.", formatTime(scope.Start))
	}
	if scope.Cut {
		t.notice(data.NoticeSeverityWarning, "Only the newest part is shown, from %s on: the range is longer than the data source's limit maxQueryLength.", formatTime(scope.Start))
	}
	if scope.Widened {
		t.notice(data.NoticeSeverityInfo, "The step is %s: a shorter one would make too many points.", model.Duration(scope.StepWidth()))
	}
	if n := len(scope.Tenants); n > 0 && n < t.tenants {
		t.notice(data.NoticeSeverityInfo, "The selector reads %d of the data source's %d tenants: %s.", n, t.tenants, strings.Join(scope.Tenants, ", "))
	}
}

// noticeTree tells how much of a call tree is in nodes named "other", and who cut it:
// in one notice, since two of them would count its nodes in two ways.
func (t *target) noticeTree(panel queryfrontend.PanelAnswer, other, total int64) {
	part := ""
	if other > 0 && total > 0 {
		part = fmt.Sprintf(": %.1f %% of the total is in nodes named \"other\"", 100*float64(other)/float64(total))
	}
	switch sent := panel.Tree.Sent; {
	case sent > panel.Tree.Len():
		t.notice(data.NoticeSeverityWarning, "The query-backend sent a call tree of %d nodes, more than it was asked for. It is cut to %d nodes%s.", sent, panel.MaxNodes, part)
	case part != "":
		t.notice(data.NoticeSeverityInfo, "The flame graph is cut to %d nodes%s. A larger max nodes shows more.", panel.MaxNodes, part)
	}
}

// noticeTable does the same for a table of functions, in which there is no "other".
func (t *target) noticeTable(panel queryfrontend.PanelAnswer, functions []profile.Function, total int64) {
	part := ""
	for _, f := range functions {
		if f.Name == otherFunctions && total > 0 {
			part = fmt.Sprintf(": %.1f %% of the total is in stacks that were cut off", 100*float64(f.Self)/float64(total))
		}
	}
	switch sent := panel.Tree.Sent; {
	case sent > panel.Tree.Len():
		t.notice(data.NoticeSeverityWarning, "The query-backend sent a call tree of %d nodes, more than it was asked for. The table is made of %d nodes%s.", sent, panel.MaxNodes, part)
	case part != "":
		t.notice(data.NoticeSeverityInfo, "The table is made of %d nodes%s.", panel.MaxNodes, part)
	}
}

// noticeLeft tells what a limit left out.
func (t *target) noticeLeft(left []string) {
	for _, text := range left {
		t.notice(data.NoticeSeverityWarning, "%s", text)
	}
}

// noticeSide tells that one side of a diff was cut here.
func (t *target) noticeSide(name string, side queryfrontend.PanelAnswer) {
	if sent := side.Tree.Sent; sent > side.Tree.Len() {
		t.notice(data.NoticeSeverityWarning, "The query-backend sent a call tree of %d nodes for %s, more than it was asked for. It is cut to %d nodes.", sent, name, side.MaxNodes)
	}
}

func (t *target) noticeUnreadable(annotations int) {
	if annotations > 0 {
		t.notice(data.NoticeSeverityWarning, "%d annotations of the profiles could not be read and are left out.", annotations)
	}
}

// noticeSparse tells that a rate is one of the step, and not of what a profile covers.
func (t *target) noticeSparse(series []*typesv1.Series, rate frame.Rate) {
	if distance := frame.SparseRates(series, t.profileType, rate); distance > 0 {
		t.notice(data.NoticeSeverityInfo, "Profiles come every %[1]s, and the step is %[2]s: a rate is what came in a step, divided by the step, and falls as you zoom out. With a Min interval of %[1]s, in the panel's query options, it stays the same.", model.Duration(distance), model.Duration(rate.Step))
	}
}

// A diffSide is one of the two that a diff compares.
type diffSide struct {
	selector  string
	timeRange backend.TimeRange
	total     int64
}

func (s diffSide) String() string {
	return fmt.Sprintf("no samples of %s from %s to %s", shortened(s.selector), formatTime(s.timeRange.From.UnixMilli()), formatTime(s.timeRange.To.UnixMilli()))
}

// noticeEmptySides tells why a diff shows nothing but additions or removals, or nothing.
func (t *target) noticeEmptySides(baseline, now diffSide) {
	switch {
	case t.soFar != nil: // there may be more to come
	case baseline.total == 0 && now.total == 0:
		t.notice(data.NoticeSeverityWarning, "There is nothing to compare: the baseline has %s, and the query has %s.", baseline, now)
	case baseline.total == 0:
		t.notice(data.NoticeSeverityWarning, "The baseline is empty, so that everything seems to be new: there are %s.", baseline)
	case now.total == 0:
		t.notice(data.NoticeSeverityWarning, "Only the baseline has data, so that everything seems to be gone: for the query, there are %s.", now)
	}
}
