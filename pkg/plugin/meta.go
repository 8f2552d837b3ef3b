package plugin

import (
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// meta is what Grafana shows beside a target's data: what was really asked, what
// it cost, and what the user should know of it.
func (t *target) meta() frame.Meta {
	var m frame.Meta
	var queries []string
	for _, panel := range t.panels {
		queries = append(queries, executedQuery(panel.Scope))
		if panel.Scope.Clamped {
			m.Notices = append(m.Notices, data.Notice{
				Severity: data.NoticeSeverityInfo,
				Text: fmt.Sprintf("The range begins at %s: the data source's limit maxQueryLookback cuts off what lies before.",
					formatTime(panel.Scope.Start)),
			})
		}
	}
	m.ExecutedQueryString = strings.Join(queries, "\n")
	m.Stats = t.stats()
	return m
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
		seen                  = make(map[*queryfrontend.Answer]bool)
		leaves, merges        int
		blocks, dataSets      int
		estimated, fetched    uint64
		metadata, plan, query time.Duration
	)
	for _, panel := range t.panels {
		for _, answer := range panel.Answers {
			if seen[answer] {
				continue
			}
			seen[answer] = true
			summary := answer.Plan.Summary()
			leaves, merges = leaves+summary.Leaves, merges+summary.Merges
			blocks, dataSets = blocks+summary.Blocks, dataSets+summary.DataSets
			estimated, fetched = estimated+summary.Bytes, fetched+answer.BytesFetched()
			metadata = max(metadata, answer.Stats.Metadata)
			plan = max(plan, answer.Stats.Planning)
			query = max(query, answer.Stats.Execution)
		}
	}
	return []data.QueryStat{
		frame.Stat("Plan leaves", "short", float64(leaves)),
		frame.Stat("Plan merges", "short", float64(merges)),
		frame.Stat("Blocks", "short", float64(blocks)),
		frame.Stat("Data sets", "short", float64(dataSets)),
		frame.Stat("Bytes estimated", "bytes", float64(estimated)),
		frame.Stat("Bytes fetched", "bytes", float64(fetched)),
		frame.Stat("Metadata time", "ms", milli(metadata)),
		frame.Stat("Planning time", "ms", milli(plan)),
		frame.Stat("Execution time", "ms", milli(query)),
	}
}

func milli(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
