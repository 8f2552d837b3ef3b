package wiresize_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/wiresize"
)

// repeated is n fields of a number with one content.
func repeated(n int, number protowire.Number, content []byte) []byte {
	one := protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), content)
	return []byte(strings.Repeat(string(one), n))
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	require.NoError(t, err)
	return b
}

// taken is what decoding b into m allocates for good, and all in all.
func taken(t testing.TB, b []byte, m proto.Message) (kept, all int64) {
	t.Helper()
	var before, after, collected runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	err := proto.Unmarshal(b, m)
	runtime.ReadMemStats(&after)
	runtime.GC()
	runtime.ReadMemStats(&collected)
	runtime.KeepAlive(m)
	require.NoError(t, err)
	return int64(collected.HeapAlloc) - int64(before.HeapAlloc), int64(after.TotalAlloc - before.TotalAlloc)
}

func TestEstimateHoldsWhatIsAllocated(t *testing.T) {
	metadata := &metastorev1.QueryMetadataResponse{}
	for range 2_000 {
		metadata.Blocks = append(metadata.Blocks, &metastorev1.BlockMeta{
			Id: "01JZ0000000000000000000000", StringTable: []string{"", "anonymous", "service_name", "checkout"},
			Datasets: []*metastorev1.Dataset{{Labels: []int32{1, 2, 3, 1, 2, 3}, TableOfContents: []uint64{0, 100, 1 << 40}}, {}},
		})
	}
	series := &queryv1.InvokeResponse{Reports: []*queryv1.Report{{TimeSeries: &queryv1.TimeSeriesReport{}}}}
	for range 100 {
		s := &typesv1.Series{Labels: []*typesv1.LabelPair{{Name: "pod", Value: "checkout-1"}}}
		for i := range 100 {
			s.Points = append(s.Points, &typesv1.Point{Value: float64(i), Timestamp: int64(i)})
		}
		series.Reports[0].TimeSeries.TimeSeries = append(series.Reports[0].TimeSeries.TimeSeries, s)
	}
	for name, c := range map[string]struct {
		bytes []byte
		into  proto.Message
		// most is how many times too large the estimate may be.
		most float64
	}{
		"empty blocks":        {repeated(100_000, 1, nil), &metastorev1.QueryMetadataResponse{}, 2},
		"blocks":              {marshal(t, metadata), &metastorev1.QueryMetadataResponse{}, 3},
		"time series":         {marshal(t, series), &queryv1.InvokeResponse{}, 2},
		"one long tree":       {marshal(t, &queryv1.InvokeResponse{Reports: []*queryv1.Report{{Tree: &queryv1.TreeReport{Tree: make([]byte, 4<<20)}}}}), &queryv1.InvokeResponse{}, 1.5},
		"empty strings":       {repeated(500_000, 6, nil), &googlev1.Profile{}, 3},
		"short strings":       {repeated(500_000, 6, []byte("main")), &googlev1.Profile{}, 3},
		"empty samples":       {repeated(300_000, 2, nil), &googlev1.Profile{}, 2},
		"packed numbers":      {marshal(t, &googlev1.Profile{Comment: make([]int64, 1<<20)}), &googlev1.Profile{}, 4},
		"unpacked numbers":    {[]byte(strings.Repeat("\x68\x00", 1<<20)), &googlev1.Profile{}, 4},
		"fields not known":    {repeated(100_000, 1000, []byte("xyz")), &googlev1.Profile{}, 8},
		"one field many time": {repeated(100_000, 11, nil), &googlev1.Profile{}, 1e6}, // a period type, each replacing the last
	} {
		t.Run(name, func(t *testing.T) {
			var sizer wiresize.Sizer
			estimate, err := sizer.Decoded(c.bytes, c.into)
			require.NoError(t, err)
			kept, all := taken(t, c.bytes, c.into)
			t.Logf("%d bytes on the wire: %d estimated, %d kept, %d allocated", len(c.bytes), estimate, kept, all)
			const slack = 64 << 10
			require.LessOrEqual(t, kept, estimate+slack, "kept")
			require.LessOrEqual(t, float64(estimate), c.most*float64(all+slack), "the estimate is far too large")
		})
	}
}

func TestDeepAndBrokenMessages(t *testing.T) {
	var sizer wiresize.Sizer
	deep := []byte{}
	for range 300 {
		deep = protowire.AppendBytes(protowire.AppendTag(nil, 9, protowire.BytesType), deep)
	}
	_, err := sizer.Decoded(deep, &queryv1.ExecutionNode{})
	require.NoError(t, err)
	for name, b := range map[string][]byte{
		"ends in a tag":        {0x80},
		"ends in a length":     {0x0a, 0x80},
		"longer than the rest": {0x0a, 5, 1},
		"field number 0":       {0x02, 0},
		"end without a group":  {0x0c},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sizer.Decoded(b, &queryv1.InvokeResponse{})
			require.Error(t, err)
		})
	}
}

// What protobuf decodes has an estimate, and that holds what was allocated.
func FuzzDecoded(f *testing.F) {
	f.Add([]byte{}, uint8(0))
	f.Add(repeated(1000, 1, nil), uint8(0))
	f.Add(repeated(1000, 2, []byte{0x0a, 0}), uint8(1))
	f.Add(repeated(1000, 6, []byte("main")), uint8(2))
	var sizer wiresize.Sizer
	f.Fuzz(func(t *testing.T, b []byte, kind uint8) {
		messages := []proto.Message{&metastorev1.QueryMetadataResponse{}, &queryv1.InvokeResponse{}, &googlev1.Profile{}, &queryv1.InvokeRequest{}}
		m := messages[int(kind)%len(messages)]
		estimate, err := sizer.Decoded(b, m)
		if err != nil {
			if proto.Unmarshal(b, m) == nil {
				t.Fatalf("%v, but protobuf decodes it", err)
			}
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_ = proto.Unmarshal(b, m)
		runtime.ReadMemStats(&after)
		if all := int64(after.TotalAlloc - before.TotalAlloc); all > 2*estimate+(64<<10) {
			t.Fatalf("%d bytes on the wire: %d estimated, %d allocated", len(b), estimate, all)
		}
	})
}

func BenchmarkDecoded(b *testing.B) {
	block := &metastorev1.BlockMeta{
		Id: "01JZ0000000000000000000000", StringTable: []string{"", "anonymous", "service_name", "checkout"},
		Datasets: []*metastorev1.Dataset{{Labels: []int32{1, 2, 3, 1, 2, 3}, TableOfContents: []uint64{0, 100, 1 << 40}}},
	}
	wire := repeated(10_000, 1, marshal(b, block))
	var sizer wiresize.Sizer
	b.Run("estimate", func(b *testing.B) {
		b.SetBytes(int64(len(wire)))
		for b.Loop() {
			if _, err := sizer.Decoded(wire, &metastorev1.QueryMetadataResponse{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(wire)))
		for b.Loop() {
			if err := proto.Unmarshal(wire, &metastorev1.QueryMetadataResponse{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
