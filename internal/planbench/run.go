package planbench

import (
	"fmt"
	"io"
)

// Run measures everything and prints one table, each row as soon as it is known. It
// takes some ten seconds.
func Run(w io.Writer) error {
	r := &report{table: w}
	r.row("MEASURE", "OURS", "BASELINE", "RATIO", "GOAL", "")
	for _, measure := range []func(*report) error{
		(*report).corpus,
		(*report).planning,
		(*report).wire,
		(*report).makespan,
	} {
		if err := measure(r); err != nil {
			return err
		}
	}
	return r.err
}

type report struct {
	table io.Writer
	err   error // the first of writing
}

func (r *report) row(measure, ours, baseline, ratio, goal, verdict string) {
	if _, err := fmt.Fprintf(r.table, "%-54s  %14s  %14s  %7s  %8s  %s\n", measure, ours, baseline, ratio, goal, verdict); r.err == nil {
		r.err = err
	}
}

// compare prints a ratio that has a goal. A goal of 0 is none.
func (r *report) compare(measure, ours, baseline string, ratio, goal float64) {
	if goal == 0 {
		r.row(measure, ours, baseline, fmt.Sprintf("%.3f", ratio), "", "")
		return
	}
	r.row(measure, ours, baseline, fmt.Sprintf("%.3f", ratio), fmt.Sprintf("<= %.2f", goal), verdict(ratio <= goal))
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}

// corpus compares what the plans of the corpus' cases fetch.
func (r *report) corpus() error {
	store, cases, err := LoadCorpus()
	if err != nil {
		return err
	}
	compared, err := CompareCorpus(store, cases)
	if err != nil {
		return err
	}
	var ours, baseline Cost
	var worst Comparison
	for _, c := range compared {
		ours, baseline = ours.plus(c.Ours), baseline.plus(c.Baseline)
		if worst.Name == "" || ratio(c.Ours.Bytes, c.Baseline.Bytes) > ratio(worst.Ours.Bytes, worst.Baseline.Bytes) {
			worst = c
		}
	}
	bytes := func(n uint64) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) }
	r.compare("corpus: bytes fetched", bytes(ours.Bytes), bytes(baseline.Bytes), ratio(ours.Bytes, baseline.Bytes), 0.65)
	r.compare("corpus: blocks", fmt.Sprint(ours.Blocks), fmt.Sprint(baseline.Blocks), ratio(ours.Blocks, baseline.Blocks), 0.75)
	r.compare("corpus: worst case, "+worst.Name, bytes(worst.Ours.Bytes), bytes(worst.Baseline.Bytes), ratio(worst.Ours.Bytes, worst.Baseline.Bytes), 1)
	return nil
}
