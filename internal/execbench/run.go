package execbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"
)

// Cases are all rows of the table.
func Cases() (cases []Case) {
	for _, backends := range []int{1, 3, 10} {
		for _, takes := range []time.Duration{10 * time.Millisecond, 300 * time.Millisecond, time.Second, 4 * time.Second, 20 * time.Second} {
			for _, load := range []Load{Alone, Beside, Twice, Refused} {
				cases = append(cases, Case{Backends: backends, Takes: takes, Load: load})
			}
		}
	}
	return cases
}

// Run runs all cases side by side, since they do little but wait, and prints one table of what a query cost on average. It
// takes a minute and a half.
func Run(w io.Writer) error {
	cases := Cases()
	results := make([]Result, len(cases))
	errs := make([]error, len(cases))
	var running sync.WaitGroup
	for i, c := range cases {
		// The quick ones do more than wait: they come one after the other, before.
		if c.Takes < 100*time.Millisecond {
			results[i], errs[i] = c.Run(context.Background())
			continue
		}
		running.Go(func() { results[i], errs[i] = c.Run(context.Background()) })
	}
	running.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(cells ...any) {
		// A tabwriter tells what went wrong at its Flush.
		_, _ = fmt.Fprintf(table, "%v\t%v\t%v\t%v\t%v\t%v\t%v\t\n", cells...)
	}
	line("QUERY-BACKENDS", "TAKE", "LOAD", "EXECUTED (BEFORE)", "SENT (BEFORE)", "FAILED (BEFORE)", "GOAL")
	for i, c := range cases {
		r, b := results[i], before[c]
		line(c.Backends, c.Takes, c.Load,
			fmt.Sprintf("%s (%s)", perQuery(r.Executed, r.Queries), b.executed),
			fmt.Sprintf("%s (%s)", perQuery(r.Sent, r.Queries), b.sent),
			fmt.Sprintf("%d (%d)", r.Failed, b.failed),
			verdict(c, r))
	}
	return table.Flush()
}

func perQuery(n, queries int64) string { return fmt.Sprintf("%.2f", float64(n)/float64(queries)) }

// verdict holds a row against its goal: executed once; where the cluster turns queries away, sent 1.1 times at most.
func verdict(c Case, r Result) string {
	met := r.Executed == r.Queries && r.Failed == 0
	if c.Load == Twice || c.Load == Refused {
		met = met && float64(r.Sent) <= 1.1*float64(r.Queries)
	}
	if met {
		return "met"
	}
	return "MISSED"
}
