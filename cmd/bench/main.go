// Bench measures the planner against one that plans as the recorded Pyroscope
// query-frontend does, and prints one table. docs/performance.md explains it.
package main

import (
	"fmt"
	"os"

	"github.com/pyrofront/pyrofront/pkg/queryplan/planbench"
)

func main() {
	if err := planbench.Run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
