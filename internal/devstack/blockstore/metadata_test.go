package blockstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/corpus"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// TestRecordedLayout shows that requireLayout describes real blocks: the same
// checks that this store's blocks must pass hold for the recorded index.
func TestRecordedLayout(t *testing.T) {
	recorded, err := corpus.Recorded()
	require.NoError(t, err)
	require.NotEmpty(t, recorded.Blocks)
	for _, b := range recorded.Blocks {
		requireLayout(t, b)
	}
}

func TestLayout(t *testing.T) {
	s := blockstore.New()
	ingestRecordings(t, s, "anonymous")
	ingestRecordings(t, s, "other")
	s.Cut()
	for level := uint32(0); level <= blockstore.MaxCompactionLevel; level++ {
		blocks := s.Blocks()
		require.NotEmpty(t, blocks)
		for _, b := range blocks {
			require.Equal(t, level, b.CompactionLevel)
			requireLayout(t, b)
			requireContents(t, s, b)
		}
		s.Compact()
	}
}

// requireContents checks that metadata tells the truth about a block's data.
func requireContents(t *testing.T, s *blockstore.Store, b *metastorev1.BlockMeta) {
	t.Helper()
	block, err := s.Read(b.Id)
	require.NoError(t, err)
	require.Len(t, block.Datasets, len(b.Datasets))
	for i, meta := range b.Datasets {
		ds := block.Datasets[i]
		if meta.Format == 1 {
			require.Nil(t, ds)
			continue
		}
		require.Equal(t, b.StringTable[meta.Tenant], ds.Tenant)
		require.Equal(t, b.StringTable[meta.Name], ds.Service)
		require.Equal(t, meta.Size, ds.Sections.Profiles+ds.Sections.TSDB+ds.Sections.Symbols)
		if b.CompactionLevel > 0 {
			require.Equal(t, b.StringTable[b.Tenant], ds.Tenant)
		}
		types := map[string]bool{}
		for _, series := range ds.Series {
			require.Equal(t, ds.Service, value(series.Labels, "service_name"))
			types[value(series.Labels, "__profile_type__")] = true
			for _, p := range series.Profiles {
				require.GreaterOrEqual(t, p.Timestamp, meta.MinTime)
				require.LessOrEqual(t, p.Timestamp, meta.MaxTime)
			}
		}
		listed := map[string]bool{}
		for _, set := range labelSets(t, b, meta) {
			if set[2] == "__profile_type__" {
				require.False(t, listed[set[3]], "label sets are distinct")
				listed[set[3]] = true
			}
		}
		require.Equal(t, types, listed)
	}
}

// TestUnsymbolized checks the set that tells of native code: it stands by
// itself, and only where a dataset has such code.
func TestUnsymbolized(t *testing.T) {
	unsymbolized := []string{"service_name", "search", "__unsymbolized__", "true"}
	s := blockstore.New()
	ingestRecordings(t, s, "anonymous")
	s.Cut()
	for range 3 {
		found := 0
		for _, b := range s.Blocks() {
			for _, ds := range b.Datasets {
				sets := labelSets(t, b, ds)
				if b.StringTable[ds.Name] == "search" {
					require.Contains(t, sets, unsymbolized)
					found++
					continue
				}
				for _, set := range sets {
					require.NotContains(t, set, "__unsymbolized__")
				}
			}
		}
		require.NotZero(t, found)
		s.Compact()
	}
}

// TestSizesFollowData: more data takes more bytes, and merging blocks that
// share symbols takes fewer than they took apart.
func TestSizesFollowData(t *testing.T) {
	s := blockstore.New()
	ingestRecordings(t, s, "anonymous")
	s.Cut()
	var before uint64
	for _, b := range s.Blocks() {
		before += b.Size
	}
	segments := len(s.Blocks())
	s.Compact()
	var after uint64
	for _, b := range s.Blocks() {
		after += b.Size
	}
	require.Less(t, len(s.Blocks()), segments)
	require.Less(t, after, before)
	require.Greater(t, after, before/10)
}
