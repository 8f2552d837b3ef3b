package blockstore_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

var small = newProfile(cpuTypes, cpuPeriod,
	stack{functions: []string{"leaf", "main"}, values: []int64{3, 30}},
	stack{functions: []string{"main"}, values: []int64{1, 10}},
)

func ingestSmall(t require.TestingT, s *blockstore.Store, tenant, service string, at time.Time) {
	require.NoError(t, s.Ingest(blockstore.IngestRequest{
		Tenant: tenant, Labels: map[string]string{"service_name": service}, Profile: small, Time: at,
	}))
}

func TestSegments(t *testing.T) {
	t.Run("by time", func(t *testing.T) {
		s := blockstore.New(blockstore.WithShards(1), blockstore.WithHost("host"), blockstore.WithSegmentDuration(10*time.Second))
		for _, second := range []int{0, 9, 10, 25} {
			ingestSmall(t, s, "t", "a", epoch.Add(time.Duration(second)*time.Second))
		}
		s.Cut()
		blocks := s.Blocks()
		require.Len(t, blocks, 3)
		require.Equal(t, []int64{epoch.UnixMilli(), epoch.UnixMilli() + 9000}, []int64{blocks[0].MinTime, blocks[0].MaxTime})
		require.EqualValues(t, 1, blocks[0].Shard)
		require.Equal(t, "host", blocks[0].StringTable[blocks[0].CreatedBy])
	})
	t.Run("by shard", func(t *testing.T) {
		s := blockstore.New(blockstore.WithShards(3))
		for i := range 30 {
			ingestSmall(t, s, "t", fmt.Sprint("service-", i), epoch)
			ingestSmall(t, s, "t", fmt.Sprint("service-", i), epoch)
		}
		s.Cut()
		shards := map[uint32]bool{}
		services := 0
		for _, b := range s.Blocks() {
			shards[b.Shard] = true
			services += len(b.Datasets) - 1
		}
		require.Equal(t, map[uint32]bool{1: true, 2: true, 3: true}, shards)
		require.Equal(t, 30, services, "a service is on one shard")
	})
	t.Run("of several tenants", func(t *testing.T) {
		s := blockstore.New(blockstore.WithShards(1))
		ingestSmall(t, s, "t2", "a", epoch)
		ingestSmall(t, s, "t1", "b", epoch)
		ingestSmall(t, s, "t1", "a", epoch)
		s.Cut()
		blocks := s.Blocks()
		require.Len(t, blocks, 1)
		require.Equal(t, []string{"t1/a", "t1/b", "t1/", "t2/a", "t2/"}, names(blocks[0]))
		requireLayout(t, blocks[0])

		s.Compact()
		blocks = s.Blocks()
		require.Len(t, blocks, 2, "compaction separates tenants")
		got := [][]string{names(blocks[0]), names(blocks[1])}
		require.ElementsMatch(t, [][]string{{"t1/a", "t1/b", "t1/"}, {"t2/a", "t2/"}}, got)
	})
	t.Run("none", func(t *testing.T) {
		s := blockstore.New()
		s.Cut()
		s.Compact()
		require.Empty(t, s.Blocks())
	})
}

func names(b *metastorev1.BlockMeta) []string {
	var names []string
	for _, ds := range b.Datasets {
		names = append(names, b.StringTable[ds.Tenant]+"/"+b.StringTable[ds.Name])
	}
	return names
}

func TestCompactionBatches(t *testing.T) {
	s := blockstore.New(blockstore.WithShards(1))
	for i := range 45 {
		ingestSmall(t, s, "t", "a", epoch.Add(time.Duration(i)*time.Minute))
	}
	s.Cut()
	require.Len(t, s.Blocks(), 45)
	for _, want := range []struct{ blocks, level int }{{3, 1}, {1, 2}, {1, 3}, {1, 3}} {
		s.Compact()
		require.Len(t, s.Blocks(), want.blocks)
		for _, b := range s.Blocks() {
			require.EqualValues(t, want.level, b.CompactionLevel)
		}
	}
	only := s.Blocks()[0]
	require.Equal(t, []int64{epoch.UnixMilli(), epoch.Add(44 * time.Minute).UnixMilli()}, []int64{only.MinTime, only.MaxTime})

	// What comes later starts at level 0 again.
	ingestSmall(t, s, "t", "a", epoch.Add(time.Hour))
	s.Cut()
	require.Len(t, s.Blocks(), 2)
}

func TestSourcesStayReadable(t *testing.T) {
	s := blockstore.New()
	ingestSmall(t, s, "t", "a", epoch)
	s.Cut()
	segment := s.Blocks()[0].Id
	s.Compact()
	require.NotEqual(t, segment, s.Blocks()[0].Id)
	_, err := s.Read(segment)
	require.NoError(t, err, "a query planned before the compaction can still finish")
	s.Compact()
	_, err = s.Read(segment)
	require.ErrorIs(t, err, blockstore.ErrNotFound)
	_, err = s.Read("no such block")
	require.ErrorIs(t, err, blockstore.ErrNotFound)
}

func TestBlocksAreCopies(t *testing.T) {
	s := blockstore.New()
	ingestSmall(t, s, "t", "a", epoch)
	s.Cut()
	s.Blocks()[0].StringTable[1] = "spoilt"
	s.Blocks()[0].Datasets[0].Labels[0] = 100
	requireLayout(t, s.Blocks()[0])
}

// TestBlockIDsRepeat: the same ingestion makes the same blocks.
func TestBlockIDsRepeat(t *testing.T) {
	ids := func() []string {
		s := blockstore.New()
		for i, service := range []string{"a", "b", "c", "d"} {
			ingestSmall(t, s, "t", service, epoch.Add(time.Duration(i)*time.Minute))
		}
		s.Cut()
		s.Compact()
		var ids []string
		for _, b := range s.Blocks() {
			ids = append(ids, b.Id)
		}
		return ids
	}
	require.Equal(t, ids(), ids())
}

// TestNothingIsLost: whatever the order of ingestion, cuts and compactions, the
// blocks of the index hold each profile once.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := blockstore.New(blockstore.WithShards(2))
		want := map[string]int64{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				s.Cut()
			case 1:
				s.Compact()
			default:
				tenant := rapid.SampledFrom([]string{"t1", "t2"}).Draw(t, "tenant")
				service := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "service")
				at := epoch.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "second")) * time.Second)
				ingestSmall(t, s, tenant, service, at)
				want[tenant+"/"+service+"/cpu"] += 40
				want[tenant+"/"+service+"/samples"] += 4
			}
		}
		s.Cut()
		got := map[string]int64{}
		for _, meta := range s.Blocks() {
			requireLayout(t, meta)
			block, err := s.Read(meta.Id)
			require.NoError(t, err)
			for _, ds := range block.Datasets {
				if ds == nil {
					continue
				}
				for _, series := range ds.Series {
					got[ds.Tenant+"/"+ds.Service+"/"+value(series.Labels, "__type__")] += total(series)
				}
			}
		}
		require.Equal(t, want, got)
	})
}

func TestConcurrentUse(t *testing.T) {
	s := blockstore.New()
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 25 {
				ingestSmall(t, s, "t", fmt.Sprint("service-", worker), epoch.Add(time.Duration(i)*time.Second))
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			s.Cut()
			s.Compact()
		}
	})
	wg.Go(func() {
		for range 20 {
			for _, b := range s.Blocks() {
				block, err := s.Read(b.Id)
				if err != nil {
					continue // compacted away twice meanwhile
				}
				_ = block.Datasets[0].Series[0].Profiles[0].Samples[0].Value
			}
		}
	})
	wg.Wait()
	s.Cut()
	var sum int64
	for _, b := range s.Blocks() {
		block, err := s.Read(b.Id)
		require.NoError(t, err)
		for _, ds := range block.Datasets {
			if ds != nil {
				for _, series := range ds.Series {
					sum += total(series)
				}
			}
		}
	}
	require.EqualValues(t, 4*25*44, sum)
}
