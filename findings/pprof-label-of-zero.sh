#!/usr/bin/env bash
# google/pprof: a numeric label of 0 and a string label of "" are gone after a profile was written and read
#
# Guess:    a label is a key and a value; what is written is read, and 0 is a number like others. "cpu: 0" is as good as "cpu: 1".
# Really:   github.com/google/pprof v0.0.0-20261016150608-1facf8f91b50, seen on 2026-11-27: three samples with the numeric labels cpu=0, 1, 2
#           are written; the bytes hold all three (read with the raw message of github.com/grafana/pyroscope/api v1.6.0), but
#           profile.Parse gives the first sample no label at all. A string label of "" goes the same way. The reader takes "no string and
#           no number" for "no label". A unit on the number (NumUnit) saves it.
# Why care: labels such as cpu, numa node, thread, queue, shard or retry count start at 0, and agents write them as numbers. Whoever groups or filters
#           with tools on this library finds the samples of CPU 0 among those without a label, and the same profile in a
#           reader of the raw message has them. Give numeric labels a unit, or make them strings.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > go.mod <<'MOD'
module finding
go 1.26.0
require (
	github.com/google/pprof v0.0.0-20261016150608-1facf8f91b50
	github.com/grafana/pyroscope/api v1.6.0
	google.golang.org/protobuf v1.36.12
)
MOD
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"

	"github.com/google/pprof/profile"
	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	"google.golang.org/protobuf/proto"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	work := &profile.Function{ID: 1, Name: "work"}
	at := &profile.Location{ID: 1, Line: []profile.Line{{Function: work}}}
	written := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Function:   []*profile.Function{work},
		Location:   []*profile.Location{at},
	}
	for cpu := range int64(3) {
		written.Sample = append(written.Sample, &profile.Sample{
			Location: []*profile.Location{at}, Value: []int64{10 + cpu},
			NumLabel: map[string][]int64{"cpu": {cpu}},
		})
	}
	written.Sample = append(written.Sample,
		&profile.Sample{
			Location: []*profile.Location{at}, Value: []int64{20},
			NumLabel: map[string][]int64{"cpu": {0}}, NumUnit: map[string][]string{"cpu": {"index"}},
		},
		&profile.Sample{
			Location: []*profile.Location{at}, Value: []int64{30},
			Label: map[string][]string{"zone": {""}},
		})
	must(written.CheckValid())
	var buffer bytes.Buffer
	must(written.WriteUncompressed(&buffer))

	var raw googlev1.Profile
	must(proto.Unmarshal(buffer.Bytes(), &raw))
	read, err := profile.ParseData(buffer.Bytes())
	must(err)
	for i, sample := range read.Sample {
		label := raw.Sample[i].Label[0]
		fmt.Printf("value %d: bytes hold %s str=%q num=%d unit=%q; profile.Parse gives %v %v\n", sample.Value[0], raw.StringTable[label.Key],
			raw.StringTable[label.Str], label.Num, raw.StringTable[label.NumUnit], sample.NumLabel, sample.Label)
	}
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
value 10: bytes hold cpu str="" num=0 unit=""; profile.Parse gives map[] map[]
value 11: bytes hold cpu str="" num=1 unit=""; profile.Parse gives map[cpu:[1]] map[]
value 12: bytes hold cpu str="" num=2 unit=""; profile.Parse gives map[cpu:[2]] map[]
value 20: bytes hold cpu str="" num=0 unit="index"; profile.Parse gives map[cpu:[0]] map[]
value 30: bytes hold zone str="" num=0 unit=""; profile.Parse gives map[] map[]
WANT
