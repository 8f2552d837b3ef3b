package memory

import "context"

// An Account is what one run of a query takes from a budget, for all who share its answer. It is safe for concurrent use.
// A nil account has no limit.
type Account struct {
	budget *Budget
	// The root budget's lock guards what follows.
	bytes   int64
	waiters int
	holders int
}

// Limit is the most that one account can have.
func (a *Account) Limit() int64 {
	if a == nil {
		return 1 << 62
	}
	return a.budget.limit
}

// Take takes bytes from the budget. When there are not enough it waits, for as long as the context lasts, or for a few
// seconds where the account has some already. The error is a *Refusal.
func (a *Account) Take(ctx context.Context, bytes int64) error {
	if a == nil || bytes <= 0 {
		return nil
	}
	return a.budget.take(ctx, a, bytes)
}

// TakeAhead takes bytes that are there, whoever waits for more, and tells whether they were. It is for what makes those
// who have memory come to an end.
func (a *Account) TakeAhead(bytes int64) bool {
	if a == nil || bytes <= 0 {
		return true
	}
	root := a.budget.root()
	root.mu.Lock()
	defer root.mu.Unlock()
	for _, level := range a.budget.levels() {
		if bytes > level.limit-level.used {
			return false
		}
	}
	a.add(bytes)
	return true
}

// Give gives bytes back before the account is closed. No more is given back than the account has.
func (a *Account) Give(bytes int64) {
	if a == nil || bytes <= 0 {
		return
	}
	root := a.budget.root()
	root.mu.Lock()
	defer root.mu.Unlock()
	a.add(-min(bytes, a.bytes))
	root.serve()
}

// Share counts in more holders: each has to close the account.
func (a *Account) Share(holders int) {
	if a == nil {
		return
	}
	root := a.budget.root()
	root.mu.Lock()
	defer root.mu.Unlock()
	a.holders += holders
}

// Close counts a holder out. The last one out gives back all that the account has.
func (a *Account) Close() {
	if a == nil {
		return
	}
	root := a.budget.root()
	root.mu.Lock()
	defer root.mu.Unlock()
	if a.holders--; a.holders == 0 {
		a.add(-a.bytes)
		root.serve()
	}
}

// add changes what the account has; the root's lock is held.
func (a *Account) add(bytes int64) {
	had := a.bytes > 0
	a.bytes += bytes
	for _, level := range a.budget.levels() {
		level.used += bytes
	}
	has := a.bytes > 0
	switch {
	case has && !had:
		a.count(1, 0)
		if a.waiters > 0 {
			a.count(0, 1)
		}
	case had && !has:
		a.count(-1, 0)
		if a.waiters > 0 {
			a.count(0, -1)
		}
	}
}

func (a *Account) count(holding, stuck int64) {
	for _, level := range a.budget.levels() {
		level.holding += holding
		level.stuck += stuck
	}
}

type accountKey struct{}

// With makes an account the one that calls of the context take from.
func With(ctx context.Context, a *Account) context.Context {
	return context.WithValue(ctx, accountKey{}, a)
}

// From is the context's account, nil where it has none.
func From(ctx context.Context) *Account {
	a, _ := ctx.Value(accountKey{}).(*Account)
	return a
}
