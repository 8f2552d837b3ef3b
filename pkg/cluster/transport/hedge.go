package transport

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// CallHedged is Call for reads that are small and change nothing. When one takes longer than nearly all of its method do,
// it is sent to a second endpoint beside, within a budget of a tenth of the answered calls; the first answer wins. Losing
// says nothing about an endpoint.
func CallHedged[T any](ctx context.Context, c *Client, method string, rpc RPC[T]) (T, error) {
	return repeat(ctx, c, func(ctx context.Context, k *call) (T, *failure) {
		round, cancel := context.WithCancel(ctx)
		defer cancel()
		h := hedged[T]{parent: ctx, call: k, rpc: rpc, method: method, results: make(chan result[T], 2)}
		return h.run(round)
	})
}

// hedged is a round of one attempt, or of two.
type hedged[T any] struct {
	parent  context.Context // the call's; that of the round ends with it
	call    *call
	rpc     RPC[T]
	method  string
	results chan result[T]
	decided atomic.Bool
}

type result[T any] struct {
	value  T
	failed *failure
}

func (h *hedged[T]) run(ctx context.Context) (T, *failure) {
	c := h.call.client
	first := &attempt{call: h.call}
	h.start(ctx, first)
	delay, known := c.hedges.delay(h.method)
	if !known {
		return h.next()
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case r := <-h.results:
		return r.value, r.failed
	case <-timer.C:
	}
	if !c.table.elsewhere(first) || !c.hedges.budget.take() {
		return h.next()
	}
	c.observer.Hedge(c.service)
	h.start(ctx, &attempt{call: h.call, beside: first})
	value, failed := h.next()
	if failed == nil || !transient(failed.err) {
		return value, failed
	}
	// One of them failed. The other may still have the answer.
	if reason := failed.reason(h.parent); reason != "" {
		c.abandon(h.parent, reason)
	}
	return h.next()
}

func (h *hedged[T]) next() (T, *failure) {
	r := <-h.results
	return r.value, r.failed
}

// start makes an attempt beside the caller. One that is overtaken is not waited for.
func (h *hedged[T]) start(ctx context.Context, a *attempt) {
	c := h.call.client
	c.hold()
	go func() {
		defer c.leave()
		began := time.Now()
		value, failed := try(ctx, h.call, a, h.rpc)
		if failed == nil {
			c.hedges.answered(h.method, time.Since(began))
		}
		answered := failed == nil || !transient(failed.err)
		if (answered && h.decided.Swap(true)) || (!answered && h.decided.Load()) {
			if a.sent {
				c.abandon(h.parent, Overtaken)
			}
			return
		}
		h.results <- result[T]{value, failed}
	}()
}

// hedges knows when to hedge which method.
type hedges struct {
	budget *budget

	mu      sync.Mutex
	methods map[string]*latencies
}

func newHedges() *hedges {
	return &hedges{budget: newHedgeBudget(), methods: make(map[string]*latencies)}
}

const (
	// latenciesKept is how many answers of a method are remembered, and latenciesNeeded how many tell anything.
	latenciesKept   = 128
	latenciesNeeded = 20
	// hedgeMin is the least delay: nobody notices less.
	hedgeMin = 50 * time.Millisecond
)

// latencies are how long the last answers of a method took, each by its own attempt.
type latencies struct {
	ring  [latenciesKept]time.Duration
	count int // all that were added
	delay time.Duration
}

// delay is how long nearly all answers of a method take: the 95th percentile. It is false while too little is known.
func (h *hedges) delay(method string) (time.Duration, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.methods[method]
	if l == nil || l.count < latenciesNeeded {
		return 0, false
	}
	return max(hedgeMin, l.delay), true
}

// answered is told of each answer.
func (h *hedges) answered(method string, took time.Duration) {
	h.budget.put()
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.methods[method]
	if l == nil {
		l = new(latencies)
		h.methods[method] = l
	}
	l.ring[l.count%latenciesKept] = took
	l.count++
	if l.count < latenciesNeeded || l.count%4 != 0 {
		return
	}
	sorted := slices.Clone(l.ring[:min(l.count, latenciesKept)])
	slices.Sort(sorted)
	l.delay = sorted[len(sorted)*95/100]
}
