package plugin

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

const (
	// planLines is how much of a plan the query inspector shows. The whole of it is a
	// query of the type plan.
	planLines = 40
	// maxSelectorText and maxQueryText bound what is shown of a selector, and of all.
	maxSelectorText = 2 << 10
	maxQueryText    = 16 << 10
)

// meta is what Grafana shows beside a target's data: what was really asked, what
// it cost, and what the user should know of it.
func (t *target) meta(conversion time.Duration) frame.Meta {
	var queries []string
	for _, scope := range t.scopes() {
		t.noticeScope(scope)
		queries = append(queries, executedQuery(scope))
	}
	t.noticeMissing()
	for answer := range t.answers() {
		if !t.forExpressions && !t.stepped {
			queries = append(queries, planText(answer))
		}
	}
	t.noticeSymbols()
	return frame.Meta{
		ExecutedQueryString: cut(strings.Join(queries, "\n"), maxQueryText),
		Notices:             t.notices,
		Stats:               append(append(t.stats(), t.symbolStats()...), frame.Stat("Conversion time", "ms", milli(conversion))),
	}
}

// scopes are what was read: of a query that is asked in steps, all of them as one.
func (t *target) scopes() []queryfrontend.Scope {
	var scopes []queryfrontend.Scope
	for _, panel := range t.panels {
		scopes = append(scopes, panel.Scope)
	}
	if t.stepped && len(scopes) > 0 {
		one := scopes[0]
		one.End, one.Step = scopes[len(scopes)-1].End, t.steps.Width.Milliseconds()
		one.Clamped, one.Cut = t.steps.Clamped, t.steps.Cut
		return []queryfrontend.Scope{one}
	}
	return scopes
}

// answers are those of all panels, each once.
func (t *target) answers() iter.Seq[*queryfrontend.Answer] {
	return func(yield func(*queryfrontend.Answer) bool) {
		seen := make(map[*queryfrontend.Answer]bool)
		for _, panel := range t.panels {
			for _, answer := range panel.Answers {
				if !seen[answer] && !yield(answer) {
					return
				}
				seen[answer] = true
			}
		}
	}
}

// planText is a plan without its first line, which says what executedQuery does.
func planText(answer *queryfrontend.Answer) string {
	if summary := answer.Summary; answer.Plan == nil {
		return fmt.Sprintf("plan: %d leaves in %d levels, %d merges, %d blocks: a query of the type plan shows it", summary.Leaves, summary.Depth, summary.Merges, summary.Blocks)
	}
	lines := strings.Split(strings.TrimSpace(answer.Explain().Text()), "\n")[1:]
	if len(lines) > planLines {
		lines = append(lines[:planLines], fmt.Sprintf("… %d more lines: a query of the type plan shows all", len(lines)-planLines))
	}
	return strings.Join(lines, "\n")
}

func executedQuery(scope queryfrontend.Scope) string {
	query := fmt.Sprintf("%s from %s to %s", cut(scope.Selector, maxSelectorText), formatTime(scope.Start), formatTime(scope.End))
	if scope.Step > 0 {
		query += fmt.Sprintf(" step %s", scope.StepWidth())
	}
	return query + fmt.Sprintf(" tenants %s", cut(strings.Join(scope.Tenants, ", "), maxSelectorText))
}

// cut shortens a text that nobody would read to its end, and says by how much.
func cut(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	kept := strings.ToValidUTF8(text[:bytes], "")
	return fmt.Sprintf("%s… (%d more bytes)", kept, len(text)-len(kept))
}

func formatTime(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

// stats adds up what a target's answers cost. Times are those of the slowest
// answer, since answers are waited for together.
func (t *target) stats() []data.QueryStat {
	var (
		leaves, merges               int
		blocks, datasets             int
		estimated, fetched, reused   uint64
		queue, metadata, plan, query time.Duration
		abandoned                    = make(map[transport.Abandoned]int)
	)
	for answer := range t.answers() {
		summary := answer.Summary
		leaves, merges = leaves+summary.Leaves, merges+summary.Merges
		blocks, datasets = blocks+summary.Blocks, datasets+summary.Datasets
		estimated, fetched = estimated+summary.Bytes, fetched+answer.BytesFetched()
		reused += summary.ReusedBytes
		queue = max(queue, answer.Stats.Queue)
		metadata = max(metadata, answer.Stats.Metadata)
		plan = max(plan, answer.Stats.Planning)
		query = max(query, answer.Stats.Execution)
		for what, n := range answer.Stats.Abandoned {
			abandoned[what] += n
		}
	}
	stats := []data.QueryStat{
		frame.Stat("Plan leaves", "short", float64(leaves)),
		frame.Stat("Plan merges", "short", float64(merges)),
		frame.Stat("Blocks", "short", float64(blocks)),
		frame.Stat("Datasets", "short", float64(datasets)),
		frame.Stat("Bytes estimated", "bytes", float64(estimated)),
		frame.Stat("Bytes fetched", "bytes", float64(fetched)),
		frame.Stat("Bytes reused", "bytes", float64(reused)),
		frame.Stat("Queue time", "ms", milli(queue)),
		frame.Stat("Metadata time", "ms", milli(metadata)),
		frame.Stat("Planning time", "ms", milli(plan)),
		frame.Stat("Execution time", "ms", milli(query)),
	}
	return append(stats, abandonedStats(abandoned)...)
}

// abandonedStats tells how many attempts at the cluster were made in vain, and why.
// What they read is not among the bytes fetched.
func abandonedStats(counts map[transport.Abandoned]int) []data.QueryStat {
	total := 0
	var stats []data.QueryStat
	for what, n := range counts {
		total += n
		stats = append(stats, frame.Stat(fmt.Sprintf("Attempts abandoned: %s, %s", what.Service, what.Reason), "short", float64(n)))
	}
	slices.SortFunc(stats, func(a, b data.QueryStat) int { return strings.Compare(a.DisplayName, b.DisplayName) })
	return append([]data.QueryStat{frame.Stat("Attempts abandoned", "short", float64(total))}, stats...)
}

func milli(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
