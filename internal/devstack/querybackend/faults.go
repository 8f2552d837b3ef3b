package querybackend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Faults makes a server misbehave on purpose, and counts its calls. It can be
// changed at any time, and is safe for concurrent use. A call obeys the
// settings of the moment when it arrives: first it may die or hang, then it
// may be delayed, then it may fail.
type Faults struct {
	mu      sync.Mutex
	delay   time.Duration
	hang    bool
	die     bool
	failure failure
	blocks  blockFailure
	pace    int64     // bytes a second; 0 is no limit
	free    time.Time // when what reads wait for already is read

	requests int64
	inFlight int64
	changed  chan struct{} // closed when inFlight changes, and replaced
}

// A failure lets share of every `of` calls fail.
type failure struct {
	code      codes.Code
	share, of uint64
	calls     uint64 // since it was set
}

// hits counts a call and says whether it is one that fails. The failing calls
// are spread evenly.
func (f *failure) hits() bool {
	if f.of == 0 {
		return false
	}
	before := f.calls * f.share / f.of
	f.calls++
	return f.calls*f.share/f.of > before
}

// SetDelay makes every call wait before it is worked on. A call whose caller
// gives up wakes at once. 0 ends it.
func (f *Faults) SetDelay(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delay = d
}

// SetHang makes calls wait until their caller gives up, or the server stops.
func (f *Faults) SetHang(hang bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hang = hang
}

// Fail makes share of every `of` calls fail with code, evenly spread and
// always the same ones, counted from now: Fail(codes.Unavailable, 1, 3) is
// every third call, Fail(codes.ResourceExhausted, 1, 1) is all of them. A
// share of 0 ends it.
func (f *Faults) Fail(code codes.Code, share, of uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failure = failure{code: code, share: uint64(share), of: uint64(of)}
}

// FailBlocks makes every read of one of these blocks fail, as a query-backend fails whose
// object storage gives it back in pieces: with the code Unknown, and the block's id
// in the message or not. No blocks end it.
func (f *Faults) FailBlocks(named bool, ids ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.blocks = blockFailure{named: named, ids: ids}
}

// A blockFailure lets reads of blocks fail.
type blockFailure struct {
	named bool
	ids   []string
}

// block is the error of reading a block, nil where it can be read.
func (f *Faults) block(id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !slices.Contains(f.blocks.ids, id):
		return nil
	case f.blocks.named:
		return fmt.Errorf("query-backend: the object storage fails on purpose (%s)", id)
	}
	return errors.New("query-backend: the object storage fails on purpose")
}

// SetPace makes reads take as long as the bytes need that are fetched for them, at so many
// bytes a second, which all reads of the server share evenly. 0 ends it.
func (f *Faults) SetPace(bytesPerSecond int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pace = bytesPerSecond
}

// paceTurn is how long one of several reads has the server for itself.
const paceTurn = 10 * time.Millisecond

// read waits for as long as reading takes.
func (f *Faults) read(ctx context.Context, bytes uint64) error {
	for bytes > 0 {
		f.mu.Lock()
		pace := f.pace
		if pace <= 0 {
			f.mu.Unlock()
			return nil
		}
		turn := min(bytes, max(1, uint64(float64(pace)*paceTurn.Seconds())))
		if now := time.Now(); f.free.Before(now) {
			f.free = now
		}
		f.free = f.free.Add(time.Duration(float64(turn) / float64(pace) * float64(time.Second)))
		wait := time.NewTimer(time.Until(f.free))
		f.mu.Unlock()
		bytes -= turn
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return status.FromContextError(ctx.Err()).Err()
		}
	}
	return nil
}

// DieOnNextCall makes the server stop in the middle of the next call: the
// connections break, and the port is closed until Server.Restart.
func (f *Faults) DieOnNextCall() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.die = true
}

// Clear ends all faults. Calls that wait already, wait on. Counters stay.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delay, f.hang, f.die, f.failure, f.blocks, f.pace = 0, false, false, failure{}, blockFailure{}, 0
}

// Requests is how many calls have arrived so far.
func (f *Faults) Requests() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

// InFlight is how many calls are being worked on, those that wait included.
func (f *Faults) InFlight() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.inFlight
}

// AwaitInFlight waits until exactly n calls are in flight. Its error is ctx's.
func (f *Faults) AwaitInFlight(ctx context.Context, n int64) error {
	for {
		f.mu.Lock()
		if f.inFlight == n {
			f.mu.Unlock()
			return nil
		}
		if f.changed == nil {
			f.changed = make(chan struct{})
		}
		changed := f.changed
		f.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// A verdict is what a call has to suffer.
type verdict struct {
	delay time.Duration
	hang  bool
	die   bool
	fail  bool
	code  codes.Code
}

func (f *Faults) enter() verdict {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	f.addInFlight(1)
	v := verdict{delay: f.delay, hang: f.hang, die: f.die, fail: f.failure.hits(), code: f.failure.code}
	f.die = false
	return v
}

func (f *Faults) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.addInFlight(-1)
}

func (f *Faults) addInFlight(n int64) {
	f.inFlight += n
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// suffer carries a verdict out, and returns the error that the call is to end
// with. kill must make the call's context end.
func (v verdict) suffer(ctx context.Context, kill func()) error {
	if v.die {
		kill()
	}
	if v.die || v.hang {
		<-ctx.Done()
		return status.FromContextError(ctx.Err()).Err()
	}
	if v.delay > 0 {
		timer := time.NewTimer(v.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return status.FromContextError(ctx.Err()).Err()
		}
	}
	if v.fail {
		return status.Error(v.code, "query-backend: this call fails on purpose")
	}
	return nil
}
