package admission

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
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
	cancel  context.CancelFunc
	ended   bool          // the answer is shared out: nobody joins any more
	done    chan struct{} // closed after the answer and the error are set
	answer  Answer
	err     error
}

// Do returns the answer of run, which is called at most once at a time for a key. Whoever comes while it is under way
// waits for the same answer, which must not be changed by anyone then; shared tells that the answer came from a run that
// someone else had started.
//
// The run's context has the values and the deadline of the first caller, but not its cancellation: it ends when the last
// caller has left. A caller whose context lives longer than the run was given starts over. A panic of run is returned
// as an error.
func (f *Flight[Key, Answer]) Do(ctx context.Context, key Key, run func(context.Context) (Answer, error)) (answer Answer, shared bool, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return answer, false, err
		}
		r, joined := f.join(ctx, key, run)
		select {
		case <-r.done:
			f.leave(key, r)
			if joined && timedOut(r.err) && ctx.Err() == nil {
				f.leaveAnswer(r)
				continue
			}
			return r.answer, joined, r.err
		case <-ctx.Done():
			if f.leave(key, r) {
				<-r.done
				f.leaveAnswer(r)
			}
			return answer, joined, ctx.Err()
		}
	}
}

// timedOut tells an answer that ran into the first caller's deadline.
func timedOut(err error) bool {
	return err != nil && (errors.Is(err, context.DeadlineExceeded) || status.Code(err) == codes.DeadlineExceeded)
}

// join joins the run of the key, or starts it.
func (f *Flight[Key, Answer]) join(ctx context.Context, key Key, run func(context.Context) (Answer, error)) (r *flightRun[Answer], joined bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r = f.runs[key]; r != nil {
		r.callers++
		return r, true
	}
	r = &flightRun[Answer]{callers: 1, done: make(chan struct{})}
	own := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
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
		if p := recover(); p != nil {
			r.err = &Panic{Value: p, Stack: debug.Stack()}
		}
		r.cancel()
		if callers := f.forget(key, r); f.Share != nil {
			f.Share(r.answer, callers)
		}
		close(r.done)
	}()
	r.err = errNoReturn
	r.answer, r.err = run(ctx)
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

// Panic is the error of a run that panicked.
type Panic struct {
	Value any
	// Stack is for the log; it is not in the error's text.
	Stack []byte
}

// Error tells the value that the run panicked with.
func (p *Panic) Error() string { return fmt.Sprintf("the query panicked: %v", p.Value) }

// GRPCStatus is Internal.
func (p *Panic) GRPCStatus() *status.Status { return status.New(codes.Internal, p.Error()) }
