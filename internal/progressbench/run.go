package progressbench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// The goals, as parts of what a query takes that is answered at once.
const (
	goalFirst  = 0.10
	goalWhole  = 1.10
	goalCancel = 100 * time.Millisecond
)

// Takes is how long a query takes that is answered at once, of profiles that are there so many Times.
const (
	Takes = 10 * time.Second
	Times = 150
)

// Run measures everything and prints one table. It takes about six times as long as a query does.
func Run(w io.Writer, takes time.Duration) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(cells ...any) {
		for _, cell := range cells {
			// A tabwriter tells what went wrong at its Flush.
			_, _ = fmt.Fprint(table, cell, "\t")
		}
		_, _ = fmt.Fprintln(table)
	}
	row("LONG QUERIES", "AT ONCE", "FIRST PICTURE", "RATIO", "GOAL", "", "WHOLE", "RATIO", "GOAL", "", "PICTURES", "REQUESTS", "ENDED WITHIN", "GOAL", "")
	for _, kind := range []string{"profile", "metrics"} {
		c, err := measure(kind, takes, Times)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		first, whole := ratio(c.first, c.atOnce), ratio(c.whole, c.atOnce)
		row(kind, round(c.atOnce), round(c.first), fmt.Sprintf("%.2f", first), fmt.Sprintf("<= %.2f", goalFirst), verdict(first <= goalFirst),
			round(c.whole), fmt.Sprintf("%.2f", whole), fmt.Sprintf("<= %.2f", goalWhole), verdict(whole <= goalWhole),
			c.pictures, c.requests, round(c.cancel), fmt.Sprintf("<= %s", goalCancel), verdict(c.cancel <= goalCancel))
	}
	return table.Flush()
}

func ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

func round(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(100 * time.Microsecond)
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}

// A cost is what one kind of query took.
type cost struct {
	// atOnce is the answer to one request; first and whole are the first picture and the answer of a run.
	atOnce, first, whole time.Duration
	// pictures and requests are those of the run; requests go to the query-backends.
	pictures int
	requests int64
	// cancel is how long the query-backends worked on after the reader had left.
	cancel time.Duration
}

func measure(kind string, takes time.Duration, times int) (c cost, err error) {
	s, err := start(kind, takes, times)
	if err != nil {
		return c, err
	}
	defer s.close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*takes)
	defer cancel()

	began := time.Now()
	if _, err := s.ask(ctx, kind, ""); err != nil {
		return c, err
	}
	c.atOnce = time.Since(began)
	if err := s.renew(); err != nil { // nothing is known, and nothing is kept
		return c, err
	}
	before := s.requests()
	began = time.Now()
	for whole := false; !whole; {
		answer, err := s.ask(ctx, kind, "progressbench-1")
		if err != nil {
			return c, err
		}
		whole = !isPart(answer)
		if len(answer.Frames) > 0 && len(answer.Frames[0].Fields) > 0 {
			if c.first == 0 {
				c.first = time.Since(began)
			}
			c.pictures++
		}
	}
	c.whole = time.Since(began)
	c.requests = s.requests() - before

	if err := s.renew(); err != nil {
		return c, err
	}
	leaving, leave := context.WithCancel(ctx)
	left := make(chan error, 1)
	go func() {
		_, err := s.ask(leaving, kind, "progressbench-2")
		left <- err
	}()
	time.Sleep(takes / 20)
	leave()
	began = time.Now()
	for s.inFlight() > 0 && ctx.Err() == nil {
		time.Sleep(100 * time.Microsecond)
	}
	c.cancel = time.Since(began)
	<-left
	return c, nil
}

// isPart tells by a frame's metadata that its answer is not whole.
func isPart(answer backend.DataResponse) bool {
	if len(answer.Frames) == 0 || answer.Frames[0].Meta == nil {
		return false
	}
	custom, err := json.Marshal(answer.Frames[0].Meta.Custom)
	var in struct{ Progress *struct{} }
	return err == nil && json.Unmarshal(custom, &in) == nil && in.Progress != nil
}
