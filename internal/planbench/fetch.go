package planbench

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// inMemory is the size up to which a query-backend fetches an object whole.
const inMemory = 1 << 20

// Fetched says what a query-backend fetches from object storage to execute a
// READ node, in bytes: it is told by the whole metadata of the store, not by the
// planner's estimate. Where it reads an index, matchers on labels that metadata
// has decide which datasets that leads to; the others are taken to match.
func (s *Store) Fetched(q queryplan.Query, leaf *queryv1.QueryNode) (uint64, error) {
	var bytes uint64
	for _, planned := range leaf.GetBlocks() {
		b, err := s.block(planned)
		if err != nil {
			return 0, err
		}
		n, err := fetchedOf(q, b, planned)
		if err != nil {
			return 0, err
		}
		bytes += n
	}
	return bytes, nil
}

func (s *Store) block(planned *metastorev1.BlockMeta) (*metastorev1.BlockMeta, error) {
	i := slices.IndexFunc(s.Blocks, func(b *metastorev1.BlockMeta) bool { return b.Id == planned.Id })
	if i < 0 {
		return nil, fmt.Errorf("planned block %q is not in the store", planned.Id)
	}
	b := s.Blocks[i]
	if b.Size != planned.Size || b.Shard != planned.Shard || b.CompactionLevel != planned.CompactionLevel ||
		b.StringTable[b.Tenant] != planned.StringTable[planned.Tenant] {
		return nil, fmt.Errorf("planned block %q is not where the store has it", planned.Id)
	}
	return b, nil
}

func fetchedOf(q queryplan.Query, b, planned *metastorev1.BlockMeta) (uint64, error) {
	needs := needsOf(q)
	var indexes int
	for _, d := range planned.Datasets {
		if d.Format == 1 {
			indexes++
		}
	}
	if indexes == 0 || needs == needTSDB {
		var bytes uint64
		for _, d := range planned.Datasets {
			bytes += fetchedSet(b, d, needs)
		}
		return bytes, nil
	}
	if indexes != len(planned.Datasets) {
		return 0, fmt.Errorf("block %q: indexes and datasets are mixed: a query-backend cannot read that", b.Id)
	}
	if planned.MetadataOffset == 0 {
		return 0, fmt.Errorf("block %q: without the metadata's offset the index leads nowhere", b.Id)
	}
	bytes := b.Size - planned.MetadataOffset
	if b.Size <= inMemory {
		bytes += b.Size
	}
	for _, index := range planned.Datasets {
		if b.Size > inMemory {
			bytes += index.Size
		}
		for _, d := range b.Datasets {
			if d.Format == 0 && b.StringTable[d.Tenant] == planned.StringTable[index.Tenant] && holds(b, d, q.Matchers) {
				bytes += fetchedSet(b, d, needs)
			}
		}
	}
	return bytes, nil
}

// holds says that the dataset has a series that matches, as far as metadata
// tells.
func holds(b *metastorev1.BlockMeta, d *metastorev1.Dataset, matchers []*labels.Matcher) bool {
	known := slices.DeleteFunc(slices.Clone(matchers), func(m *labels.Matcher) bool {
		return m.Name != "service_name" && m.Name != "__profile_type__"
	})
	return slices.ContainsFunc(labelSets(b.StringTable, d.Labels), func(set []pair) bool {
		return !slices.ContainsFunc(known, func(m *labels.Matcher) bool {
			return slices.ContainsFunc(set, func(p pair) bool { return p.name == m.Name && !m.Matches(p.value) })
		})
	})
}

// The sections that a query needs.
const (
	needTSDB = 1 << iota
	needProfiles
	needSymbols
)

func needsOf(q queryplan.Query) int {
	needs := needTSDB
	for _, query := range q.Queries {
		switch query.GetQueryType() {
		case queryv1.QueryType_QUERY_LABEL_NAMES, queryv1.QueryType_QUERY_LABEL_VALUES, queryv1.QueryType_QUERY_SERIES_LABELS:
		case queryv1.QueryType_QUERY_TREE, queryv1.QueryType_QUERY_PPROF:
			needs |= needProfiles | needSymbols
		default:
			needs |= needProfiles
		}
	}
	return needs
}

func fetchedSet(b *metastorev1.BlockMeta, d *metastorev1.Dataset, needs int) uint64 {
	if b.Size <= inMemory {
		return b.Size
	}
	if d.Size < inMemory || d.Format == 1 {
		return d.Size
	}
	contents := d.TableOfContents
	bytes := contents[2] - contents[1]
	if needs&needProfiles != 0 {
		bytes += contents[1] - contents[0]
	}
	if needs&needSymbols != 0 {
		bytes += contents[0] + d.Size - contents[2]
	}
	return bytes
}
