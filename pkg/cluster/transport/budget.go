package transport

import (
	"sync"
	"time"
)

// budget bounds what calls add to a service's load on the clients' own account. A further attempt takes a token; each
// answered call brings a share of one, and time a few more.
type budget struct {
	now     func() time.Time
	share   float64 // of a token, for each answered call
	rate    float64 // tokens a second
	maximum float64

	mu     sync.Mutex
	tokens float64
	at     time.Time
}

// newRetryBudget is that of retries: a service in trouble sees at most twice the load of its answered calls, and ten more a
// second. A call that finds no token waits for one, within its deadline: throttled, it still need not fail.
func newRetryBudget() *budget {
	return &budget{now: time.Now, share: 1, rate: 10, maximum: 100, tokens: 100}
}

// newHedgeBudget is that of hedges: a tenth of the answered calls.
func newHedgeBudget() *budget { return &budget{now: time.Now, share: 0.1, maximum: 10} }

// take takes a token, if there is one.
func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if !b.at.IsZero() {
		b.tokens = min(b.maximum, b.tokens+b.rate*now.Sub(b.at).Seconds())
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// put brings back the share of an answered call.
func (b *budget) put() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.maximum, b.tokens+b.share)
}
