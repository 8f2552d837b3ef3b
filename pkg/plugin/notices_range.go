package plugin

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/common/model"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// noticeShortRange tells why a very short range shows nothing, and offers a wider
// one. A profile stands at one moment, and the next comes some seconds later.
func (t *target) noticeShortRange() {
	r := t.query.TimeRange
	for _, panel := range t.panels {
		switch newest, found := newestPoint(panel); {
		case panel.Scope.Empty:
			return
		case panel.Tree.Len() > 0, len(panel.Heatmap) > 0, found && newest >= r.From.UnixMilli():
			return
		case found:
			step := panel.Scope.StepWidth()
			t.notice(data.NoticeSeverityWarning, "The range of %s is shorter than a step, %s, and no step ends in it: the newest step before it, which ends at %s, is shown. %s",
				r.Duration(), step, formatTime(newest), wider(r.From, r.To, step))
			return
		}
	}
	if r.Duration() < t.minStep {
		t.notice(data.NoticeSeverityWarning, "There are no profiles in a range of %s. A profile stands at one moment, and the next comes some seconds later (this data source's minStep is %s). %s",
			r.Duration(), t.minStep, wider(r.From, r.To, t.minStep))
	}
}

// noticeLastStep tells why there is no point where there are profiles, or may be: those
// after the last whole step are in none yet.
func (t *target) noticeLastStep() {
	for i, panel := range t.panels {
		step := panel.Scope.StepWidth()
		_, found := newestPoint(panel)
		if found || len(panel.Heatmap) > 0 || panel.Scope.Empty || step <= t.minStep {
			continue
		}
		end := min(t.query.TimeRange.To.UnixMilli(), time.Now().UnixMilli())
		last := formatTime(end - end%panel.Scope.Step)
		switch {
		case t.requests[i].Tree == nil:
			t.notice(data.NoticeSeverityInfo, "There are no profiles in whole steps of %s, the last of which ends at %s. Newer ones are shown in a shorter range, which has shorter steps.", model.Duration(step), last)
		case panel.Tree.Len() > 0:
			t.notice(data.NoticeSeverityWarning, "There is no graph: the profiles are newer than the last whole step, which ends at %s. A step is %s in this range; a shorter one has shorter steps.", last, model.Duration(step))
		}
	}
}

// newestPoint is the time of the newest point of a panel's series.
func newestPoint(panel queryfrontend.PanelAnswer) (newest int64, found bool) {
	for _, s := range panel.Series {
		for _, p := range s.GetPoints() {
			newest, found = max(newest, p.GetTimestamp()), true
		}
	}
	return newest, found
}

// wider offers a range around another one in which there are profiles, if there are
// any at all.
func wider(from, to time.Time, step time.Duration) string {
	around := 2 * step
	return "Choose a wider range, such as " + from.Add(-around).UTC().Format(time.RFC3339) + " to " + to.Add(around).UTC().Format(time.RFC3339) + "."
}
