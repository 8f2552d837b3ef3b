// Bench measures the planner against one that plans as the recorded Pyroscope
// query-frontend does, what refreshes fetch, how soon long queries are seen, and how
// often a query is executed, and prints a table of each. docs/performance.md explains them.
package main

import (
	"fmt"
	"os"

	"github.com/pyrofront/pyrofront/internal/execbench"
	"github.com/pyrofront/pyrofront/internal/planbench"
	"github.com/pyrofront/pyrofront/internal/progressbench"
	"github.com/pyrofront/pyrofront/internal/refreshbench"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	if err := planbench.Run(os.Stdout); err != nil {
		return err
	}
	fmt.Println()
	if err := refreshbench.Run(os.Stdout); err != nil {
		return err
	}
	fmt.Println()
	if err := progressbench.Run(os.Stdout, progressbench.Takes); err != nil {
		return err
	}
	fmt.Println()
	return execbench.Run(os.Stdout)
}
