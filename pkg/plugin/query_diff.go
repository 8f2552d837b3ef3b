package plugin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// changedFunctionsLimit is how many functions are listed where a query names no
// limit.
const changedFunctionsLimit = 100

// diff asks for a flame graph of a baseline against the query, and a table of the
// functions that changed most.
func (d *Datasource) diff(t *target) error {
	selector, timeRange, err := t.model.baseline(t.query.TimeRange)
	if err != nil {
		return err
	}
	limit, err := t.model.functionLimit(changedFunctionsLimit)
	if err != nil {
		return err
	}
	// The table is made of trees that are as large as the data source allows: a
	// function that one side has cut off would seem to be gone. The flame graph is
	// cut afterwards.
	shown := d.settings.frontend.Limits.MaxNodesDefault
	if t.model.MaxNodes != nil && *t.model.MaxNodes > 0 {
		shown = *t.model.MaxNodes
	}
	whole := max(shown, d.settings.frontend.Limits.MaxNodesMax)
	if t.model.MaxNodes != nil && *t.model.MaxNodes < 0 {
		whole = *t.model.MaxNodes // is refused
	}
	baseline, now := t.treeRequest(selector, timeRange), t.treeRequest(t.model.LabelSelector, t.query.TimeRange)
	baseline.MaxNodes, now.MaxNodes = &whole, &whole
	t.requests = []queryfrontend.PanelRequest{{Tree: baseline}, {Tree: now}}
	t.render = func(ctx context.Context, panels []queryfrontend.PanelAnswer) (data.Frames, error) {
		baseline, now := panels[0], panels[1]
		if err := takeTrees(ctx, baseline.Tree, now.Tree); err != nil {
			return nil, err
		}
		left, right := &baseline.Tree.Tree, &now.Tree.Tree
		tree, err := profile.NewDiffTree(left, right, shown)
		if err != nil {
			return nil, malformedTree(err)
		}
		t.noticeSide("the baseline", baseline)
		t.noticeSide("the query", now)
		t.noticeEmptySides(
			diffSide{selector, timeRange, left.Total()},
			diffSide{t.model.LabelSelector, t.query.TimeRange, right.Total()},
		)
		changes := slices.DeleteFunc(profile.DiffFunctions(left, right), func(f profile.FunctionDiff) bool { return f.Name == otherFunctions })
		table := frame.ChangedFunctions(changes, left.Total(), right.Total(), t.profileType, limit)
		frame.LinkFunctions(table, d.uid, t.selection())
		frame.LinkDifference(table, d.uid, t.selection(), t.model.Diff)
		return data.Frames{frame.Diff(tree, t.profileType), table}, nil
	}
	return nil
}

// baseline is what a diff compares with: its selector and its range.
func (m queryModel) baseline(timeRange backend.TimeRange) (string, backend.TimeRange, error) {
	if m.Diff == nil || *m.Diff == (diffBaseline{}) {
		return "", timeRange, invalidQuery("diff", errors.New("the baseline is missing: give a labelSelector, a timeShift such as 24h, or from and to"))
	}
	selector := m.LabelSelector
	if m.Diff.LabelSelector != "" {
		selector = m.Diff.LabelSelector
	}
	fixed := m.Diff.From != "" || m.Diff.To != ""
	switch {
	case fixed && m.Diff.TimeShift != "":
		return "", timeRange, invalidQuery("diff", errors.New("timeShift and a fixed range (from, to) exclude each other"))
	case fixed:
		fixedRange, err := m.Diff.fixedRange(timeRange.To)
		return selector, fixedRange, err
	case m.Diff.TimeShift != "":
		shift, err := parseDuration(m.Diff.TimeShift)
		if err != nil || shift <= 0 {
			return "", timeRange, invalidQuery("diff.timeShift", fmt.Errorf("%q is not a duration such as 1h, 1d or 1w, of a hundred years at most", m.Diff.TimeShift))
		}
		return selector, backend.TimeRange{From: timeRange.From.Add(-shift), To: timeRange.To.Add(-shift)}, nil
	}
	return selector, timeRange, nil
}

// fixedRange reads Grafana's times: Unix milliseconds, RFC 3339, or relative to
// the end of the query such as now-1d.
func (b *diffBaseline) fixedRange(now time.Time) (backend.TimeRange, error) {
	if b.From == "" || b.To == "" {
		return backend.TimeRange{}, invalidQuery("diff", errors.New("a fixed range needs both from and to"))
	}
	parsed := gtime.TimeRange{From: b.From, To: b.To, Now: now}
	from, err := parsed.ParseFrom()
	if err != nil || !sensible(from) {
		return backend.TimeRange{}, invalidQuery("diff.from", fmt.Errorf("%q is not a time: use Unix milliseconds, RFC 3339, or now-1d, after 1970", b.From))
	}
	to, err := parsed.ParseTo()
	if err != nil || !sensible(to) {
		return backend.TimeRange{}, invalidQuery("diff.to", fmt.Errorf("%q is not a time: use Unix milliseconds, RFC 3339, or now-1d, after 1970", b.To))
	}
	return backend.TimeRange{From: from, To: to}, nil
}

// sensible tells the times that profiles can have from those that are a slip of the
// pen, or wrap around in milliseconds.
func sensible(t time.Time) bool { return t.Year() >= 1970 && t.Year() < 10_000 }
