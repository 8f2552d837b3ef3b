package admission

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pyrofront/pyrofront/pkg/panics"
)

// Flight runs identical queries that are under way at the same moment once, and shares the answer. The zero value is
// ready to use. The key must hold all that the answer depends on, the tenants and the user's rights included.
type Flight[Key comparable, Answer any] struct {
	// Share, when set, is told to how many callers the answer of a run goes, before any of them has it. Callers who leave
	// without it then are told to Leave. They are for what comes with an answer and has to be given back; both can meet
	// the zero answer of a run that failed.
	Share func(answer Answer, callers int)
	Leave func(answer Answer)

	mu   sync.Mutex
	runs map[Key]*flightRun[Answer]
}

// flightRun is one run and those who wait for it.
type flightRun[Answer any] struct {
	callers int
	began   time.Time
	step    atomic.Pointer[string] // see Doing
	// deadline is that of the run's context; zero means none.
	deadline time.Time
	cancel   context.CancelFunc
	ended    bool          // the answer is shared out: nobody joins any more
	done     chan struct{} // closed after what follows is set
	answer   Answer
	err      error
	// ranOut says that the run reached its own deadline, and took how long it ran. A server that gave up by a deadline of
	// its own is no reason to ask it again.
	ranOut bool
	took   time.Duration
}

// Do returns the answer of run, which is called at most once at a time for a key. Whoever comes while it is under way
// waits for the same answer, which must not be changed by anyone then; shared tells that the answer came from a run that
// someone else had started.
//
// The run's context has the values and the deadline of the first caller, but not its cancellation: it ends when the last
// caller has left. A caller who joined a run that reached its deadline starts over, if there is more time left than the
// run had: with less, it would end the same way. A panic of run is returned as an error.
//
// Who runs out of time just as the run does gets the run's own error, which knows what it was waiting for. Who does
// before gets a *Left.
func (f *Flight[Key, Answer]) Do(ctx context.Context, key Key, run func(context.Context) (Answer, error)) (answer Answer, shared bool, err error) {
	began := time.Now()
	for {
		if err := ctx.Err(); err != nil {
			return answer, false, err
		}
		r, joined := f.join(ctx, key, run)
		select {
		case <-r.done:
			f.leave(key, r)
			if joined && r.ranOut && worthAnother(ctx, r.took) {
				f.leaveAnswer(r)
				continue
			}
			return r.answer, joined, r.err
		case <-ctx.Done():
			ended := r.endsWith(ctx)
			shared := f.leave(key, r)
			if ended {
				return r.answer, joined, r.err
			}
			if shared {
				<-r.done
				f.leaveAnswer(r)
			}
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return answer, joined, left(r.step.Load(), time.Since(began), ctx.Err())
			}
			return answer, joined, ctx.Err()
		}
	}
}

// worthAnother tells whether a context leaves more time than a run has just taken in vain.
func worthAnother(ctx context.Context, took time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	deadline, bounded := ctx.Deadline()
	return !bounded || time.Until(deadline) > took
}

// endGrace is how long a run may take to say what it was doing when its deadline came.
const endGrace = 500 * time.Millisecond

// endsWith waits for a run whose deadline is that of a context that has just ended, and tells whether it has ended.
func (r *flightRun[Answer]) endsWith(ctx context.Context) bool {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) || r.deadline.IsZero() || time.Until(r.deadline) > endGrace {
		return false
	}
	grace := time.NewTimer(time.Until(r.deadline) + endGrace)
	defer grace.Stop()
	select {
	case <-r.done:
		return true
	case <-grace.C:
		return false
	}
}

// join joins the run of the key, or starts it.
func (f *Flight[Key, Answer]) join(ctx context.Context, key Key, run func(context.Context) (Answer, error)) (r *flightRun[Answer], joined bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r = f.runs[key]; r != nil {
		r.callers++
		return r, true
	}
	r = &flightRun[Answer]{callers: 1, began: time.Now(), done: make(chan struct{})}
	own := context.WithValue(context.WithoutCancel(ctx), stepKey{}, &r.step)
	if deadline, ok := ctx.Deadline(); ok {
		r.deadline = deadline
		own, r.cancel = context.WithDeadline(own, deadline)
	} else {
		own, r.cancel = context.WithCancel(own)
	}
	if f.runs == nil {
		f.runs = make(map[Key]*flightRun[Answer])
	}
	f.runs[key] = r
	go f.fly(own, key, r, run)
	return r, false
}

func (f *Flight[Key, Answer]) fly(ctx context.Context, key Key, r *flightRun[Answer], run func(context.Context) (Answer, error)) {
	defer func() {
		r.ranOut, r.took = errors.Is(ctx.Err(), context.DeadlineExceeded), time.Since(r.began)
		r.cancel()
		if callers := f.forget(key, r); f.Share != nil {
			f.Share(r.answer, callers)
		}
		close(r.done)
	}()
	r.err = errNoReturn
	r.err = panics.Contain(func() (err error) {
		r.answer, err = run(ctx)
		return err
	})
}

// errNoReturn is for a run that ends its goroutine (runtime.Goexit) in place of returning.
var errNoReturn = errors.New("the query ended without an answer")

// leave counts a caller out, and tells whether the answer was shared out to it. The last one out cancels the run, and
// whoever comes next starts a new one.
func (f *Flight[Key, Answer]) leave(key Key, r *flightRun[Answer]) (ended bool) {
	f.mu.Lock()
	r.callers--
	ended = r.ended
	last := r.callers == 0
	if last && f.runs[key] == r {
		delete(f.runs, key)
	}
	f.mu.Unlock()
	if last {
		r.cancel()
	}
	return ended
}

// leaveAnswer is for a caller that does not take the answer that it was given.
func (f *Flight[Key, Answer]) leaveAnswer(r *flightRun[Answer]) {
	if f.Leave != nil {
		f.Leave(r.answer)
	}
}

// forget takes a run that has ended out, so that later callers start a new one, and tells how many it had.
func (f *Flight[Key, Answer]) forget(key Key, r *flightRun[Answer]) (callers int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r.ended = true
	if f.runs[key] == r {
		delete(f.runs, key)
	}
	return r.callers
}
