package blockstore

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A segmentKey names an open segment: a shard, and a window of profile time
// counted from the Unix epoch.
type segmentKey struct {
	shard  uint32
	window int64
}

type datasetKey struct{ tenant, service string }

func (k datasetKey) compare(x datasetKey) int {
	return cmp.Or(strings.Compare(k.tenant, x.tenant), strings.Compare(k.service, x.service))
}

// A segment collects the profiles of all tenants on one shard.
type segment struct {
	key   segmentKey
	heads map[datasetKey]*seriesMerger
}

func newSegment(key segmentKey) *segment {
	return &segment{key: key, heads: make(map[datasetKey]*seriesMerger)}
}

func (s *segment) append(tenant, service string, series []*Series) {
	key := datasetKey{tenant: tenant, service: service}
	head, ok := s.heads[key]
	if !ok {
		head = newSeriesMerger()
		s.heads[key] = head
	}
	for _, x := range series {
		head.add(x)
	}
}

// datasets are ordered by tenant, then service, as segments have them.
func (s *segment) datasets(c *compressor) []*Dataset {
	keys := slices.SortedFunc(maps.Keys(s.heads), datasetKey.compare)
	sets := make([]*Dataset, len(keys))
	for i, key := range keys {
		sets[i] = newDataset(key, s.heads[key], c)
	}
	return sets
}

func newDataset(key datasetKey, series *seriesMerger, c *compressor) *Dataset {
	ds := &Dataset{Tenant: key.tenant, Service: key.service, Series: series.merged()}
	ds.Sections = c.sectionSizes(ds)
	return ds
}

// Cut ends the open segments. Each becomes a level 0 block, which holds the
// datasets of all tenants on its shard.
func (s *Store) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(s.open), func(a, b segmentKey) int {
		return cmp.Or(cmp.Compare(a.window, b.window), cmp.Compare(a.shard, b.shard))
	})
	for _, key := range keys {
		b := newBlockBuilder("", key.shard, 0, s.host, s.compressor)
		for _, ds := range s.open[key].datasets(s.compressor) {
			b.append(ds, b.profileTypeLabels(ds))
		}
		block := b.build()
		block.setID(s.newID(uint64(block.Meta.MaxTime)))
		s.add(block)
		delete(s.open, key)
	}
}

// A seriesMerger joins the profiles of equal series.
type seriesMerger struct {
	series map[string]*Series
}

func newSeriesMerger() *seriesMerger {
	return &seriesMerger{series: make(map[string]*Series)}
}

func (m *seriesMerger) add(s *Series) {
	var key []byte
	for _, l := range s.Labels {
		key = appendString(appendString(key, l.Name), l.Value)
	}
	merged, ok := m.series[string(key)]
	if !ok {
		merged = &Series{Labels: s.Labels}
		m.series[string(key)] = merged
	}
	merged.Profiles = append(merged.Profiles, s.Profiles...)
}

// merged returns the series ordered by profile type, then by their other
// labels; profiles are in time order.
func (m *seriesMerger) merged() []*Series {
	all := slices.Collect(maps.Values(m.series))
	for _, s := range all {
		slices.SortStableFunc(s.Profiles, func(a, b *Profile) int {
			return cmp.Or(cmp.Compare(a.Timestamp, b.Timestamp), slices.Compare(a.ID[:], b.ID[:]))
		})
	}
	slices.SortFunc(all, func(a, b *Series) int {
		return cmp.Or(strings.Compare(a.profileType(), b.profileType()), compareLabels(a.Labels, b.Labels))
	})
	return all
}

func (s *Series) profileType() string {
	for _, l := range s.Labels {
		if l.Name == profile.LabelProfileType {
			return l.Value
		}
	}
	return ""
}

func compareLabels(a, b []*typesv1.LabelPair) int {
	return slices.CompareFunc(a, b, func(a, b *typesv1.LabelPair) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
	})
}
