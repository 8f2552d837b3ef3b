package plugin

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/panics"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// A runKey is a hash of a run's id, of all that is asked, and of who asks: nobody gets to
// see what another one's query found.
type runKey [32]byte

// runTimes are those of runs, in the order of a run's life.
type runTimes struct {
	// first is how long a run has for its whole answer before there is a picture, and
	// pause is the least between two.
	first, pause time.Duration
	// poll is how long a request waits for something new.
	poll time.Duration
	// idle is how long a run goes on that nobody asks for. Browsers send few requests at
	// once, and others wait.
	idle time.Duration
}

func defaultRunTimes() runTimes {
	return runTimes{first: 700 * time.Millisecond, pause: time.Second, poll: time.Second, idle: 10 * time.Second}
}

const (
	// maxRuns is how many there are in a data source. A request that finds no place is
	// answered as a whole.
	maxRuns = 256
	// pictureShare is what part of the time goes into pictures, at most.
	pictureShare = 4
)

// runs are queries that are answered in several requests. They are in this process alone:
// a request that comes to another one starts over there. See decision 0012.
type runs struct {
	times runTimes
	most  int

	mu     sync.Mutex
	byKey  map[runKey]*run
	closed bool
}

// A run is panels being read for whoever asks for them again and again.
type run struct {
	runs *runs
	key  runKey
	// execution is an id that no other run has, in whatever process: those who ask see by
	// it that theirs was begun anew.
	execution string
	cancel    context.CancelFunc
	watch     *queryfrontend.Watch
	// scope has the memory of the answers until somebody takes them.
	scope *memory.Scope
	// left is told where nobody asked for too long.
	left func(after time.Duration)
	// asked are the targets as they were when the run began.
	asked []target

	done    chan struct{} // closed when answers and err are there
	answers []queryfrontend.PanelAnswer
	err     error

	// The lock of the runs guards what follows.
	began     time.Time
	waiting   int // requests
	idle      *time.Timer
	abandoned bool
	next      time.Time // when there may be a picture
	shown     uint64    // bytes in the last one
}

// A reader reads panels, for a run.
type reader func(context.Context, *queryfrontend.Watch) []queryfrontend.PanelAnswer

// join finds a run, or starts it, and counts a request in. It is nil where there is no
// place for one more.
func (r *runs) join(ctx context.Context, key runKey, timeout time.Duration, asked []target, read reader, left func(after time.Duration)) *run {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.byKey[key]
	if one == nil {
		if r.closed || len(r.byKey) >= r.most {
			return nil
		}
		one = r.start(ctx, key, timeout, read)
		one.left, one.asked = left, asked
	}
	one.waiting++
	if one.idle != nil {
		one.idle.Stop()
	}
	return one
}

// goesOn tells whether a run is there.
func (r *runs) goesOn(key runKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byKey[key] != nil
}

// start starts a run, which does not end with the request that it began with; the lock is
// held.
func (r *runs) start(ctx context.Context, key runKey, timeout time.Duration, read reader) *run {
	one := &run{runs: r, key: key, execution: rand.Text(), began: time.Now(), watch: queryfrontend.NewWatch(), done: make(chan struct{})}
	one.next = one.began.Add(r.times.first)
	ctx, one.cancel = context.WithTimeout(context.WithoutCancel(ctx), timeout)
	ctx, one.scope = memory.WithScope(ctx)
	if r.byKey == nil {
		r.byKey = make(map[runKey]*run)
	}
	r.byKey[key] = one
	go one.read(ctx, read)
	return one
}

func (r *run) read(ctx context.Context, read reader) {
	r.err = panics.Contain(func() error {
		r.answers = read(ctx, r.watch)
		return nil
	})
	r.cancel()
	close(r.done)
	r.runs.mu.Lock()
	defer r.runs.mu.Unlock()
	if r.abandoned {
		r.scope.Close()
	}
}

// close ends all runs, and lets none begin.
func (r *runs) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, one := range r.byKey {
		one.abandon()
	}
}

// forget takes a run out; the lock is held. Who comes later starts over.
func (r *run) forget() {
	if r.runs.byKey[r.key] == r {
		delete(r.runs.byKey, r.key)
	}
	if r.idle != nil {
		r.idle.Stop()
	}
}

// abandon ends a run that nobody waits for; the lock is held.
func (r *run) abandon() {
	r.forget()
	r.abandoned = true
	r.cancel()
	select {
	case <-r.done:
		r.scope.Close()
	default: // it closes the scope itself
	}
}

// A finding is what a request finds of a run that it has waited for.
type finding int

const (
	nothingNew finding = iota
	newPicture
	wholeAnswer
)

// wait waits until there is something to tell a request whose context it is.
func (r *run) wait(ctx context.Context) finding {
	limit := time.NewTimer(r.runs.times.poll)
	defer limit.Stop()
	for {
		changed := r.watch.Changed()
		grows, isNew := r.progress(ctx)
		var due, late <-chan time.Time
		if grows { // else there is nothing to tell before the end
			late = limit.C
		}
		if isNew {
			timer := time.NewTimer(time.Until(r.due()))
			defer timer.Stop()
			due, changed = timer.C, nil
		}
		select {
		case <-r.done:
			return wholeAnswer
		case <-ctx.Done():
			return nothingNew
		case <-due:
			return newPicture
		case <-late:
			return nothingNew
		case <-changed:
		}
	}
}

// progress tells whether pictures of the run can be made, and whether there is more to see
// than in the last.
func (r *run) progress(ctx context.Context) (grows, isNew bool) {
	all := r.watch.Progress(ctx)
	for _, p := range all {
		grows = grows || p.Done < p.Total // what is all there is being merged
	}
	visible := r.visible(all)
	r.runs.mu.Lock()
	defer r.runs.mu.Unlock()
	return grows, grows && visible > r.shown
}

// visible is how many bytes can be seen: of a target with several panels, such as a diff,
// nothing can before there is something of each.
func (r *run) visible(panels []queryfrontend.Progress) (bytes uint64) {
	for i := range r.asked {
		n := min(len(r.asked[i].requests), len(panels))
		var done uint64
		ready := true
		for _, p := range panels[:n] {
			done += p.Done
			ready = ready && (p.Whole || p.Done > 0)
		}
		if ready {
			bytes += done
		}
		panels = panels[n:]
	}
	return bytes
}

func (r *run) due() time.Time {
	r.runs.mu.Lock()
	defer r.runs.mu.Unlock()
	return r.next
}

// showed remembers a picture, and what it took to make.
func (r *run) showed(visible uint64, took time.Duration) {
	r.runs.mu.Lock()
	defer r.runs.mu.Unlock()
	r.shown = max(r.shown, visible)
	r.next = time.Now().Add(max(r.runs.times.pause, pictureShare*took))
}

// leave counts a request out. Where it was cancelled and nobody else waits, the run ends
// at once; else it goes on for a while, as the next request is on its way.
func (r *run) leave(ctx context.Context) {
	r.runs.mu.Lock()
	defer r.runs.mu.Unlock()
	r.waiting--
	switch {
	case r.waiting > 0 || r.abandoned:
	case ctx.Err() != nil:
		r.abandon()
	case r.idle == nil:
		r.idle = time.AfterFunc(r.runs.times.idle, r.expire)
	default:
		r.idle.Reset(r.runs.times.idle)
	}
}

// expire ends a run that nobody asks for.
func (r *run) expire() {
	r.runs.mu.Lock()
	expired := r.waiting == 0 && !r.abandoned && r.runs.byKey[r.key] == r
	if expired {
		r.abandon()
	}
	r.runs.mu.Unlock()
	if expired {
		r.left(time.Since(r.began))
	}
}

// take hands the whole answer over, with its memory, to the scope of a context. Where the
// caller has left and others wait, there is none.
func (r *run) take(ctx context.Context) ([]queryfrontend.PanelAnswer, error) {
	r.runs.mu.Lock()
	others := ctx.Err() != nil && !r.abandoned
	r.runs.mu.Unlock()
	if others {
		return nil, queryfrontend.Interrupted("query", ctx.Err())
	}
	<-r.done
	r.runs.mu.Lock()
	r.forget()
	r.runs.mu.Unlock()
	r.scope.Pass(ctx)
	return r.answers, r.err
}
