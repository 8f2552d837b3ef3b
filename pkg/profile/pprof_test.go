package profile_test

import (
	"bytes"
	"compress/gzip"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestRecordedPprof(t *testing.T) {
	for _, c := range corpusCases(t, "SelectMergeProfile") {
		t.Run(c.Name, func(t *testing.T) {
			got, err := profile.DecodePprof(c.reports(t)[0][0].Pprof.Pprof, nil)
			require.NoError(t, err)
			requireProto(t, into(t, c.Response, &googlev1.Profile{}), got)
		})
	}
}

// smallPprof is main → work, work inlined into helper, and code without symbols.
func smallPprof() *googlev1.Profile {
	return &googlev1.Profile{
		StringTable: []string{"", "cpu", "nanoseconds", "main.main", "main.work", "main.helper", "/src/main.go", "/bin/app", "an-id"},
		SampleType:  []*googlev1.ValueType{{Type: 1, Unit: 2}},
		PeriodType:  &googlev1.ValueType{Type: 1, Unit: 2},
		Mapping:     []*googlev1.Mapping{{Id: 1, Filename: 7, BuildId: 8}},
		Function: []*googlev1.Function{
			{Id: 1, Name: 3, SystemName: 3, Filename: 6},
			{Id: 2, Name: 4, SystemName: 4, Filename: 6},
			{Id: 3, Name: 5, SystemName: 5, Filename: 6},
		},
		Location: []*googlev1.Location{
			{Id: 1, MappingId: 1, Line: []*googlev1.Line{{FunctionId: 1, Line: 10}}},
			{Id: 2, MappingId: 1, Line: []*googlev1.Line{{FunctionId: 3, Line: 30}, {FunctionId: 2, Line: 20}}},
			{Id: 3, MappingId: 1, Address: 0xabc},
		},
		Sample: []*googlev1.Sample{
			{LocationId: []uint64{2, 1}, Value: []int64{3e9}},
			{LocationId: []uint64{3, 2, 1}, Value: []int64{1e9}},
		},
	}
}

func packed(t testing.TB, p *googlev1.Profile) []byte {
	t.Helper()
	b, err := p.MarshalVT()
	require.NoError(t, err)
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, err = w.Write(b)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return buf.Bytes()
}

func TestDecodePprofPlainAndPacked(t *testing.T) {
	plain, err := smallPprof().MarshalVT()
	require.NoError(t, err)
	for _, b := range [][]byte{plain, packed(t, smallPprof())} {
		got, err := profile.DecodePprof(b, nil)
		require.NoError(t, err)
		requireProto(t, smallPprof(), got)
	}
	empty, err := profile.DecodePprof(nil, nil)
	require.NoError(t, err)
	require.Empty(t, empty.Sample)
}

func TestDecodePprofWithArbitraryIDs(t *testing.T) {
	p := smallPprof()
	p.Function[0].Id, p.Location[0].Line[0].FunctionId = 1<<60, 1<<60
	p.Location[1].Id = 77
	p.Sample[0].LocationId[0], p.Sample[1].LocationId[1] = 77, 77
	_, err := profile.DecodePprof(packed(t, p), nil)
	require.NoError(t, err)
}

func TestDecodePprofChecksEveryIndex(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(*googlev1.Profile)
		error string
	}{
		"string table":        {func(p *googlev1.Profile) { p.StringTable[0] = "x" }, "must start with an empty string"},
		"drop frames":         {func(p *googlev1.Profile) { p.DropFrames = 9 }, "profile: string 9 of 9"},
		"keep frames":         {func(p *googlev1.Profile) { p.KeepFrames = -1 }, "string -1"},
		"default sample type": {func(p *googlev1.Profile) { p.DefaultSampleType = 99 }, "string 99"},
		"comment":             {func(p *googlev1.Profile) { p.Comment = []int64{0, 9} }, "comment: string 9"},
		"period type":         {func(p *googlev1.Profile) { p.PeriodType.Unit = 9 }, "period type: string"},
		"sample type":         {func(p *googlev1.Profile) { p.SampleType[0].Type = 1 << 40 }, "sample type: string"},
		"mapping's file":      {func(p *googlev1.Profile) { p.Mapping[0].Filename = 9 }, "mapping: string"},
		"mapping's build id":  {func(p *googlev1.Profile) { p.Mapping[0].BuildId = 9 }, "mapping: string"},
		"mapping id 0":        {func(p *googlev1.Profile) { p.Mapping[0].Id = 0 }, "mapping: an id is 0"},
		"function's name":     {func(p *googlev1.Profile) { p.Function[1].Name = 9 }, "function: string"},
		"function's file":     {func(p *googlev1.Profile) { p.Function[1].Filename = -9 }, "function: string"},
		"function id twice":   {func(p *googlev1.Profile) { p.Function[1].Id = 1 }, "function: an id is there twice: 1"},
		"location id twice":   {func(p *googlev1.Profile) { p.Location[2].Id = 2 }, "location: an id is there twice: 2"},
		"location's mapping":  {func(p *googlev1.Profile) { p.Location[0].MappingId = 2 }, "location 1: there is no mapping 2"},
		"location's function": {func(p *googlev1.Profile) { p.Location[1].Line[1].FunctionId = 4 }, "location 2: there is no function 4"},
		"sample's location":   {func(p *googlev1.Profile) { p.Sample[1].LocationId[0] = 4 }, "sample 1: there is no location 4"},
		"sample's location 0": {func(p *googlev1.Profile) { p.Sample[1].LocationId[0] = 0 }, "sample 1: there is no location 0"},
		"sample's values":     {func(p *googlev1.Profile) { p.Sample[0].Value = []int64{1, 2} }, "sample 0 has 2 values for 1 sample types"},
		"label":               {func(p *googlev1.Profile) { p.Sample[0].Label = []*googlev1.Label{{Key: 1, Str: 9}} }, "label: string 9"},
	} {
		t.Run(name, func(t *testing.T) {
			p := smallPprof()
			tc.spoil(p)
			_, err := profile.DecodePprof(packed(t, p), nil)
			require.ErrorContains(t, err, "pprof profile: ")
			require.ErrorContains(t, err, tc.error)
		})
	}
}

func TestDecodePprofRefusesOtherBytes(t *testing.T) {
	whole := packed(t, smallPprof())
	for name, b := range map[string][]byte{
		"text":          []byte("not a profile"),
		"gzip cut":      whole[:len(whole)-9],
		"gzip of text":  {0x1f, 0x8b, 8},
		"wire type cut": {0x0a, 0xff},
	} {
		_, err := profile.DecodePprof(b, nil)
		require.ErrorContains(t, err, "pprof profile", name)
	}
}

func FuzzDecodePprof(f *testing.F) {
	plain, err := smallPprof().MarshalVT()
	require.NoError(f, err)
	f.Add(plain)
	f.Add(packed(f, smallPprof()))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := profile.DecodePprof(b, nil)
		if err != nil {
			return
		}
		again, err := proto.Marshal(p)
		require.NoError(t, err)
		_, err = profile.DecodePprof(again, nil)
		require.NoError(t, err)
		text, err := profile.DOT(t.Context(), p, 10)
		require.True(t, err != nil || text == "" || text[len(text)-2:] == "}\n")
	})
}
