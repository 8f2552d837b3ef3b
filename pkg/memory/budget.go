package memory

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
)

// Setting is the data source setting that refusals name.
const Setting = "maxMemoryBytes"

// patience is how long an account that has memory already waits for more. Those it waits for may in turn wait for it, in
// ways that nobody sees: two halves of a diff, for example. Five seconds are enough for any answer that fits the budget
// to be rendered and sent.
const patience = 5 * time.Second

// A Budget is an amount of memory that accounts take from. It is safe for concurrent use. Memory is given to accounts
// that have some already before others, so that what was begun ends, and to accounts of equal right in their order.
type Budget struct {
	limit  int64
	parent *Budget // the process's, of a data source's

	// What follows is guarded by the lock of the root: the parent, where there is one.
	mu      sync.Mutex
	waiting []*waiter // of the root only
	used    int64     // what the accounts have
	holding int64     // how many accounts have anything
	stuck   int64     // how many of those wait for more
}

// A waiter is a call of Take that waits.
type waiter struct {
	account *Account
	bytes   int64
	granted chan struct{}
}

// NewBudget makes the budget of a process.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Part makes a budget inside of another: what it gives counts in both. A limit of 0, or above the parent's, means
// three quarters of the parent's, so that one data source does not stop all others.
func (b *Budget) Part(limit int64) *Budget {
	most := b.limit / 4 * 3
	if limit <= 0 || limit > most {
		limit = most
	}
	return &Budget{limit: limit, parent: b}
}

// Limit is the size of the budget in bytes.
func (b *Budget) Limit() int64 { return b.limit }

// Used is how much of the budget is taken.
func (b *Budget) Used() int64 {
	root := b.root()
	root.mu.Lock()
	defer root.mu.Unlock()
	return b.used
}

func (b *Budget) root() *Budget {
	if b.parent != nil {
		return b.parent
	}
	return b
}

// levels are the budget and what it is a part of.
func (b *Budget) levels() []*Budget {
	if b.parent != nil {
		return []*Budget{b, b.parent}
	}
	return []*Budget{b}
}

// Open makes an account that has nothing yet. A nil budget makes a nil account, which gives whatever is asked of it.
func (b *Budget) Open() *Account {
	if b == nil {
		return nil
	}
	return &Account{budget: b, holders: 1}
}

// take grants, waits or refuses.
func (b *Budget) take(ctx context.Context, a *Account, bytes int64) error {
	root := b.root()
	root.mu.Lock()
	if a.bytes+bytes > b.limit {
		refusal := tooMuch(a.bytes+bytes, b.limit)
		root.mu.Unlock()
		return refusal
	}
	w := &waiter{account: a, bytes: bytes, granted: make(chan struct{})}
	held := root.enqueue(w)
	root.serve()
	if isClosed(w.granted) {
		root.mu.Unlock()
		return nil
	}
	if held && !b.progress(bytes) {
		refusal := b.exhausted(a, bytes)
		root.dequeue(w)
		root.serve()
		root.mu.Unlock()
		return refusal
	}
	root.mu.Unlock()
	return b.wait(ctx, w, held)
}

// wait waits for a waiter's turn.
func (b *Budget) wait(ctx context.Context, w *waiter, held bool) error {
	var tired <-chan time.Time
	if held {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		tired = timer.C
	}
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	case <-tired:
	}
	root := b.root()
	root.mu.Lock()
	defer root.mu.Unlock()
	if isClosed(w.granted) { // both at once: the account has it, and gives it back when it is closed
		return nil
	}
	refusal := b.exhausted(w.account, w.bytes)
	root.dequeue(w)
	root.serve()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		refusal.cause = ctx.Err()
		refusal.code = codes.ResourceExhausted // the memory is what was missing, the time ran out over it
	case ctx.Err() != nil:
		refusal.cause = ctx.Err()
		refusal.code = codes.Canceled
	}
	return refusal
}

// progress tells whether anybody works who will give back what is missing; the root's lock is held.
func (b *Budget) progress(bytes int64) bool {
	level := b.root()
	if b.used+bytes > b.limit {
		level = b
	}
	return level.holding > level.stuck
}

// enqueue puts a waiter behind those of equal right, and tells whether its account has memory already.
func (b *Budget) enqueue(w *waiter) (held bool) {
	held = w.account.bytes > 0
	if w.account.waiters++; held && w.account.waiters == 1 {
		w.account.count(0, 1)
	}
	at := len(b.waiting)
	if held {
		if first := slices.IndexFunc(b.waiting, func(other *waiter) bool { return other.account.bytes == 0 }); first >= 0 {
			at = first
		}
	}
	b.waiting = slices.Insert(b.waiting, at, w)
	return held
}

// dequeue takes a waiter out.
func (b *Budget) dequeue(w *waiter) {
	if i := slices.Index(b.waiting, w); i >= 0 {
		b.waiting = slices.Delete(b.waiting, i, i+1)
	}
	if w.account.waiters--; w.account.waiters == 0 && w.account.bytes > 0 {
		w.account.count(0, -1)
	}
}

// serve grants what there is room for, in order: where there is none for a waiter, those behind it that want of the same
// budget wait as well.
func (b *Budget) serve() {
	full := make(map[*Budget]bool)
	for i := 0; i < len(b.waiting) && !full[b]; {
		w := b.waiting[i]
		fits := true
		for _, level := range w.account.budget.levels() {
			if full[level] || level.used+w.bytes > level.limit {
				full[level], fits = true, false
				break
			}
		}
		if !fits {
			i++
			continue
		}
		b.dequeue(w)
		w.account.add(w.bytes)
		close(w.granted)
	}
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
