package planbench

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
)

// Run measures everything and prints one table. It is started in the repository,
// whose conformance corpus it reads. It takes some ten seconds.
func Run(w io.Writer) error {
	root, err := repository()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	r := &report{table: table}
	r.row("MEASURE", "OURS", "BASELINE", "RATIO", "GOAL", "")
	for _, measure := range []func(*report) error{
		func(r *report) error { return r.corpus(filepath.Join(root, "pkg/queryfrontend/testdata/conformance")) },
		(*report).planning,
		(*report).wire,
		(*report).makespan,
	} {
		if err := measure(r); err != nil {
			return err
		}
	}
	return table.Flush()
}

// repository finds the repository's root, upwards from where the process is.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("planbench: not within the repository: there is no go.mod above")
		}
		dir = filepath.Dir(dir)
	}
}

type report struct {
	table io.Writer
}

func (r *report) row(measure, ours, baseline, ratio, goal, verdict string) {
	// A tabwriter tells what went wrong at its Flush.
	_, _ = fmt.Fprintf(r.table, "%s\t%s\t%s\t%s\t%s\t%s\n", measure, ours, baseline, ratio, goal, verdict)
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
func (r *report) corpus(dir string) error {
	store, cases, err := LoadCorpus(dir)
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
