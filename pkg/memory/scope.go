package memory

import (
	"context"
	"sync"
)

// A Scope is the time in which one request needs its answers: until they are rendered and sent. Accounts of answers that
// came in are closed at its end.
type Scope struct {
	mu       sync.Mutex
	accounts []*Account
	closed   bool
}

type scopeKey struct{}

// WithScope begins the scope of a request.
func WithScope(ctx context.Context) (context.Context, *Scope) {
	s := new(Scope)
	return context.WithValue(ctx, scopeKey{}, s), s
}

// Adopt hands an account over to the scope of the context. Where there is none, or it has ended, the account is closed.
func Adopt(ctx context.Context, a *Account) {
	s, _ := ctx.Value(scopeKey{}).(*Scope)
	if a == nil || s != nil && s.adopt(a) {
		return
	}
	a.Close()
}

func (s *Scope) adopt(a *Account) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.accounts = append(s.accounts, a)
	return true
}

// Take takes memory for what is made of the answers of the context's scope, until its end. The account is the first that
// the scope has. Without accounts there is nothing to make anything of.
func Take(ctx context.Context, bytes int64) error {
	s, _ := ctx.Value(scopeKey{}).(*Scope)
	if s == nil {
		return nil
	}
	s.mu.Lock()
	var first *Account
	if len(s.accounts) > 0 {
		first = s.accounts[0]
	}
	s.mu.Unlock()
	return first.Take(ctx, bytes)
}

// Close ends the scope.
func (s *Scope) Close() {
	s.mu.Lock()
	accounts := s.accounts
	s.accounts, s.closed = nil, true
	s.mu.Unlock()
	for _, a := range accounts {
		a.Close()
	}
}

// Pass hands the accounts of the scope over to that of a context, and ends it.
func (s *Scope) Pass(ctx context.Context) {
	s.mu.Lock()
	accounts := s.accounts
	s.accounts, s.closed = nil, true
	s.mu.Unlock()
	for _, a := range accounts {
		Adopt(ctx, a)
	}
}
