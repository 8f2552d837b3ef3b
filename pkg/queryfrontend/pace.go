package queryfrontend

import (
	"math/bits"
	"sync"
	"time"
)

const (
	// patience is how long people wait without a picture: what takes longer is read in
	// portions, where somebody looks.
	patience = time.Second
	// paceWeight is what a new execution counts for, against all before.
	paceWeight = 0.3
	// paceLasts is how long what is known of a pace is relied on.
	paceLasts = time.Minute
)

// A pace is how fast the cluster has been with queries of each size, by powers of two.
// Small ones take about the same time whatever their size: one speed for all would tell
// nothing of large ones.
type pace struct {
	mu    sync.Mutex
	sizes [65]speed
}

// A speed is of queries of one size. The zero value is not known.
type speed struct {
	perByte float64 // seconds
	at      time.Time
}

func (p *pace) observe(bytes uint64, took time.Duration) {
	if bytes == 0 || took <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s, perByte := &p.sizes[bits.Len64(bytes)], took.Seconds()/float64(bytes)
	if s.perByte == 0 {
		s.perByte = perByte
	}
	s.perByte += paceWeight * (perByte - s.perByte)
	s.at = time.Now()
}

// expect is how long a query takes that reads so many bytes. Sure says that queries of the
// size were asked of late, or that others show that it takes less than people wait. Where
// nothing is known it is 0.
func (p *pace) expect(bytes uint64) (took time.Duration, sure bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := bits.Len64(bytes)
	of := func(i int, bytes uint64) time.Duration {
		return time.Duration(min(p.sizes[i].perByte*float64(bytes), 1e9) * float64(time.Second)) // 1e9: thirty years
	}
	late := func(i int) bool { return p.sizes[i].perByte > 0 && time.Since(p.sizes[i].at) < paceLasts }
	if late(size) {
		return of(size, bytes), true
	}
	for i := size + 1; i < len(p.sizes); i++ {
		if late(i) { // the larger, the less a byte takes
			took = of(i, bytes)
			return took, took >= patience || of(i, 1<<(i-1)) < patience
		}
	}
	for i := size - 1; i >= 0; i-- {
		if late(i) {
			took = of(i, bytes)
			return took, took < patience
		}
	}
	return 0, false
}
