package transport

import (
	"slices"
	"sync"
	"time"
)

// latencies remembers how long the last answers took.
type latencies struct {
	mu     sync.Mutex
	ring   [64]time.Duration
	count  int // all that were added
	p95    time.Duration
	sorted [64]time.Duration
}

// minLatencies is how many answers the quantile needs to mean anything.
const minLatencies = 8

func (l *latencies) add(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring[l.count%len(l.ring)] = d
	l.count++
	if l.count < minLatencies || l.count%8 != 0 {
		return
	}
	n := copy(l.sorted[:], l.ring[:min(l.count, len(l.ring))])
	slices.Sort(l.sorted[:n])
	l.p95 = l.sorted[n*95/100]
}

// quantile95 is 0 while too little is known.
func (l *latencies) quantile95() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.p95
}
