#!/usr/bin/env bash
# grafana-plugin-sdk-go: LongToWide keeps the last of several rows with the same time and labels, and says nothing
#
# Guess:    a long frame with two rows for one time and one set of labels is ambiguous, so it is refused like an unsorted frame, or the values
#           are added. A column of numbers that identifies something (a shard, a status) makes series of its own, as a column of strings.
# Really:   github.com/grafana/grafana-plugin-sdk-go v0.298.0, seen on 2026-11-27: of the values 1 and 10 of the same second 10 is left, there is no error
#           and no notice. Unsorted times *are* refused. Only strings and booleans are dimensions: with a shard as an integer, shards 1 and 2 of one
#           second become one row, in which each value column has the last one's, and "shard" is a value of the series.
# Why care: a data source that answers in the long form (rows of a query for series by label) leans on this conversion, and so does alerting
#           before it reduces. A label dropped on the way (two pods that differ in it alone) makes sums too small by whole pods,
#           on the panel and in the alert. Aggregate before, and make every dimension a string.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > go.mod <<'MOD'
module finding
go 1.26.0
require github.com/grafana/grafana-plugin-sdk-go v0.298.0
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

func at(seconds ...int64) []time.Time {
	out := make([]time.Time, len(seconds))
	for i, s := range seconds {
		out[i] = time.Unix(s, 0).UTC()
	}
	return out
}

func show(name string, fields ...*data.Field) {
	wide, err := data.LongToWide(data.NewFrame("long", fields...), nil)
	if err != nil {
		fmt.Printf("%s: error\n", name)
		return
	}
	fmt.Printf("%s: no error, notices %t, %d row(s)\n", name, wide.Meta != nil && len(wide.Meta.Notices) > 0, wide.Rows())
	for _, field := range wide.Fields[1:] {
		for row := range field.Len() {
			value, _ := field.ConcreteAt(row)
			fmt.Printf("  %s{%s} second %d: %v\n", field.Name, field.Labels, wide.Fields[0].At(row).(time.Time).Unix(), value)
		}
	}
}

func main() {
	show("equal rows", data.NewField("time", nil, at(1, 1, 2)), data.NewField("service", nil, []string{"a", "a", "a"}),
		data.NewField("cpu", nil, []float64{1, 10, 3}))
	show("unsorted", data.NewField("time", nil, at(2, 1)), data.NewField("service", nil, []string{"a", "a"}),
		data.NewField("cpu", nil, []float64{1, 2}))
	show("shard is a string", data.NewField("time", nil, at(1, 1)), data.NewField("service", nil, []string{"a", "a"}),
		data.NewField("shard", nil, []string{"1", "2"}), data.NewField("cpu", nil, []float64{4, 5}))
	show("shard is a number", data.NewField("time", nil, at(1, 1)), data.NewField("service", nil, []string{"a", "a"}),
		data.NewField("shard", nil, []int64{1, 2}), data.NewField("cpu", nil, []float64{4, 5}))
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
equal rows: no error, notices false, 2 row(s)
  cpu{service=a} second 1: 10
  cpu{service=a} second 2: 3
unsorted: error
shard is a string: no error, notices false, 1 row(s)
  cpu{service=a, shard=1} second 1: 4
  cpu{service=a, shard=2} second 1: 5
shard is a number: no error, notices false, 1 row(s)
  cpu{service=a} second 1: 5
  shard{service=a} second 1: 2
WANT
