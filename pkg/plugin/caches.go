package plugin

import (
	"sync"

	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

// cacheSizes adds up the caches of all data sources.
type cacheSizes struct {
	mu     sync.Mutex
	caches map[*slicecache.Cache]bool
}

func (s *cacheSizes) bytes() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := uint64(0)
	for cache := range s.caches {
		sum += cache.Bytes()
	}
	return float64(sum)
}

// cached counts a cache in, until it is uncached.
func (m *metrics) cached(cache *slicecache.Cache) {
	m.caches.mu.Lock()
	defer m.caches.mu.Unlock()
	if m.caches.caches == nil {
		m.caches.caches = make(map[*slicecache.Cache]bool)
	}
	m.caches.caches[cache] = true
}

func (m *metrics) uncached(cache *slicecache.Cache) {
	m.caches.mu.Lock()
	defer m.caches.mu.Unlock()
	delete(m.caches.caches, cache)
}
