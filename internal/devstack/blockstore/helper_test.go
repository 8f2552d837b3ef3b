package blockstore_test

import (
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/profilegen"
)

// epoch is a time at which a segment of 15 seconds begins.
var epoch = time.UnixMilli(1795374000000)

// load parses the recorded profiles once. Ingest does not modify them.
var load = sync.OnceValues(func() ([]*profilegen.Recording, error) {
	return profilegen.Load(os.DirFS("../testdata/profiles"))
})

func recordings(t testing.TB) []*profilegen.Recording {
	t.Helper()
	r, err := load()
	require.NoError(t, err)
	return r
}

// ingestRecordings adds all recorded profiles, the first of them at epoch.
func ingestRecordings(t testing.TB, s *blockstore.Store, tenant string) {
	t.Helper()
	for _, r := range recordings(t) {
		require.NoError(t, s.Ingest(blockstore.IngestRequest{
			Tenant:  tenant,
			Labels:  r.Labels(),
			Profile: r.Profile,
			Time:    epoch.Add(r.Offset()),
		}), r.File)
	}
}

// A stack is one function per location, leaf first.
type stack struct {
	functions []string
	values    []int64
	labels    map[string][]string
}

// newProfile makes a small profile where a test needs exact numbers.
func newProfile(types, period string, stacks ...stack) *profile.Profile {
	p := &profile.Profile{PeriodType: valueType(period)}
	for t := range strings.SplitSeq(types, ",") {
		p.SampleType = append(p.SampleType, valueType(t))
	}
	binary := &profile.Mapping{ID: 1, Start: 0x1000, Limit: 0x9000, File: "binary", HasFunctions: true}
	native := &profile.Mapping{ID: 2, Start: 0xa000, Limit: 0xb000, File: "libc.so"}
	p.Mapping = []*profile.Mapping{binary, native}
	locations := map[string]*profile.Location{}
	for _, s := range stacks {
		sample := &profile.Sample{Value: s.values, Label: s.labels}
		for _, name := range s.functions {
			l, ok := locations[name]
			if !ok {
				id := uint64(len(p.Location)) + 1
				l = &profile.Location{ID: id, Address: 0x1000 + id, Mapping: binary}
				if name == "" {
					l.Mapping = native
				} else {
					f := &profile.Function{ID: id, Name: name, SystemName: name, Filename: name + ".go", StartLine: 10}
					p.Function = append(p.Function, f)
					l.Line = []profile.Line{{Function: f, Line: 12}}
				}
				locations[name] = l
				p.Location = append(p.Location, l)
			}
			sample.Location = append(sample.Location, l)
		}
		p.Sample = append(p.Sample, sample)
	}
	return p
}

func valueType(s string) *profile.ValueType {
	t, unit, _ := strings.Cut(s, "/")
	return &profile.ValueType{Type: t, Unit: unit}
}

const (
	cpuTypes  = "samples/count,cpu/nanoseconds"
	cpuPeriod = "cpu/nanoseconds"
)

func value(labels []*typesv1.LabelPair, name string) string {
	for _, l := range labels {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// labelSets decodes a dataset's labels, name and value in turn.
func labelSets(t require.TestingT, b *metastorev1.BlockMeta, ds *metastorev1.Dataset) [][]string {
	var sets [][]string
	for rest := ds.Labels; len(rest) > 0; {
		n := int(rest[0])*2 + 1
		require.LessOrEqual(t, n, len(rest))
		set := []string{}
		for _, ref := range rest[1:n] {
			set = append(set, b.StringTable[ref])
		}
		sets = append(sets, set)
		rest = rest[n:]
	}
	return sets
}

// requireLayout checks what holds for the metadata of every real block.
func requireLayout(t require.TestingT, b *metastorev1.BlockMeta) {
	require.EqualValues(t, 1, b.FormatVersion)
	require.Len(t, b.Id, 26)
	require.NotZero(t, b.Shard)
	require.NotEmpty(t, b.StringTable)
	require.Empty(t, b.StringTable[0])
	if b.CompactionLevel == 0 {
		require.Zero(t, b.Tenant, "a segment belongs to no tenant")
		require.NotZero(t, b.CreatedBy)
	} else {
		require.NotZero(t, b.Tenant)
		require.Zero(t, b.CreatedBy)
	}
	var offset uint64
	minTime, maxTime := int64(math.MaxInt64), int64(math.MinInt64)
	for i, ds := range b.Datasets {
		require.NotZero(t, ds.Tenant)
		require.NotZero(t, ds.Size)
		require.Equal(t, offset, ds.TableOfContents[0], "dataset %d begins where the one before ends", i)
		offset += ds.Size
		if ds.Format == 1 {
			require.Zero(t, ds.Name)
			require.Len(t, ds.TableOfContents, 1)
			require.Equal(t, [][]string{{"__tenant_dataset__", "dataset_tsdb_index"}}, labelSets(t, b, ds))
		} else {
			require.Len(t, ds.TableOfContents, 3)
			require.IsIncreasing(t, append(ds.TableOfContents[:3:3], offset))
			for _, set := range labelSets(t, b, ds) {
				require.Len(t, set, 4)
				require.Equal(t, []string{"service_name", b.StringTable[ds.Name]}, set[:2])
			}
		}
		minTime, maxTime = min(minTime, ds.MinTime), max(maxTime, ds.MaxTime)
	}
	require.EqualValues(t, 1, b.Datasets[len(b.Datasets)-1].Format, "a tenant's index comes last")
	require.Equal(t, []int64{b.MinTime, b.MaxTime}, []int64{minTime, maxTime})
	require.Equal(t, offset, b.MetadataOffset)
	encoded := b.CloneVT()
	encoded.Size = 0
	require.EqualValues(t, encoded.SizeVT()+8, b.Size-b.MetadataOffset, "encoded metadata, its length and its checksum")
}
