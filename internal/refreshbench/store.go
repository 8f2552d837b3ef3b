package refreshbench

import (
	"encoding/binary"
	"math"
	"math/rand/v2"

	"github.com/oklog/ulid/v2"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// Pyroscope's default schedule: a segment is flushed twice a second, and of each shard
// so many blocks of a level are merged into one, or what is there after a time.
const segmentLength = 500

var levels = []struct {
	blocks int
	age    int64 // milliseconds
	takes  int64 // until the worker has merged them
}{
	{20, 36_000, 3_000},
	{10, 720_000, 5_000},
	{10, 10_800_000, 10_000},
}

// A store is one shard of a Pyroscope, in which a service of some pods is written along
// with others, as the metastore lists it for that service. Time is in milliseconds.
type store struct {
	service Service
	random  *rand.Rand
	now     int64
	live    []*block
	queues  [3]queue
	due     []job
}

// A Service is what is written.
type Service struct {
	Pods int
	// Scrape is how often each is profiled, in milliseconds.
	Scrape int64
}

type block struct {
	id       string
	level    uint32
	from, to int64 // of its profiles, if it has any
	profiles int   // scrapes of the service in it
	created  int64
}

type queue struct {
	blocks []*block
	since  int64
}

type job struct {
	sources []*block
	done    int64
}

func newStore(s Service, start int64) *store {
	return &store{service: s, random: rand.New(rand.NewPCG(1, 1)), now: start}
}

// advance writes and compacts until a time.
func (s *store) advance(to int64) {
	for s.now+segmentLength <= to {
		s.push(s.segment())
		s.now += segmentLength
		s.finish()
		for level := range s.queues {
			if q := &s.queues[level]; len(q.blocks) > 0 && s.now-q.since > levels[level].age {
				s.flush(level)
			}
		}
	}
}

// segment has the scrapes of half a second. Pods are scraped in turn.
func (s *store) segment() *block {
	b := &block{level: 0, created: s.now + segmentLength}
	each := s.service.Scrape / int64(s.service.Pods)
	first := (s.now + each - 1) / each * each
	for at := first; at < s.now+segmentLength; at += each {
		if b.profiles == 0 {
			b.from = at
		}
		b.to = at
		b.profiles++
	}
	return b
}

func (s *store) push(b *block) {
	b.id = s.newID(b.created)
	s.live = append(s.live, b)
	if int(b.level) >= len(s.queues) {
		return
	}
	q := &s.queues[b.level]
	if len(q.blocks) == 0 {
		q.since = s.now
	}
	if q.blocks = append(q.blocks, b); len(q.blocks) == levels[b.level].blocks {
		s.flush(int(b.level))
	}
}

func (s *store) flush(level int) {
	s.due = append(s.due, job{s.queues[level].blocks, s.now + levels[level].takes})
	s.queues[level] = queue{}
}

// finish replaces sources by what they were merged into.
func (s *store) finish() {
	var waiting, done []job
	for _, j := range s.due {
		if j.done > s.now {
			waiting = append(waiting, j)
		} else {
			done = append(done, j)
		}
	}
	s.due = waiting
	for _, j := range done {
		merged := &block{level: j.sources[0].level + 1, created: j.sources[0].created}
		gone := make(map[*block]bool)
		for _, b := range j.sources {
			gone[b] = true
			if b.profiles == 0 {
				continue
			}
			if merged.profiles == 0 {
				merged.from = b.from
			}
			merged.profiles += b.profiles
			merged.to = max(merged.to, b.to)
		}
		kept := s.live[:0]
		for _, b := range s.live {
			if !gone[b] {
				kept = append(kept, b)
			}
		}
		s.live = kept
		s.push(merged)
	}
}

func (s *store) newID(ms int64) string {
	var id ulid.ULID
	if err := id.SetTime(uint64(ms)); err != nil {
		panic(err) // the store's times are far below the limit
	}
	binary.BigEndian.PutUint16(id[6:], uint16(s.random.Uint32()))
	binary.BigEndian.PutUint64(id[8:], s.random.Uint64())
	return id.String()
}

// The sizes of a dataset's sections by the scrapes in it, in bytes. They are fitted to a
// live Pyroscope's blocks of all levels (pkg/queryfrontend/testdata/conformance): a scrape
// of all its types takes 6.6 kB alone and 3.3 kB among many, its symbols 9 kB, which
// grow with the root of their number, since functions repeat, up to maxSymbols.
func sections(scrapes int) (profiles, index, symbols uint64) {
	n := float64(scrapes)
	return uint64(3300 * n * (1 + 1/math.Sqrt(n))), uint64(2400 + 600*math.Log2(n+1)), uint64(min(9000*math.Sqrt(n), maxSymbols))
}

const maxSymbols = 400_000

// others is what other services have in a block, which are in the same shard. It is more
// than what a query-backend fetches in one piece.
const others = 4 << 20

// answer is the metastore's to a query of the service's datasets in a range.
func (s *store) answer(start, end int64) ([]byte, error) {
	listed := new(metastorev1.QueryMetadataResponse)
	for _, b := range s.live {
		if b.profiles > 0 && b.from <= end && b.to >= start {
			listed.Blocks = append(listed.Blocks, b.meta())
		}
	}
	return listed.MarshalVT()
}

const (
	tenant      = "anonymous"
	serviceName = "service"
	cpu         = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
)

func (b *block) meta() *metastorev1.BlockMeta {
	profiles, index, symbols := sections(b.profiles)
	m := &metastorev1.BlockMeta{
		FormatVersion: 1, Id: b.id, Shard: 1, CompactionLevel: b.level, MinTime: b.from, MaxTime: b.to,
		StringTable: []string{"", tenant, serviceName, "service_name", "__profile_type__", cpu},
		Size:        others + profiles + index + symbols, MetadataOffset: others + profiles + index + symbols - 4096,
		Datasets: []*metastorev1.Dataset{{
			Tenant: 1, Name: 2, MinTime: b.from, MaxTime: b.to, TableOfContents: []uint64{0, profiles, profiles + index},
			Size: profiles + index + symbols, Labels: []int32{2, 3, 2, 4, 5},
		}},
	}
	if b.level > 0 {
		m.Tenant = 1
	}
	return m
}
