package transport

import (
	"context"
	"sync"
)

// Reason is why an attempt that reached a server was abandoned. The server may have done its work in vain.
type Reason string

// The reasons.
const (
	ConnectionLost Reason = "connection lost" // before the answer: closed, reset, or keepalive pings went unanswered
	Unavailable    Reason = "unavailable"     // the server said so
	Busy           Reason = "busy"            // the server turned it away (ResourceExhausted)
	Overtaken      Reason = "overtaken"       // the other attempt of a hedge answered first
	TimedOut       Reason = "deadline"        // the call's deadline came first
	Cancelled      Reason = "cancelled"       // the caller left
	Redirected     Reason = "not the leader"  // the node named another one
)

// Reasons are all of them, for counters that begin at zero.
func Reasons() []Reason {
	return []Reason{ConnectionLost, Unavailable, Busy, Overtaken, TimedOut, Cancelled, Redirected}
}

// Abandoned tells how many attempts at a service were abandoned for a reason.
type Abandoned struct {
	Service string
	Reason  Reason
}

// A Tally counts the attempts that the calls of one query abandoned. The zero value is ready. It is safe for concurrent
// use.
type Tally struct {
	mu     sync.Mutex
	counts map[Abandoned]int
}

type tallyKey struct{}

// WithTally makes the calls under a context count into a tally.
func WithTally(ctx context.Context, t *Tally) context.Context {
	return context.WithValue(ctx, tallyKey{}, t)
}

// Counts is what was counted so far.
func (t *Tally) Counts() map[Abandoned]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := make(map[Abandoned]int, len(t.counts))
	for a, n := range t.counts {
		counts[a] = n
	}
	return counts
}

func (t *Tally) add(a Abandoned) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = make(map[Abandoned]int)
	}
	t.counts[a]++
}

// abandon counts an attempt that was abandoned.
func (c *Client) abandon(ctx context.Context, reason Reason) {
	c.observer.Abandoned(c.service, reason)
	if t, ok := ctx.Value(tallyKey{}).(*Tally); ok {
		t.add(Abandoned{Service: c.service, Reason: reason})
	}
}
