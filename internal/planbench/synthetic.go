package planbench

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/oklog/ulid/v2"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/stringtable"
)

// A Synthetic store has blocks whose sizes are log-normal over four orders of
// magnitude, as compaction leaves them: many small segments, and some large
// blocks.
type Synthetic struct {
	Blocks int
	Seed   uint64
	// Services is how many services there are. A block of the only one has one
	// dataset, else it has the more the larger it is.
	Services int
	// Median is the median of the blocks' sizes in bytes; the smallest have a
	// hundredth of it, the largest a hundred times as much.
	Median uint64
}

const (
	syntheticTenant = "anonymous"
	shards          = 64
	storeStart      = 1_790_000_000_000 // Unix ms
	storeLength     = 24 * 3600 * 1000
)

// What services are profiled for: a block's dataset has the one or the other
// until compaction brings them together.
var (
	cpuTypes    = []string{"process_cpu:cpu:nanoseconds:cpu:nanoseconds", "process_cpu:samples:count:cpu:nanoseconds"}
	memoryTypes = []string{
		"memory:alloc_objects:count:space:bytes", "memory:alloc_space:bytes:space:bytes",
		"memory:inuse_objects:count:space:bytes", "memory:inuse_space:bytes:space:bytes",
	}
	allTypes = append(append([]string(nil), cpuTypes...), memoryTypes...)
)

// Generate makes the store's blocks, the same for the same seed.
func (s Synthetic) Generate() *Store {
	random := rand.New(rand.NewPCG(s.Seed, 1))
	store := &Store{Blocks: make([]*metastorev1.BlockMeta, s.Blocks)}
	for i := range store.Blocks {
		store.Blocks[i] = s.block(random)
	}
	return store
}

// logNormal returns a size around the median, within a factor of 100.
func logNormal(random *rand.Rand, median uint64) uint64 {
	sigma := math.Log(10_000) / 4
	for {
		if x := random.NormFloat64(); math.Abs(x) <= 2 {
			return uint64(float64(median) * math.Exp(sigma*x))
		}
	}
}

// blockID makes a ULID.
func blockID(ms uint64, random *rand.Rand) string {
	var id ulid.ULID
	if err := id.SetTime(ms); err != nil {
		panic(err) // the store's times are far below the limit
	}
	binary.BigEndian.PutUint16(id[6:], uint16(random.Uint32()))
	binary.BigEndian.PutUint64(id[8:], random.Uint64())
	return id.String()
}

func (s Synthetic) block(random *rand.Rand) *metastorev1.BlockMeta {
	size := logNormal(random, s.Median)
	start := storeStart + random.Int64N(storeLength)
	b := &metastorev1.BlockMeta{
		FormatVersion: 1,
		Id:            blockID(uint64(start+60_000), random),
		Shard:         uint32(random.IntN(shards)),
		MinTime:       start,
		MaxTime:       start + 60_000,
	}
	table := stringtable.New()
	types := allTypes
	sets := 1
	switch {
	case size < s.Median/4: // a segment
		types = cpuTypes
		if random.IntN(2) == 0 {
			types = memoryTypes
		}
		sets += random.IntN(3)
		b.CreatedBy = table.Put(fmt.Sprintf("pyroscope-segment-writer-%d", random.IntN(20)))
	case size < 4*s.Median:
		b.CompactionLevel = 1
		sets += random.IntN(8)
	default:
		b.CompactionLevel = 2 + uint32(random.IntN(2))
		sets += 4 + random.IntN(28)
	}
	sets = min(sets, s.Services)
	tenant := table.Put(syntheticTenant)
	if b.CompactionLevel > 0 {
		b.Tenant = tenant
	}
	index := 2_000 + size/50
	offset := s.writeSets(random, b, table, tenant, types, sets, size)
	b.Datasets = append(b.Datasets, &metastorev1.Dataset{
		Format: 1, Tenant: tenant, MinTime: b.MinTime, MaxTime: b.MaxTime, TableOfContents: []uint64{offset}, Size: index,
		Labels: []int32{1, table.Put("__tenant_dataset__"), table.Put("dataset_tsdb_index")},
	})
	b.MetadataOffset = offset + index
	b.Size = b.MetadataOffset + 200 + 60*uint64(sets)
	b.StringTable = table.Strings
	return b
}

// writeSets shares the size unevenly among datasets of neighbouring services,
// and returns where they end.
func (s Synthetic) writeSets(random *rand.Rand, b *metastorev1.BlockMeta, table *stringtable.Table, tenant int32, types []string, sets int, size uint64) uint64 {
	weights := make([]float64, sets)
	var sum float64
	for i := range weights {
		weights[i] = 0.05 + random.ExpFloat64()
		sum += weights[i]
	}
	first := random.IntN(s.Services)
	var offset uint64
	for i := range sets {
		bytes := uint64(weights[i] / sum * float64(size))
		service := table.Put(fmt.Sprintf("service-%03d", (first+i)%s.Services))
		d := &metastorev1.Dataset{
			Tenant: tenant, Name: service, MinTime: b.MinTime, MaxTime: b.MaxTime, Size: bytes,
			TableOfContents: []uint64{offset, offset + bytes*7/10, offset + bytes*3/4},
		}
		for _, t := range types {
			d.Labels = append(d.Labels, 2, table.Put("service_name"), service, table.Put("__profile_type__"), table.Put(t))
		}
		b.Datasets = append(b.Datasets, d)
		offset += bytes
	}
	return offset
}
