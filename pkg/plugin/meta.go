package plugin

import (
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// planLines is how much of a plan the query inspector shows, and explainedLeaves
// how large a plan may be to be shown there at all: explaining costs as much as
// planning. The whole of it is a query of the type plan.
const (
	planLines       = 40
	explainedLeaves = 200
)

// meta is what Grafana shows beside a target's data: what was really asked, what
// it cost, and what the user should know of it.
func (t *target) meta(conversion time.Duration) frame.Meta {
	var queries []string
	for _, panel := range t.panels {
		t.noticeScope(panel.Scope)
		queries = append(queries, executedQuery(panel.Scope))
	}
	for answer := range t.answers() {
		if !t.forExpressions {
			queries = append(queries, planText(answer))
		}
	}
	t.noticeSymbols()
	return frame.Meta{
		ExecutedQueryString: strings.Join(queries, "\n"),
		Notices:             t.notices,
		Stats:               append(append(t.stats(), t.symbolStats()...), frame.Stat("Conversion time", "ms", milli(conversion))),
	}
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
	if summary := answer.Summary; summary.Leaves > explainedLeaves {
		return fmt.Sprintf("plan: %d leaves in %d levels, %d merges, %d blocks: a query of the type plan shows it", summary.Leaves, summary.Depth, summary.Merges, summary.Blocks)
	}
	diagnostics := answer.Diagnostics
	if diagnostics.GetExecutionNode().GetExecutor() == "" {
		diagnostics = nil // they tell the bytes only, which are among the stats
	}
	lines := strings.Split(strings.TrimSpace(answer.Plan.Explain(diagnostics).Text()), "\n")[1:]
	if len(lines) > planLines {
		lines = append(lines[:planLines], fmt.Sprintf("… %d more lines: a query of the type plan shows all", len(lines)-planLines))
	}
	return strings.Join(lines, "\n")
}

func executedQuery(scope queryfrontend.Scope) string {
	query := fmt.Sprintf("%s from %s to %s", scope.Selector, formatTime(scope.Start), formatTime(scope.End))
	if scope.Step > 0 {
		query += fmt.Sprintf(" step %s", time.Duration(scope.Step)*time.Millisecond)
	}
	return query + fmt.Sprintf(" tenants %s", strings.Join(scope.Tenants, ", "))
}

func formatTime(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

// stats adds up what a target's answers cost. Times are those of the slowest
// answer, since answers are waited for together.
func (t *target) stats() []data.QueryStat {
	var (
		leaves, merges               int
		blocks, dataSets             int
		estimated, fetched           uint64
		queue, metadata, plan, query time.Duration
	)
	for answer := range t.answers() {
		summary := answer.Summary
		leaves, merges = leaves+summary.Leaves, merges+summary.Merges
		blocks, dataSets = blocks+summary.Blocks, dataSets+summary.DataSets
		estimated, fetched = estimated+summary.Bytes, fetched+answer.BytesFetched()
		queue = max(queue, answer.Stats.Queue)
		metadata = max(metadata, answer.Stats.Metadata)
		plan = max(plan, answer.Stats.Planning)
		query = max(query, answer.Stats.Execution)
	}
	return []data.QueryStat{
		frame.Stat("Plan leaves", "short", float64(leaves)),
		frame.Stat("Plan merges", "short", float64(merges)),
		frame.Stat("Blocks", "short", float64(blocks)),
		frame.Stat("Data sets", "short", float64(dataSets)),
		frame.Stat("Bytes estimated", "bytes", float64(estimated)),
		frame.Stat("Bytes fetched", "bytes", float64(fetched)),
		frame.Stat("Queue time", "ms", milli(queue)),
		frame.Stat("Metadata time", "ms", milli(metadata)),
		frame.Stat("Planning time", "ms", milli(plan)),
		frame.Stat("Execution time", "ms", milli(query)),
	}
}

func milli(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
