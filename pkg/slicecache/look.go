package slicecache

import (
	"cmp"
	"iter"
	"maps"
	"math/bits"
	"slices"
	"sync"
	"time"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

const (
	// firstSlices and slicesPerLook bound the slices that are made for a query, by how
	// often it was asked: each is a request more. So there are less than twice the
	// requests.
	firstSlices   = 6
	slicesPerLook = 0.8
	// atOnce is how many slices are made by one look.
	atOnce = 8
	// maxSlices is how many slices a query has. Those that were reused least recently
	// are lost first.
	maxSlices = 512
	// maxLengths is how many lengths of ranges are told apart.
	maxLengths = 8
	// leastInterval is the least time that is taken to pass between two looks.
	leastInterval = time.Second
	// leftOften is after how many readers in a row that left before the answer was there the
	// next one is taken to leave as well, within leftLasts. One may have changed their mind.
	leftOften = 2
	leftLasts = time.Minute
)

// A query is what is remembered of one.
type query struct {
	mu sync.Mutex
	// looks are by the length of the range, roughly: a panel over an hour and one over a
	// day are asked at different times.
	looks  map[int]*looks
	slices map[uint64]*Slice
	used   map[uint64]int64 // by slice: when it was used last, counted in looks
	turn   int64
}

// Looks are those at ranges of one length, each of which overlaps the one before.
type looks struct {
	start, end int64
	at         time.Time
	count      int // before the last one
	made       int // slices
	left       int // readers in a row, the last ones, who did not wait
}

// A Look is what is known when a query is asked.
type Look struct {
	cache   *Cache
	key     Key
	query   *query
	looks   *looks
	numbers []uint64
	slices  []*Slice
	// Again says that an overlapping range was asked for before.
	Again bool
	// Left says that those who asked of late did not wait for the answer, as dashboards do
	// that are refreshed sooner.
	Left bool
	// Known are the slices there are, and Options what more of them are worth.
	Known   []queryplan.KnownSlice
	Options queryplan.SliceOptions
}

func (q *query) look(start, end int64, now time.Time) *Look {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.turn++
	if q.looks == nil {
		q.looks = make(map[int]*looks)
	}
	length := bits.Len64(uint64(max(end-start, 0)))
	l := q.looks[length]
	if l == nil && len(q.looks) == maxLengths {
		clear(q.looks)
	}
	if l == nil || l.end < start || end < l.start {
		l = &looks{start: start, end: end, at: now}
		q.looks[length] = l
		return &Look{looks: l}
	}
	interval := max(now.Sub(l.at), leastInterval)
	l.start, l.end, l.at = start, end, now
	l.count++
	look := &Look{looks: l, Again: true, Left: l.left >= leftOften && interval < leftLasts}
	look.Options.Interval = interval
	look.Options.Fresh = max(0, min(atOnce, firstSlices+int(slicesPerLook*float64(l.count))-l.made))
	q.prune()
	look.numbers = slices.Sorted(maps.Keys(q.slices))
	for _, number := range look.numbers {
		s := q.slices[number]
		look.slices = append(look.slices, s)
		look.Known = append(look.Known, queryplan.KnownSlice{Reads: s.Reads, Bytes: s.Bytes, MinTime: s.MinTime, MaxTime: s.MaxTime})
	}
	return look
}

// prune forgets what the cache has let go; the lock is held.
func (q *query) prune() {
	for number, s := range q.slices {
		if s.gone.Load() {
			delete(q.slices, number)
			delete(q.used, number)
		}
	}
}

// forget is called when the query itself is forgotten.
func (q *query) forget() iter.Seq[uint64] {
	q.mu.Lock()
	defer q.mu.Unlock()
	numbers := maps.Clone(q.slices)
	q.slices, q.used = nil, nil
	return maps.Keys(numbers)
}

// Reuse is the known slice at an index, and counts its use. It is nil if the cache has
// let it go since.
func (l *Look) Reuse(i int) *Slice {
	s, _ := l.cache.slices.GetIfPresent(sliceKey{l.key, l.numbers[i]})
	if s == nil {
		return nil
	}
	l.query.mu.Lock()
	defer l.query.mu.Unlock()
	if l.query.used != nil {
		l.query.used[l.numbers[i]] = l.query.turn
	}
	return s
}

// Drop forgets a known slice, by its index.
func (l *Look) Drop(i int) { l.cache.slices.Invalidate(sliceKey{l.key, l.numbers[i]}) }

// Forget forgets slices of the query that turned out to be no answers. Nil ones are none.
func (l *Look) Forget(wrong ...*Slice) {
	l.query.mu.Lock()
	var numbers []uint64
	for number, s := range l.query.slices {
		if slices.Contains(wrong, s) {
			numbers = append(numbers, number)
		}
	}
	l.query.mu.Unlock()
	for _, number := range numbers {
		l.cache.slices.Invalidate(sliceKey{l.key, number})
	}
}

// Made counts slices that are about to be read.
func (l *Look) Made(slices int) {
	l.query.mu.Lock()
	defer l.query.mu.Unlock()
	l.looks.made += slices
}

// Leave remembers whether whoever asks leaves before the answer is there.
func (l *Look) Leave(left bool) {
	l.query.mu.Lock()
	defer l.query.mu.Unlock()
	l.looks.left++
	if !left {
		l.looks.left = 0
	}
}

// Keep keeps a slice that was read.
func (l *Look) Keep(s *Slice) {
	number := l.cache.numbers.Add(1)
	lost, kept := l.query.put(number, s)
	if !kept {
		return
	}
	if lost != 0 {
		l.cache.slices.Invalidate(sliceKey{l.key, lost})
	}
	l.cache.slices.Set(sliceKey{l.key, number}, s)
}

// put adds a slice, and says which one is lost for it, by a number that is not 0. A query
// that was forgotten keeps nothing.
func (q *query) put(number uint64, s *Slice) (lost uint64, kept bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.slices == nil {
		return 0, false
	}
	if q.used == nil {
		q.used = make(map[uint64]int64)
	}
	if len(q.slices) >= maxSlices {
		lost = slices.MinFunc(slices.Collect(maps.Keys(q.slices)), func(a, b uint64) int {
			return cmp.Or(cmp.Compare(q.used[a], q.used[b]), cmp.Compare(a, b))
		})
		delete(q.slices, lost)
		delete(q.used, lost)
	}
	q.slices[number], q.used[number] = s, q.turn
	return lost, true
}
