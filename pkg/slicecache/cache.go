package slicecache

import (
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

const (
	// maxQueries is how many queries are remembered. One takes some hundred bytes, and
	// those of its slices.
	maxQueries = 4096
	// sliceOverhead is what a slice takes beside its answer and the names of its reads.
	sliceOverhead = 512
)

// A Key is a hash of all that an answer depends on but the datasets.
type Key [32]byte

// A Slice is an answer over some reads. It is never changed.
type Slice struct {
	// Reads are what was read, and Bytes what that fetched from object storage.
	Reads []queryplan.ReadID
	Bytes uint64
	// MinTime and MaxTime are when what was read begins and ends.
	MinTime, MaxTime int64
	// Reports are encoded query.v1.Report messages. There are none where the reads hold
	// nothing that matches.
	Reports [][]byte
	// Lasts is how long it may be reused, 0 for as long as it is there.
	Lasts time.Duration

	until time.Time
	gone  atomic.Bool // from the cache
}

// keepFrom begins the time that a slice lasts.
func (s *Slice) keepFrom(now time.Time) {
	if s.Lasts > 0 {
		s.until = now.Add(s.Lasts)
	}
}

func (s *Slice) over(now time.Time) bool { return s.Lasts > 0 && !now.Before(s.until) }

// size is what the slice takes in memory.
func (s *Slice) size() uint32 {
	size := sliceOverhead + len(queryplan.ReadID{})*len(s.Reads)
	for _, report := range s.Reports {
		size += len(report)
	}
	return uint32(min(size, 1<<31))
}

type sliceKey struct {
	query  Key
	number uint64
}

// A Cache is safe for concurrent use. Which slices stay is decided by how often they
// are used and by how long ago (W-TinyLFU).
type Cache struct {
	slices  *otter.Cache[sliceKey, *Slice]
	queries *otter.Cache[Key, *query]
	numbers atomic.Uint64
	now     func() time.Time
}

// New makes a cache of at most so many bytes. The clock tells how often queries are
// asked.
func New(maxBytes int64, now func() time.Time) *Cache {
	// Work of the caches' own is done by whoever causes it: no goroutine outlives a call.
	atOnce := func(work func()) { work() }
	c := &Cache{now: now}
	c.slices = otter.Must(&otter.Options[sliceKey, *Slice]{
		MaximumWeight:    uint64(max(maxBytes, 1)),
		Weigher:          func(_ sliceKey, s *Slice) uint32 { return s.size() },
		OnAtomicDeletion: func(e otter.DeletionEvent[sliceKey, *Slice]) { e.Value.gone.Store(true) },
		Executor:         atOnce,
	})
	c.queries = otter.Must(&otter.Options[Key, *query]{
		MaximumSize: maxQueries,
		OnAtomicDeletion: func(e otter.DeletionEvent[Key, *query]) {
			for number := range e.Value.forget() {
				c.slices.Invalidate(sliceKey{e.Key, number})
			}
		},
		Executor: atOnce,
	})
	return c
}

// Bytes is what the slices take.
func (c *Cache) Bytes() uint64 { return c.slices.WeightedSize() }

// Look remembers that a query is asked over a range, in Unix milliseconds, and says what
// is known of it.
func (c *Cache) Look(key Key, start, end int64) *Look {
	q, _ := c.queries.ComputeIfAbsent(key, func() (*query, bool) { return &query{slices: make(map[uint64]*Slice)}, false })
	look := q.look(start, end, c.now())
	for _, number := range look.over {
		c.slices.Invalidate(sliceKey{key, number})
	}
	look.cache, look.key, look.query = c, key, q
	return look
}
