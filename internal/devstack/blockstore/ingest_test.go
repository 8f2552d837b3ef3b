package blockstore_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// ingestOne returns the series that one request becomes.
func ingestOne(t *testing.T, r blockstore.IngestRequest) []*blockstore.Series {
	t.Helper()
	s := blockstore.New()
	require.NoError(t, s.Ingest(r))
	require.Empty(t, s.Blocks(), "open segments are not listed")
	s.Cut()
	blocks := s.Blocks()
	if len(blocks) == 0 {
		return nil
	}
	require.Len(t, blocks, 1)
	b, err := s.Read(blocks[0].Id)
	require.NoError(t, err)
	require.Len(t, b.Datasets, 2)
	return b.Datasets[0].Series
}

func TestIngestRejects(t *testing.T) {
	cpu := newProfile(cpuTypes, cpuPeriod, stack{functions: []string{"f"}, values: []int64{1, 10}})
	invalid := cpu.Copy()
	invalid.Sample[0].Value = invalid.Sample[0].Value[:1]
	service := map[string]string{"service_name": "a"}
	for name, test := range map[string]struct {
		request blockstore.IngestRequest
		want    string
	}{
		"no tenant":    {blockstore.IngestRequest{Labels: service, Profile: cpu, Time: epoch}, "tenant is empty"},
		"no service":   {blockstore.IngestRequest{Tenant: "t", Profile: cpu, Time: epoch}, "service_name is missing"},
		"no profile":   {blockstore.IngestRequest{Tenant: "t", Labels: service, Time: epoch}, "profile is missing"},
		"empty label":  {blockstore.IngestRequest{Tenant: "t", Labels: map[string]string{"service_name": "a", "": "x"}, Profile: cpu, Time: epoch}, "empty name"},
		"bad pprof":    {blockstore.IngestRequest{Tenant: "t", Labels: service, Profile: invalid, Time: epoch}, "invalid pprof"},
		"no time":      {blockstore.IngestRequest{Tenant: "t", Labels: service, Profile: cpu}, "time is missing"},
		"before 1970":  {blockstore.IngestRequest{Tenant: "t", Labels: service, Profile: cpu, Time: time.UnixMilli(-1)}, "out of range"},
		"too late":     {blockstore.IngestRequest{Tenant: "t", Labels: service, Profile: cpu, Time: time.UnixMilli(1 << 48)}, "out of range"},
		"unknown name": {blockstore.IngestRequest{Tenant: "t", Labels: service, Profile: newProfile("contentions/count,delay/nanoseconds", "contentions/count", stack{functions: []string{"f"}, values: []int64{1, 1}}), Time: epoch}, "__name__ is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			s := blockstore.New()
			require.ErrorContains(t, s.Ingest(test.request), test.want)
			s.Cut()
			require.Empty(t, s.Blocks())
		})
	}
}

// TestProfileTypes checks the types that each kind of Go profile becomes.
func TestProfileTypes(t *testing.T) {
	want := map[string][]string{
		"process_cpu": {"process_cpu:cpu:nanoseconds:cpu:nanoseconds", "process_cpu:samples:count:cpu:nanoseconds"},
		"memory": {
			"memory:alloc_objects:count:space:bytes", "memory:alloc_space:bytes:space:bytes",
			"memory:inuse_objects:count:space:bytes", "memory:inuse_space:bytes:space:bytes",
		},
		"goroutine": {"goroutine:goroutine:count:goroutine:count"},
		"mutex":     {"mutex:contentions:count:contentions:count", "mutex:delay:nanoseconds:contentions:count"},
		"block":     {"block:contentions:count:contentions:count", "block:delay:nanoseconds:contentions:count"},
	}
	seen := map[string]bool{}
	for _, r := range recordings(t) {
		series := ingestOne(t, blockstore.IngestRequest{Tenant: "t", Labels: r.Labels(), Profile: r.Profile, Time: epoch})
		types := map[string]bool{}
		for _, s := range series {
			types[value(s.Labels, "__profile_type__")] = true
		}
		for _, id := range want[string(r.Kind)] {
			require.True(t, types[id], "%s: %s", r.File, id)
		}
		require.Len(t, types, len(want[string(r.Kind)]), r.File)
		seen[string(r.Kind)] = true

		// Nothing is lost: per type, the series add up to the pprof file.
		for i, st := range r.Profile.SampleType {
			var inFile, inSeries int64
			for _, sample := range r.Profile.Sample {
				inFile += sample.Value[i]
			}
			for _, s := range series {
				if value(s.Labels, "__type__") == st.Type {
					inSeries += total(s)
				}
			}
			require.Equal(t, inFile, inSeries, "%s: %s", r.File, st.Type)
		}
	}
	require.Len(t, seen, len(want))
}

func TestNameFromSampleTypes(t *testing.T) {
	for types, want := range map[string]string{
		cpuTypes:            "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
		"inuse_space/bytes": "memory:inuse_space:bytes:cpu:nanoseconds",
		"goroutine/count":   "goroutine:goroutine:count:cpu:nanoseconds",
	} {
		p := newProfile(types, cpuPeriod)
		p.Sample = []*profile.Sample{{Value: make([]int64, len(p.SampleType))}}
		for i := range p.SampleType {
			p.Sample[0].Value[i] = 1
		}
		series := ingestOne(t, blockstore.IngestRequest{Tenant: "t", Labels: map[string]string{"service_name": "a"}, Profile: p, Time: epoch})
		require.Equal(t, want, value(series[0].Labels, "__profile_type__"))
	}
}

func TestSeriesLabels(t *testing.T) {
	p := newProfile(cpuTypes, cpuPeriod,
		stack{functions: []string{"f", "main"}, values: []int64{1, 10}, labels: map[string][]string{"endpoint": {"/a"}, "pod": {"sample's"}, "empty": {""}}},
		stack{functions: []string{"g", "main"}, values: []int64{2, 20}},
	)
	series := ingestOne(t, blockstore.IngestRequest{
		Tenant:  "t",
		Labels:  map[string]string{"service_name": "checkout", "pod": "checkout-0", "region": "", "__type__": "mine"},
		Profile: p,
		Time:    epoch,
	})
	common := map[string]string{
		"__name__": "process_cpu", "__period_type__": "cpu", "__period_unit__": "nanoseconds",
		"__service_name__": "checkout", "service_name": "checkout", "pod": "checkout-0",
	}
	var got []map[string]string
	for _, s := range series {
		set := map[string]string{}
		var names []string
		for _, l := range s.Labels {
			set[l.Name] = l.Value
			names = append(names, l.Name)
		}
		require.IsIncreasing(t, names, "labels are sorted")
		got = append(got, set)
	}
	with := func(extra map[string]string) map[string]string {
		for k, v := range common {
			extra[k] = v
		}
		return extra
	}
	require.ElementsMatch(t, []map[string]string{
		with(map[string]string{"__type__": "cpu", "__unit__": "nanoseconds", "__profile_type__": "process_cpu:cpu:nanoseconds:cpu:nanoseconds"}),
		with(map[string]string{"__type__": "cpu", "__unit__": "nanoseconds", "__profile_type__": "process_cpu:cpu:nanoseconds:cpu:nanoseconds", "endpoint": "/a"}),
		with(map[string]string{"__type__": "samples", "__unit__": "count", "__profile_type__": "process_cpu:samples:count:cpu:nanoseconds"}),
		with(map[string]string{"__type__": "samples", "__unit__": "count", "__profile_type__": "process_cpu:samples:count:cpu:nanoseconds", "endpoint": "/a"}),
	}, got)
}

// TestRecordedLabelNames: the built-in labels are those of the recorded store.
func TestRecordedLabelNames(t *testing.T) {
	s := blockstore.New()
	ingestRecordings(t, s, "anonymous")
	s.Cut()
	names := map[string]bool{}
	for _, b := range s.Blocks() {
		block, err := s.Read(b.Id)
		require.NoError(t, err)
		for _, ds := range block.Datasets {
			if ds == nil {
				continue
			}
			for _, series := range ds.Series {
				for _, l := range series.Labels {
					names[l.Name] = true
				}
			}
		}
	}
	var got []string
	for name := range names {
		got = append(got, name)
	}
	require.ElementsMatch(t, []string{
		"__name__", "__period_type__", "__period_unit__", "__profile_type__", "__service_name__", "__type__", "__unit__",
		"endpoint", "namespace", "pod", "region", "service_name",
	}, got)
}

func TestSamples(t *testing.T) {
	const trace = "00112233445566778899aabbccddeeff"
	p := newProfile(cpuTypes, cpuPeriod,
		stack{functions: []string{"f", "main"}, values: []int64{1, 10}},
		stack{functions: []string{"f", "main"}, values: []int64{2, 20}},
		stack{functions: []string{"f", "main"}, values: []int64{4, 40}, labels: map[string][]string{"span_id": {"abc0000000000001"}, "trace_id": {trace}}},
		stack{functions: []string{"f", "main"}, values: []int64{8, 80}, labels: map[string][]string{"profile_id": {"abc0000000000001"}, "trace_id": {trace}}},
		stack{functions: []string{"f", "main"}, values: []int64{16, 160}, labels: map[string][]string{"span_id": {"not hexadecimal!"}, "trace_id": {"short"}}},
		stack{functions: []string{"g", "main"}, values: []int64{0, -5}},
		stack{functions: []string{"", "main"}, values: []int64{0, 7}},
	)
	id := uuid.MustParse("a0aa7a36-fe7d-4262-b447-fcfd55ce4575")
	annotations := []*typesv1.ProfileAnnotation{{Key: "k", Value: "v"}}
	series := ingestOne(t, blockstore.IngestRequest{
		Tenant: "t", Labels: map[string]string{"service_name": "a"}, Profile: p, Time: epoch, ID: id, Annotations: annotations,
	})
	require.Len(t, series, 2)
	require.Equal(t, "cpu", value(series[0].Labels, "__type__"))
	require.Len(t, series[0].Profiles, 1)
	got := series[0].Profiles[0]
	require.Equal(t, id, got.ID)
	require.Equal(t, epoch.UnixMilli(), got.Timestamp)
	require.Equal(t, annotations, got.Annotations)

	require.Len(t, got.Samples, 3, "equal stacks and spans merge, values that are not positive go")
	require.EqualValues(t, 190, got.Samples[0].Value)
	require.Zero(t, got.Samples[0].SpanID)
	require.EqualValues(t, 120, got.Samples[1].Value)
	require.Equal(t, binary.LittleEndian.Uint64([]byte{0xab, 0xc0, 0, 0, 0, 0, 0, 1}), got.Samples[1].SpanID)
	require.Equal(t, [16]byte{0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}, got.Samples[1].TraceID)
	require.Equal(t, []blockstore.Line{{Function: "f", SystemName: "f", File: "f.go", Line: 12, StartLine: 10}}, got.Samples[0].Stack[0].Lines)
	require.True(t, got.Samples[0].Stack[0].Symbolized())
	native := got.Samples[2].Stack[0]
	require.Empty(t, native.Lines)
	require.Equal(t, "libc.so", native.Mapping.File)
	require.False(t, native.Symbolized())

	require.Len(t, series[1].Profiles[0].Samples, 2)
}

func TestNothingToIngest(t *testing.T) {
	empty := newProfile(cpuTypes, cpuPeriod, stack{functions: []string{"f"}, values: []int64{0, 0}})
	require.Empty(t, ingestOne(t, blockstore.IngestRequest{Tenant: "t", Labels: map[string]string{"service_name": "a"}, Profile: empty, Time: epoch}))
}

func TestTimeOfProfile(t *testing.T) {
	p := newProfile(cpuTypes, cpuPeriod, stack{functions: []string{"f"}, values: []int64{1, 1}})
	p.TimeNanos = epoch.UnixNano()
	series := ingestOne(t, blockstore.IngestRequest{Tenant: "t", Labels: map[string]string{"service_name": "a"}, Profile: p})
	require.Equal(t, epoch.UnixMilli(), series[0].Profiles[0].Timestamp)
	require.NotEqual(t, uuid.Nil, series[0].Profiles[0].ID)
}

func total(s *blockstore.Series) int64 {
	var sum int64
	for _, p := range s.Profiles {
		for _, sample := range p.Samples {
			sum += sample.Value
		}
	}
	return sum
}
