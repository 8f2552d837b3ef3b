#!/usr/bin/env bash
# google/pprof: merging the profiles of three servers of the same ten seconds gives a profile of thirty
#
# Guess:    profile.Merge keeps the time that the profiles cover: three servers, each profiled from 12:00:00 to 12:00:10, merge to a profile of 10 s,
#           and total CPU / duration is the number of cores that the fleet used.
# Really:   github.com/google/pprof v0.0.0-20261016150608-1facf8f91b50, seen on 2026-11-27: durations are added, whether the profiles follow
#           each other or run side by side; the start is the earliest. Three servers with 4 busy cores each merge to "Duration 30s, 120 s
#           of CPU", which is 4 cores and not 12. A profile of a day later does the same: 20 s long, though it spans a day. A Period of 5 ms
#           against 10 ms is not refused; the larger stays, though the counts mean different times.
# Why care: "Duration" and the percentage in `go tool pprof`'s head come from this field, and so do rates in tools that divide by it. For a
#           fleet it is a mean per server, for one server it is a rate: the file does not say which. Divide by the query's range, not by
#           a merged profile's duration.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > go.mod <<'MOD'
module finding
go 1.26.0
require github.com/google/pprof v0.0.0-20261016150608-1facf8f91b50
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/google/pprof/profile"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// busy is what a server with four busy cores records in ten seconds.
func busy(start time.Time, period time.Duration) *profile.Profile {
	work := &profile.Function{ID: 1, Name: "work"}
	at := &profile.Location{ID: 1, Line: []profile.Line{{Function: work}}}
	cpu := 4 * 10 * time.Second
	return &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: int64(period),
		TimeNanos: start.UnixNano(), DurationNanos: int64(10 * time.Second),
		Function: []*profile.Function{work}, Location: []*profile.Location{at},
		Sample: []*profile.Sample{{Location: []*profile.Location{at}, Value: []int64{int64(cpu / period), int64(cpu)}}},
	}
}

func show(name string, profiles ...*profile.Profile) {
	merged, err := profile.Merge(profiles)
	if err != nil {
		panic(err)
	}
	cpu, duration := time.Duration(merged.Sample[0].Value[1]), time.Duration(merged.DurationNanos)
	fmt.Printf("%s: start %s duration %v cpu %v cpu/duration %.0f samples %d period %v\n", name,
		time.Unix(0, merged.TimeNanos).UTC().Format("2 15:04:05"), duration, cpu, cpu.Seconds()/duration.Seconds(),
		merged.Sample[0].Value[0], time.Duration(merged.Period))
}

func main() {
	const ten = 10 * time.Millisecond
	show("one server", busy(noon, ten))
	show("three servers, same ten seconds", busy(noon, ten), busy(noon, ten), busy(noon, ten))
	show("one server, today and tomorrow", busy(noon.AddDate(0, 0, 1), ten), busy(noon, ten))
	show("two servers, periods 10 and 5 ms", busy(noon, ten), busy(noon, ten/2))
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
one server: start 27 12:00:00 duration 10s cpu 40s cpu/duration 4 samples 4000 period 10ms
three servers, same ten seconds: start 27 12:00:00 duration 30s cpu 2m0s cpu/duration 4 samples 12000 period 10ms
one server, today and tomorrow: start 27 12:00:00 duration 20s cpu 1m20s cpu/duration 4 samples 8000 period 10ms
two servers, periods 10 and 5 ms: start 27 12:00:00 duration 20s cpu 1m20s cpu/duration 4 samples 12000 period 10ms
WANT
