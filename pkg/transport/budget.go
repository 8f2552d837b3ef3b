package transport

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// The retry budget. An attempt beyond a call's first takes a token. Every answered call brings one back, and time brings
// a few more, so that a service under trouble sees at most twice the load of its answered calls and budgetRate more a
// second. A call that finds no token waits for one, within its deadline: throttled, it still need not fail.
const (
	budgetMax  = 100.0
	budgetRate = 10.0 // tokens a second
)

type budget struct {
	now func() time.Time

	mu     sync.Mutex
	tokens float64
	at     time.Time
}

func newBudget(now func() time.Time) *budget {
	return &budget{now: now, tokens: budgetMax, at: now()}
}

// take takes a token, if there is one.
func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	b.tokens = min(budgetMax, b.tokens+budgetRate*now.Sub(b.at).Seconds())
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// put brings back the token of an answered call.
func (b *budget) put() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(budgetMax, b.tokens+1)
}

// Pauses between attempts: they double, with full jitter, so that calls which failed together do not come back together.
const (
	pauseBase = 20 * time.Millisecond
	pauseMax  = 500 * time.Millisecond
)

// pause is the time to wait before the retry of that number; the first is 1.
func pause(retry int) time.Duration {
	d := pauseMax
	if shift := retry - 1; shift < 5 {
		d = min(pauseMax, pauseBase<<shift)
	}
	return jitter(d)
}

// jitter returns between half of d and d.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1)
}

// sleep waits; it returns early, with false, when ctx ends.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
