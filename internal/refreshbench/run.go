package refreshbench

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Run measures everything and prints two tables. It takes some seconds.
func Run(w io.Writer) error {
	if err := runQueries(w); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return runFunctions(w)
}

// newTable is a table, and what adds a row to it.
func newTable(w io.Writer) (table *tabwriter.Writer, row func(cells ...string)) {
	table = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	return table, func(cells ...string) {
		for _, cell := range cells {
			// A tabwriter tells what went wrong at its Flush.
			_, _ = fmt.Fprint(table, cell, "\t")
		}
		_, _ = fmt.Fprintln(table)
	}
}

func runQueries(w io.Writer) error {
	table, row := newTable(w)
	row("60 REFRESHES", "FETCHED", "BEFORE", "RATIO", "LEAST", "GOAL", "", "REQUESTS", "GOAL", "")
	var all Cost
	for _, group := range groups() {
		var sum Cost
		for _, s := range group.scenarios {
			cost, err := s.Measure()
			if err != nil {
				return err
			}
			row(s.Name, megabytes(cost.Fetched), megabytes(cost.Before), ratio(cost.Fetched, cost.Before), ratio(cost.Least, cost.Before), "", "", requests(cost), "", "")
			sum = sum.plus(cost)
		}
		row(group.name, megabytes(sum.Fetched), megabytes(sum.Before), ratio(sum.Fetched, sum.Before), ratio(sum.Least, sum.Before), goal(group.goal), met(sum, group.goal),
			requests(sum), fmt.Sprintf("<= %.2f", maxRequests), verdict(float64(sum.Requests) <= maxRequests*float64(sum.RequestsBefore)))
		all = all.plus(sum)
	}
	row("over all", megabytes(all.Fetched), megabytes(all.Before), ratio(all.Fetched, all.Before), ratio(all.Least, all.Before), goal(goalOverAll), met(all, goalOverAll),
		requests(all), fmt.Sprintf("<= %.2f", maxRequests), verdict(float64(all.Requests) <= maxRequests*float64(all.RequestsBefore)))
	return table.Flush()
}

// The goals: what is fetched against what all refreshes fetched before, and how many
// requests to query-backends may take the place of one.
const (
	goalOverAll = 0.30
	maxRequests = 2.0
)

// A group of scenarios has a goal for their sum; 0 is none.
type group struct {
	name      string
	goal      float64
	scenarios []Scenario
}

func groups() []group {
	both := func(name string, length, every, step time.Duration) []Scenario {
		return []Scenario{
			{Name: name + ": flame graph, top functions", Length: length, Every: every},
			{Name: name + ": series", Length: length, Every: every, Step: step},
		}
	}
	return []group{
		{"1 h every 30 s", 0.40, both("1 h every 30 s", time.Hour, 30*time.Second, 15*time.Second)},
		{"6 h every minute", 0, both("6 h every minute", 6*time.Hour, time.Minute, 30*time.Second)},
		{"24 h every 5 minutes", 0.12, both("24 h every 5 minutes", 24*time.Hour, 5*time.Minute, 2*time.Minute)},
		{"a rule: 10 minutes every minute", 0, both("a rule: 10 minutes every minute", 10*time.Minute, time.Minute, 15*time.Second)},
	}
}

func goal(limit float64) string {
	if limit == 0 {
		return ""
	}
	return fmt.Sprintf("<= %.2f", limit)
}

func met(c Cost, limit float64) string {
	if limit == 0 {
		return ""
	}
	return verdict(float64(c.Fetched) <= limit*float64(c.Before))
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}

func ratio(a, b uint64) string { return fmt.Sprintf("%.3f", float64(a)/float64(b)) }

func requests(c Cost) string { return fmt.Sprintf("%d for %d", c.Requests, c.RequestsBefore) }

func megabytes(n uint64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }

// runFunctions prints what series of functions take: the first time, against one flame
// graph of the range, and over all refreshes.
func runFunctions(w io.Writer) error {
	table, row := newTable(w)
	row("60 REFRESHES OF FUNCTIONS", "FIRST", "GRAPHS", "FETCHED", "BEFORE", "RATIO", "LEAST", "GOAL", "", "REQUESTS")
	for _, s := range functionScenarios() {
		cost, err := s.Measure()
		if err != nil {
			return err
		}
		row(s.Name, megabytes(cost.FirstFetched), ratio(cost.FirstFetched, cost.FirstGraph), megabytes(cost.Fetched), megabytes(cost.Before),
			ratio(cost.Fetched, cost.Before), ratio(cost.Least, cost.Before), goal(s.Goal), met(cost.Cost, s.Goal), requests(cost.Cost))
	}
	return table.Flush()
}

// goalFunctions is what refreshes of a series of functions may fetch, of what they fetched
// before.
const goalFunctions = 0.15

// functionScenarios are dashboards and a rule, whose range is so young that nearly all of it
// is compacted once more while it is in it: no cache of datasets could meet the goal there.
func functionScenarios() []FunctionScenario {
	return []FunctionScenario{
		{"1 h every 30 s, 30 steps", time.Hour, 30 * time.Second, 2 * time.Minute, goalFunctions},
		{"24 h every 5 minutes, 30 steps", 24 * time.Hour, 5 * time.Minute, 48 * time.Minute, goalFunctions},
		{"a rule: 10 minutes every minute, 10 steps", 10 * time.Minute, time.Minute, time.Minute, 0},
	}
}
