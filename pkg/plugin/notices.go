package plugin

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

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
		t.notice(data.NoticeSeverityInfo, "The step is %s: a shorter one would make too many points.", scope.StepWidth())
	}
	if n := len(scope.Tenants); n > 0 && n < t.tenants {
		t.notice(data.NoticeSeverityInfo, "The selector reads %d of the data source's %d tenants: %s.", n, t.tenants, strings.Join(scope.Tenants, ", "))
	}
}

// noticeTruncation tells how much of a flame graph is in nodes named "other".
func (t *target) noticeTruncation(summary frame.TreeSummary, maxNodes int64) {
	if summary.Other == 0 || summary.Total == 0 {
		return
	}
	t.notice(data.NoticeSeverityInfo, "The flame graph is cut to %d nodes: %.1f %% of the total is in nodes named \"other\". A larger max nodes shows more.",
		maxNodes, 100*float64(summary.Other)/float64(summary.Total))
}

// noticeOther does the same for a table of functions.
func (t *target) noticeOther(functions []profile.Function, total, maxNodes int64) {
	for _, f := range functions {
		if f.Name == otherFunctions && total > 0 {
			t.notice(data.NoticeSeverityInfo, "The table is made of %d nodes: %.1f %% of the total is in stacks that were cut off.", maxNodes, 100*float64(f.Self)/float64(total))
		}
	}
}

// noticeLeft tells what a limit left out.
func (t *target) noticeLeft(left []string) {
	for _, text := range left {
		t.notice(data.NoticeSeverityWarning, "%s", text)
	}
}

// noticeCut tells that the cluster sent more of a call tree than it was asked for.
func (t *target) noticeCut(tree queryfrontend.CallTree) {
	if tree.Sent > tree.Len() {
		t.notice(data.NoticeSeverityWarning, "The query-backend sent a call tree of %d nodes, more than it was asked for. It is cut to %d.", tree.Sent, tree.Len())
	}
}

func (t *target) noticeUnreadable(annotations int) {
	if annotations > 0 {
		t.notice(data.NoticeSeverityWarning, "%d annotations of the profiles could not be read and are left out.", annotations)
	}
}

// noticeEmptySides tells why a diff shows nothing but additions or removals.
func (t *target) noticeEmptySides(baseline, now int64) {
	switch {
	case baseline == 0 && now != 0:
		t.notice(data.NoticeSeverityWarning, "The baseline has no data, so there is nothing to compare with.")
	case baseline != 0 && now == 0:
		t.notice(data.NoticeSeverityWarning, "Only the baseline has data.")
	}
}
