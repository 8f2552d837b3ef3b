package blockstore

import (
	"math"
	"slices"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/stringtable"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

const (
	formatVersion = 1
	// formatIndex marks the dataset that is a tenant's index of its block.
	formatIndex = 1
	// metadataTrailer is what follows the metadata at the end of a block: its
	// length and its checksum.
	metadataTrailer = 8

	valueOfUnsymbolized = "true"
)

// A labelSet is name and value in turn.
type labelSet []string

// A blockBuilder lays out a block: datasets one after the other, behind each
// tenant's last one the tenant's index, and the metadata at the end.
type blockBuilder struct {
	block      *Block
	strings    *stringtable.Table
	compressor *compressor
	offset     uint64
	tenant     int // where the current tenant's datasets begin
}

func newBlockBuilder(tenant string, shard, level uint32, createdBy string, c *compressor) *blockBuilder {
	t := stringtable.New()
	return &blockBuilder{
		strings:    t,
		compressor: c,
		block: &Block{Meta: &metastorev1.BlockMeta{
			FormatVersion:   formatVersion,
			Tenant:          t.Put(tenant),
			Shard:           shard,
			CompactionLevel: level,
			CreatedBy:       t.Put(createdBy),
			MinTime:         math.MaxInt64,
			MaxTime:         math.MinInt64,
		}},
	}
}

// append adds a dataset. Those of one tenant must follow each other.
func (b *blockBuilder) append(ds *Dataset, labels []labelSet) {
	if n := len(b.block.Datasets); n > 0 && b.block.Datasets[n-1].Tenant != ds.Tenant {
		b.closeTenant()
	}
	minTime, maxTime := ds.timeRange()
	size := ds.Sections.Profiles + ds.Sections.TSDB + ds.Sections.Symbols
	meta := &metastorev1.Dataset{
		Tenant:  b.strings.Put(ds.Tenant),
		Name:    b.strings.Put(ds.Service),
		MinTime: minTime,
		MaxTime: maxTime,
		TableOfContents: []uint64{
			b.offset,
			b.offset + ds.Sections.Profiles,
			b.offset + ds.Sections.Profiles + ds.Sections.TSDB,
		},
		Size:   size,
		Labels: b.encodeLabels(labels),
	}
	b.offset += size
	b.block.Meta.MinTime = min(b.block.Meta.MinTime, minTime)
	b.block.Meta.MaxTime = max(b.block.Meta.MaxTime, maxTime)
	b.block.Meta.Datasets = append(b.block.Meta.Datasets, meta)
	b.block.Datasets = append(b.block.Datasets, ds)
}

// closeTenant writes the index of the tenant whose datasets came last.
func (b *blockBuilder) closeTenant() {
	metas := b.block.Meta.Datasets[b.tenant:]
	if len(metas) == 0 {
		return
	}
	index := &metastorev1.Dataset{
		Format:          formatIndex,
		Tenant:          metas[0].Tenant,
		MinTime:         math.MaxInt64,
		MaxTime:         math.MinInt64,
		TableOfContents: []uint64{b.offset},
		Size:            b.compressor.indexSize(b.block.Datasets[b.tenant:]),
		Labels:          b.encodeLabels([]labelSet{{profile.LabelTenantDataset, profile.TenantDatasetIndex}}),
	}
	for _, m := range metas {
		index.MinTime = min(index.MinTime, m.MinTime)
		index.MaxTime = max(index.MaxTime, m.MaxTime)
	}
	b.offset += index.Size
	b.block.Meta.Datasets = append(b.block.Meta.Datasets, index)
	b.block.Datasets = append(b.block.Datasets, nil)
	b.tenant = len(b.block.Datasets)
}

func (b *blockBuilder) build() *Block {
	b.closeTenant()
	b.block.Meta.StringTable = b.strings.Strings
	b.block.Meta.MetadataOffset = b.offset
	return b.block
}

// setID completes the metadata. The size of a block comes last: it counts the
// encoded metadata, which itself holds no size yet.
func (b *Block) setID(id string) {
	b.Meta.Id = id
	b.Meta.Size = b.Meta.MetadataOffset + uint64(b.Meta.SizeVT()) + metadataTrailer
}

// profileTypeLabels are the label sets of a segment's dataset: one for every
// profile type, and one more if any location in it lacks symbols.
func (b *blockBuilder) profileTypeLabels(ds *Dataset) []labelSet {
	var types []string
	for _, s := range ds.Series {
		if t := s.profileType(); !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	slices.Sort(types)
	var sets []labelSet
	for _, t := range types {
		sets = append(sets, labelSet{profile.LabelServiceName, ds.Service, profile.LabelProfileType, t})
	}
	if !ds.symbolized() {
		sets = append(sets, labelSet{profile.LabelServiceName, ds.Service, profile.LabelUnsymbolized, valueOfUnsymbolized})
	}
	return sets
}

// encodeLabels writes each set as the number of its pairs followed by them.
func (b *blockBuilder) encodeLabels(sets []labelSet) []int32 {
	var encoded []int32
	for _, set := range sets {
		encoded = append(encoded, int32(len(set)/2))
		for _, s := range set {
			encoded = append(encoded, b.strings.Put(s))
		}
	}
	return encoded
}

func (d *Dataset) symbolized() bool {
	for _, series := range d.Series {
		for _, p := range series.Profiles {
			for i := range p.Samples {
				for k := range p.Samples[i].Stack {
					if !p.Samples[i].Stack[k].Symbolized() {
						return false
					}
				}
			}
		}
	}
	return true
}

func (d *Dataset) timeRange() (minTime, maxTime int64) {
	minTime, maxTime = math.MaxInt64, math.MinInt64
	for _, s := range d.Series {
		for _, p := range s.Profiles {
			minTime, maxTime = min(minTime, p.Timestamp), max(maxTime, p.Timestamp)
		}
	}
	return minTime, maxTime
}
