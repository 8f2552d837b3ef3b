package transport

import (
	"context"
	"sync"
	"time"
)

// race is a round of attempts: one, and others beside it when it has had no answer for long. The first answer wins, and
// the others are cancelled. The first attempt runs on the caller's goroutine; a timer's goroutine runs each hedge.
type race[T any] struct {
	ctx  context.Context
	call *call
	rpc  RPC[T]
	done chan struct{} // closed when the race is over

	mu    sync.Mutex
	timer *time.Timer
	lanes []*lane
	over  bool
	value T
	fail  *failure
}

// lane is one attempt of a race.
type lane struct {
	endpoint *Endpoint
	started  time.Time
	cancel   context.CancelFunc
	// doubted is set when a hedge was started because of this lane.
	doubted bool
}

// When to hedge. An attempt at an endpoint that is not even connected is hedged soon; one at an endpoint that has
// answered nothing since it began, after a multiple of the usual latency; any, after a third of the call's time.
const (
	maxLanes        = 3
	connectPatience = 250 * time.Millisecond
	hedgeFactor     = 4
	hedgeMin        = time.Second
	hedgeUnknown    = 2 * time.Second // while the usual latency is not known
	hedgeLook       = 100 * time.Millisecond
)

func (r *race[T]) run(first *Endpoint) (T, *failure) {
	r.mu.Lock()
	l, ctx := r.enter(first)
	r.timer = time.AfterFunc(connectPatience, r.consider)
	r.mu.Unlock()
	r.attempt(ctx, l)
	<-r.done
	r.timer.Stop()
	return r.value, r.fail
}

// enter adds a lane; r.mu is held.
func (r *race[T]) enter(e *Endpoint) (*lane, context.Context) {
	ctx, cancel := context.WithCancel(r.ctx)
	l := &lane{endpoint: e, started: time.Now(), cancel: cancel}
	r.lanes = append(r.lanes, l)
	r.call.attempts++
	return l, ctx
}

func (r *race[T]) attempt(ctx context.Context, l *lane) {
	v, err := r.rpc(ctx, l.endpoint.conn)
	l.cancel()
	p := r.call.pool
	p.observer.Attempt(p.service, l.endpoint.dial, time.Since(l.started), err)

	r.mu.Lock()
	if r.over {
		result := abandoned
		if l.doubted {
			result = overtaken
		}
		r.mu.Unlock()
		p.release(l.endpoint, err, result)
		return
	}
	result := outcomeOf(r.ctx, err)
	ended := ranOut(r.ctx, err)
	verdict := p.release(l.endpoint, err, result)
	r.leave(l)
	switch {
	case err == nil:
		// The attempt's own time: the call's would count the wait for a hedge, and so put off the next ones.
		p.latencies.add(time.Since(l.started))
		r.value, r.fail = v, nil
	case result == transient:
		r.fail = &failure{err: err, endpoint: l.endpoint, outcome: transient, verdict: verdict}
	case ended:
		r.fail = &failure{err: r.call.ended(r.ctx, l.endpoint), outcome: result}
	default:
		r.fail = &failure{err: p.final(err), outcome: result}
	}
	if result != transient || len(r.lanes) == 0 {
		r.over = true
		for _, other := range r.lanes {
			other.cancel()
		}
		close(r.done)
	}
	r.mu.Unlock()
}

// leave takes a lane out; r.mu is held.
func (r *race[T]) leave(l *lane) {
	for i, other := range r.lanes {
		if other == l {
			r.lanes = append(r.lanes[:i], r.lanes[i+1:]...)
			return
		}
	}
}

// consider starts a hedge if the newest lane has been silent for too long, and sets the timer for the next look.
func (r *race[T]) consider() {
	r.mu.Lock()
	if r.over || len(r.lanes) == 0 || len(r.lanes) >= maxLanes {
		r.mu.Unlock()
		return
	}
	newest := r.lanes[len(r.lanes)-1]
	if wait := r.patience(newest); wait > 0 {
		r.timer.Reset(wait)
		r.mu.Unlock()
		return
	}
	r.timer.Reset(hedgeLook)
	e := r.second()
	if e == nil {
		r.mu.Unlock()
		return
	}
	newest.doubted = true
	l, ctx := r.enter(e)
	p := r.call.pool
	p.hold()
	r.mu.Unlock()

	defer p.leave()
	p.observer.Hedge(p.service, e.dial)
	r.attempt(ctx, l)
}

// second acquires an endpoint for a hedge: one that is ready, while the budget lasts.
func (r *race[T]) second() *Endpoint {
	p := r.call.pool
	taken := make([]*Endpoint, 0, maxLanes)
	for _, l := range r.lanes {
		taken = append(taken, l.endpoint)
	}
	e := p.acquire(r.call.tried, taken)
	if e == nil {
		return nil
	}
	if !e.ready() || !p.budget.take() {
		p.release(e, nil, abandoned)
		return nil
	}
	return e
}

// patience is how long still to wait for a lane; zero or less: it is time to hedge.
func (r *race[T]) patience(l *lane) time.Duration {
	elapsed := time.Since(l.started)
	if !l.endpoint.ready() {
		return connectPatience - elapsed
	}
	whole := r.call.pool.timeout
	if deadline, ok := r.ctx.Deadline(); ok {
		whole = deadline.Sub(r.call.started)
	}
	hard := whole / maxLanes
	soft := hedgeUnknown
	if usual := r.call.pool.latencies.quantile95(); usual > 0 {
		soft = max(hedgeMin, hedgeFactor*usual)
	}
	soft = min(soft, hard)
	if elapsed < soft {
		return soft - elapsed
	}
	if r.call.pool.silentSince(l.endpoint, l.started) {
		return 0
	}
	return min(hard-elapsed, hedgeLook)
}

// silentSince tells whether an endpoint has answered nothing since that time.
func (p *Pool) silentSince(e *Endpoint, t time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !e.lastProgress.After(t)
}
