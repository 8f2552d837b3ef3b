package blockstore

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// MaxCompactionLevel is the level that compaction ends at.
const MaxCompactionLevel = 3

// batchSize is how many blocks of a level are merged into one at most.
func batchSize(level uint32) int {
	if level == 0 {
		return 20
	}
	return 10
}

// Compact runs one round of compaction: every block below MaxCompactionLevel
// is merged with others of its shard, tenant and level, and moves up a level.
// A segment, which several tenants share, is split into one block per tenant.
// Sources leave the index at once, but stay readable until the next Compact.
func (s *Store) Compact() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.replaced {
		delete(s.blocks, id)
	}
	s.replaced = nil
	for _, sources := range s.compactionJobs() {
		compacted := s.compact(sources)
		for _, b := range sources {
			delete(s.live, b.Meta.Id)
			s.replaced = append(s.replaced, b.Meta.Id)
		}
		for _, b := range compacted {
			s.add(b)
		}
	}
}

type compactionKey struct {
	tenant string
	shard  uint32
	level  uint32
}

// compactionJobs are the batches of blocks to merge, oldest blocks first.
func (s *Store) compactionJobs() [][]*Block {
	queues := make(map[compactionKey][]*Block)
	for _, b := range s.liveBlocks() {
		if b.Meta.CompactionLevel >= MaxCompactionLevel {
			continue
		}
		key := compactionKey{
			tenant: b.Meta.StringTable[b.Meta.Tenant],
			shard:  b.Meta.Shard,
			level:  b.Meta.CompactionLevel,
		}
		queues[key] = append(queues[key], b)
	}
	keys := slices.SortedFunc(maps.Keys(queues), func(a, b compactionKey) int {
		return cmp.Or(strings.Compare(a.tenant, b.tenant), cmp.Compare(a.shard, b.shard), cmp.Compare(a.level, b.level))
	})
	var jobs [][]*Block
	for _, key := range keys {
		jobs = slices.AppendSeq(jobs, slices.Chunk(queues[key], batchSize(key.level)))
	}
	return jobs
}

// compact merges blocks of one shard into one block per tenant. The new blocks
// take the time in their IDs from the oldest source.
func (s *Store) compact(sources []*Block) []*Block {
	var (
		first    = sources[0].Meta
		created  = ulid.MustParse(first.Id).Time()
		merged   = mergeDatasets(sources)
		builders []*blockBuilder
		tenant   string
	)
	for _, key := range slices.SortedFunc(maps.Keys(merged), datasetKey.compare) {
		if len(builders) == 0 || key.tenant != tenant {
			tenant = key.tenant
			builders = append(builders, newBlockBuilder(tenant, first.Shard, first.CompactionLevel+1, "", s.compressor))
		}
		m := merged[key]
		builders[len(builders)-1].append(newDataset(key, m.series, s.compressor), m.labels)
	}
	blocks := make([]*Block, len(builders))
	for i, b := range builders {
		blocks[i] = b.build()
		blocks[i].setID(s.newID(created))
	}
	return blocks
}

// A mergedDataset is what the sources hold of one tenant and service. Label
// sets are kept in the order they are first seen.
type mergedDataset struct {
	series *seriesMerger
	labels []labelSet
}

func mergeDatasets(sources []*Block) map[datasetKey]*mergedDataset {
	merged := make(map[datasetKey]*mergedDataset)
	for _, b := range sources {
		for i, ds := range b.Datasets {
			if ds == nil {
				continue // a tenant's index is built anew
			}
			key := datasetKey{tenant: ds.Tenant, service: ds.Service}
			m, ok := merged[key]
			if !ok {
				m = &mergedDataset{series: newSeriesMerger()}
				merged[key] = m
			}
			for _, s := range ds.Series {
				m.series.add(s)
			}
			m.addLabels(b.Meta, b.Meta.Datasets[i])
		}
	}
	return merged
}

func (m *mergedDataset) addLabels(block *metastorev1.BlockMeta, ds *metastorev1.Dataset) {
	for rest := ds.Labels; len(rest) > 0; {
		n := 1 + 2*int(rest[0])
		set := make(labelSet, 0, n-1)
		for _, ref := range rest[1:n] {
			set = append(set, block.StringTable[ref])
		}
		rest = rest[n:]
		if !slices.ContainsFunc(m.labels, func(x labelSet) bool { return slices.Equal(x, set) }) {
			m.labels = append(m.labels, set)
		}
	}
}
