package profile_test

import (
	"bytes"
	"compress/gzip"
	"runtime"
	"strings"
	"testing"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"google.golang.org/protobuf/proto"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Bounds on what decoding may allocate, all in all: so many times the input, or so much.
const (
	allocationFactor = 50
	allocationFloor  = 64 << 20
)

// decoders read bytes of others, each with what it needs beside them.
var decoders = []func(b []byte){
	func(b []byte) { _, _ = profile.UnmarshalTree(b) },
	func(b []byte) { _, _ = profile.UnmarshalTreeCut(b, 8192) },
	func(b []byte) {
		report := new(queryv1.TreeReport)
		if proto.Unmarshal(b, report) == nil {
			_, _ = unmarshalRefs(report.GetTree(), report.GetSymbolRefs(), 8192)
		}
	},
	func(b []byte) { _, _ = profile.DecodePprof(b, allocationBudget(b)) },
	func(b []byte) {
		report := new(queryv1.HeatmapReport)
		if proto.Unmarshal(b, report) == nil {
			_, _ = profile.Heatmap(report, 0, 86_400_000, 15_000, true)
		}
	},
	func(b []byte) {
		report := new(queryv1.TimeSeriesCompactReport)
		if proto.Unmarshal(b, report) == nil {
			_, _ = profile.ExpandSeries(report)
		}
	},
}

// allocationBudget refuses what is beyond the bounds, as a budget does.
func allocationBudget(b []byte) func(int64) error {
	left := int64(max(allocationFactor*len(b), allocationFloor)) / 2
	return func(n int64) error {
		if left -= n; left < 0 {
			return errNoRoom
		}
		return nil
	}
}

var errNoRoom = &noRoom{}

type noRoom struct{}

func (*noRoom) Error() string { return "no room" }

// Whatever the bytes are, they do not become memory out of proportion.
func FuzzAllocation(f *testing.F) {
	chain := []byte{0, 0, 1}
	for range 50_000 {
		chain = append(chain, 1, 1, 1)
	}
	chain[len(chain)-1] = 0
	shared, err := proto.Marshal(&queryv1.TreeReport{Tree: chain, SymbolRefs: &queryv1.SymbolRefTable{Names: []string{"", strings.Repeat("n", 150_000)}}})
	if err != nil {
		f.Fatal(err)
	}
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	_, _ = w.Write(bytes.Repeat([]byte{0x12, 0}, 10_000_000))
	_ = w.Close()
	f.Add(uint8(0), []byte{0, 0, 0})
	f.Add(uint8(1), chain)
	f.Add(uint8(2), shared)
	f.Add(uint8(3), bomb.Bytes())
	f.Add(uint8(4), bytes.Repeat([]byte{0x12, 4, 0x12, 2, 0x08, 1}, 20_000))
	f.Add(uint8(5), bytes.Repeat([]byte{0x12, 4, 0x12, 2, 0x22, 0}, 20_000))
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		decoders[int(kind)%len(decoders)](b)
		runtime.ReadMemStats(&after)
		if all := int64(after.TotalAlloc - before.TotalAlloc); all > int64(max(allocationFactor*len(b), allocationFloor)) {
			t.Fatalf("%d bytes became %d", len(b), all)
		}
	})
}
