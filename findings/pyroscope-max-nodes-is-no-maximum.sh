#!/usr/bin/env bash
# Pyroscope: a flame graph of at most 100 nodes can have any number of them
#
# Guess:    maxNodes (max-nodes in the render API, a limit of each tenant as well) is the most nodes that an answer has: the smallest are merged into "other".
# Really:   github.com/grafana/pyroscope v1.21.0 (pkg/model: NewFlameGraph, Tree.Bytes), seen on 2026-11-27: the value of the hundredth node is looked up, and
#           only what is smaller than that is merged. Nodes of equal value stay, all of them: 1,000 goroutines in functions of their own are drawn as
#           1,002 nodes where 100 were asked for, and so they are if 50 of them are larger. With values that differ it is 100, "other" and "total".
# Why care: goroutine, block and exception profiles, and short ranges of CPU profiles with few samples, are full of nodes that were seen once: there the limit
#           bounds neither an answer's size nor what a browser has to draw, and a query-backend's message may be too large in spite of it.
#           Pyrofront answers the same where it can, and cuts among equals where a tree would take too much memory (pkg/profile/cut.go).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > go.mod <<'MOD'
module example.org/finding

go 1.26.0

require (
	github.com/grafana/pyroscope v1.21.0
	github.com/grafana/pyroscope/api v1.6.0
)

// What is used here needs no newer one; not every module proxy has those.
replace github.com/grafana/dskit => github.com/grafana/dskit v0.0.0-20250908063411-6b6da59b5cc4
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/grafana/pyroscope/pkg/model"
)

const maxNodes = 100

func main() {
	for _, profile := range []struct {
		name  string
		value func(i int) int64
	}{
		{"1,000 functions of 1 to 1,000", func(i int) int64 { return int64(i + 1) }},
		{"1,000 functions of 1", func(int) int64 { return 1 }},
		{"50 functions of 10, 950 of 1", func(i int) int64 { return map[bool]int64{true: 10, false: 1}[i < 50] }},
	} {
		tree := new(model.FunctionNameTree)
		for i := range 1000 {
			tree.InsertStack(profile.value(i), "main", model.FunctionName(fmt.Sprintf("work%d", i)))
		}
		drawn := 0
		for _, level := range model.NewFlameGraph(tree, maxNodes).Levels {
			drawn += len(level.Values) / 4 // offset, total, self, name
		}
		sent := 0
		model.MustUnmarshalTree[model.FunctionName, model.FunctionNameI](tree.Bytes(maxNodes, nil)).
			IterateStacks(func(model.FunctionName, int64, []model.FunctionName) { sent++ })
		fmt.Printf("%-30s max nodes %d: drawn %d, sent %d\n", profile.name, maxNodes, drawn, sent)
	}
}
GO
GOFLAGS=-mod=mod go run . 2>go.log >seen || { cat go.log; exit 1; }
cat seen
diff -u --label expected --label seen - seen <<'WANT'
1,000 functions of 1 to 1,000  max nodes 100: drawn 102, sent 100
1,000 functions of 1           max nodes 100: drawn 1002, sent 1000
50 functions of 10, 950 of 1   max nodes 100: drawn 1002, sent 1000
WANT
