package slicecache_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const day = int64(86_400_000)

func key(i int) (k slicecache.Key) {
	copy(k[:], fmt.Sprintf("query %d", i))
	return k
}

func slice(name string, bytes int) *slicecache.Slice {
	s := &slicecache.Slice{Bytes: 1 << 20, MinTime: 10, MaxTime: 20, Reports: [][]byte{make([]byte, bytes)}}
	var id queryplan.ReadID
	copy(id[:], name)
	s.Reads = append(s.Reads, id)
	return s
}

// A clock that only goes by hand.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }

func TestTheFirstLookMakesNoSlices(t *testing.T) {
	c := &clock{now: time.UnixMilli(day)}
	cache := slicecache.New(1<<20, c.read)
	require.False(t, cache.Look(key(1), 0, 3_600_000).Again)
	c.pass(30 * time.Second)
	require.False(t, cache.Look(key(2), 30_000, 3_630_000).Again, "another query")
	look := cache.Look(key(1), 30_000, 3_630_000)
	require.True(t, look.Again)
	require.Equal(t, 30*time.Second, look.Options.Interval)
	require.Positive(t, look.Options.Fresh)
	require.False(t, cache.Look(key(1), day, day+3_600_000).Again, "another time")
	require.False(t, cache.Look(key(1), 0, day).Again, "a range of another length, which is asked when another panel is")
	require.True(t, cache.Look(key(1), 30_000, day+30_000).Again)
}

// Over many looks, there are less than two requests for each.
func TestSlicesAreNoMoreThanLooks(t *testing.T) {
	c := &clock{now: time.UnixMilli(day)}
	cache := slicecache.New(1<<20, c.read)
	made := 0
	for i := range 60 {
		c.pass(time.Minute)
		look := cache.Look(key(1), int64(i)*60_000, int64(i)*60_000+3_600_000)
		require.LessOrEqual(t, look.Options.Fresh, 8)
		look.Made(look.Options.Fresh)
		made += look.Options.Fresh
	}
	require.LessOrEqual(t, made, 60)
	require.Greater(t, made, 40)
}

func TestSlicesAreKnownToTheirQueryOnly(t *testing.T) {
	c := &clock{now: time.UnixMilli(day)}
	cache := slicecache.New(1<<20, c.read)
	var look *slicecache.Look
	for range 2 {
		cache.Look(key(2), 0, 100)
		look = cache.Look(key(1), 0, 100)
	}
	kept := slice("a", 100)
	look.Keep(kept)
	again := cache.Look(key(1), 0, 100)
	require.Equal(t, []queryplan.KnownSlice{{Reads: kept.Reads, Bytes: 1 << 20, MinTime: 10, MaxTime: 20}}, again.Known)
	require.Same(t, kept, again.Reuse(0))
	require.Empty(t, cache.Look(key(2), 0, 100).Known)

	again.Drop(0)
	require.Nil(t, again.Reuse(0))
	require.Empty(t, cache.Look(key(1), 0, 100).Known)
	require.Zero(t, cache.Bytes())
}

// 100 dashboards of 20 services, with slices of all sizes: the bound holds at any moment,
// what is larger than all of it is not kept, and what is asked for often stays.
func TestBytesAreBounded(t *testing.T) {
	const limit = 8 << 20
	c := &clock{now: time.UnixMilli(day)}
	cache := slicecache.New(limit, c.read)
	random := rand.New(rand.NewPCG(1, 2))
	var group sync.WaitGroup
	for dashboard := range 100 {
		sizes := [20]int{}
		for i := range sizes {
			sizes[i] = random.IntN(300_000)
		}
		group.Go(func() {
			for i, size := range sizes {
				cache.Look(key(dashboard%20), int64(i), int64(i)+100)
				look := cache.Look(key(dashboard%20), int64(i), int64(i)+100)
				if len(look.Known) > 0 {
					look.Reuse(0)
				}
				look.Keep(slice(fmt.Sprint(dashboard, i), size))
				if bytes := cache.Bytes(); bytes > limit*115/100 {
					t.Errorf("%d bytes are kept, of %d", bytes, limit)
				}
			}
		})
	}
	group.Wait()
	require.Greater(t, cache.Bytes(), uint64(limit/2))
	kept := 0
	for i := range 20 {
		for _, known := range cache.Look(key(i), 19, 119).Known {
			require.NotEmpty(t, known.Reads)
			kept++
		}
	}
	require.Positive(t, kept)
	require.Less(t, kept, 2000)

	look := cache.Look(key(0), 19, 119)
	before := len(look.Known)
	look.Keep(slice("too large", limit+1))
	require.LessOrEqual(t, len(cache.Look(key(0), 19, 119).Known), before)
}

// Queries are forgotten too, and their slices with them.
func TestQueriesAreBounded(t *testing.T) {
	c := &clock{now: time.UnixMilli(day)}
	cache := slicecache.New(64<<20, c.read)
	for i := range 10_000 {
		cache.Look(key(i), 0, 100)
		cache.Look(key(i), 0, 100).Keep(slice("a", 1000))
	}
	require.Less(t, cache.Bytes(), uint64(5000*2000))
	known := 0
	for i := range 10_000 {
		known += len(cache.Look(key(i), 0, 100).Known)
	}
	require.LessOrEqual(t, known, 4096)
}

// A query has so many slices at most: those that are used stay.
func TestSlicesOfAQueryAreBounded(t *testing.T) {
	c := &clock{now: time.UnixMilli(day)}
	cache := slicecache.New(64<<20, c.read)
	cache.Look(key(1), 0, 100)
	used := slice("used", 10)
	cache.Look(key(1), 0, 100).Keep(used)
	for i := range 2000 {
		look := cache.Look(key(1), 0, 100)
		require.LessOrEqual(t, len(look.Known), 512)
		require.Same(t, used, look.Reuse(0))
		look.Keep(slice(fmt.Sprint(i), 10))
	}
}

// Of readers who leave, two in a row show that the next one leaves as well, for a minute.
func TestReadersWhoLeave(t *testing.T) {
	c := &clock{now: time.UnixMilli(day)}
	cache := slicecache.New(1<<20, c.read)
	look := func(after time.Duration) *slicecache.Look {
		c.pass(after)
		return cache.Look(key(1), 0, 3_600_000)
	}
	leave := []bool{true, false, true, true}
	for _, left := range leave {
		one := look(5 * time.Second)
		require.False(t, one.Left)
		one.Leave(left)
	}
	require.True(t, look(5*time.Second).Left)
	require.True(t, look(59*time.Second).Left)
	require.False(t, look(time.Minute).Left, "that is no refresh")
	one := look(5 * time.Second)
	require.True(t, one.Left)
	one.Leave(false)
	require.False(t, look(5*time.Second).Left)
}
