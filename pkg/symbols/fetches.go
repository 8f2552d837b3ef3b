package symbols

import (
	"context"
	"slices"
	"sync"
)

// Fetches are the debug files that one query has waited for, which may call Resolve several
// times: what it has begun to wait for counts for each later call too.
type Fetches struct {
	mu    sync.Mutex
	loads map[string][]*loading // by build id
}

type fetchesKey struct{}

// WithFetches makes calls of Resolve with the context count what they fetch together.
func WithFetches(ctx context.Context, f *Fetches) context.Context {
	return context.WithValue(ctx, fetchesKey{}, f)
}

// fetchesFrom is what calls with the context count together, and the call's own where it has
// none.
func fetchesFrom(ctx context.Context) *Fetches {
	if f, ok := ctx.Value(fetchesKey{}).(*Fetches); ok {
		return f
	}
	return new(Fetches)
}

func (f *Fetches) add(buildID string, l *loading) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.loads == nil {
		f.loads = make(map[string][]*loading)
	}
	if !slices.Contains(f.loads[buildID], l) {
		f.loads[buildID] = append(f.loads[buildID], l)
	}
}

// bytes are those of a build id's files that have come.
func (f *Fetches) bytes(buildID string) (bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.loads[buildID] {
		select {
		case <-l.done:
			bytes += l.fetched
		default:
		}
	}
	return bytes
}
