package queryfrontend

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/reportmerge"
)

// A growth is what there is so far of parts that are asked together, for those who look.
// It is of all who look at the same time, as the run is.
type growth struct {
	mu       sync.Mutex
	watchers []*Watch
	parts    []grown
}

// A grown is what there is of a part: its answer once that is whole, before that the
// answer that grows, or nothing.
type grown struct {
	whole  bool
	result result
	slices *growing
}

// growths are those of all parts that somebody looks at, by their key in the flight.
type growths struct {
	mu    sync.Mutex
	byKey map[string]*growth
}

// enter counts a watcher in.
func (g *growths) enter(key string, parts int, w *Watch) *growth {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byKey == nil {
		g.byKey = make(map[string]*growth)
	}
	one := g.byKey[key]
	if one == nil {
		one = &growth{parts: make([]grown, parts)}
		g.byKey[key] = one
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	one.watchers = append(one.watchers, w)
	return one
}

// leave counts a watcher out. The last one takes the growth along.
func (g *growths) leave(key string, one *growth, w *Watch) {
	g.mu.Lock()
	defer g.mu.Unlock()
	one.mu.Lock()
	defer one.mu.Unlock()
	if i := slices.Index(one.watchers, w); i >= 0 { // it may have come in twice
		one.watchers = slices.Delete(one.watchers, i, i+1)
	}
	if len(one.watchers) == 0 && g.byKey[key] == one {
		delete(g.byKey, key)
	}
}

type growthKey struct{}

// with gives a run's context the growth that it makes, where somebody looks. There may be
// something yet of the run before, such as that its time was over.
func (g *growths) with(ctx context.Context, key string) context.Context {
	g.mu.Lock()
	defer g.mu.Unlock()
	if one := g.byKey[key]; one != nil {
		one.mu.Lock()
		clear(one.parts)
		one.mu.Unlock()
		return context.WithValue(ctx, growthKey{}, one)
	}
	return ctx
}

// growthFrom is what the run of a context makes, nil where nobody looks.
func growthFrom(ctx context.Context) *growth {
	g, _ := ctx.Value(growthKey{}).(*growth)
	return g
}

// set changes what there is of some parts, by index. A nil growth has nobody to tell.
func (g *growth) set(of []int, to grown) {
	if g == nil {
		return
	}
	g.mu.Lock()
	for _, i := range of {
		g.parts[i] = to
	}
	g.mu.Unlock()
	g.tell()
}

func (g *growth) tell() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range g.watchers {
		w.tell()
	}
}

func (g *growth) part(i int) grown {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.parts[i]
}

// A growing is an answer that is put together of portions.
type growing struct {
	of      *growth
	began   time.Time
	plan    Answer // without reports
	queries []*queryv1.Query
	merge   reportmerge.Options
	expect  time.Duration // for all of it; 0 is not known

	mu       sync.Mutex
	reports  []*queryv1.Report
	accounts []*memory.Account
	reused   uint64   // bytes that are not read
	waiting  []uint64 // bytes of the portions that are not there
	largest  uint64   // of those that are
	ended    int      // how many those are, the last after so long
	last     time.Duration
	progress Progress
	over     bool
}

// A Progress says how much of an answer there is.
type Progress struct {
	// Done is how many bytes are merged, of Total.
	Done, Total uint64
	// Left is about how long the rest takes; 0 is not known.
	Left time.Duration
	// Whole says that nothing is missing.
	Whole bool
}

// keep adds what was there from before.
func (g *growing) keep(reports []*queryv1.Report, bytes uint64) {
	if g == nil {
		return
	}
	g.mu.Lock()
	g.reports = append(g.reports, reports...)
	g.reused += bytes
	g.progress.Done += bytes
	g.mu.Unlock()
	g.of.tell()
}

// add adds a portion that was read.
func (g *growing) add(reports []*queryv1.Report, account *memory.Account, bytes uint64) {
	if g == nil {
		return
	}
	g.mu.Lock()
	if i := slices.Index(g.waiting, bytes); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	g.largest = max(g.largest, bytes)
	g.ended, g.last = g.ended+1, time.Since(g.began)
	g.reports = append(g.reports, reports...)
	g.accounts = append(g.accounts, account)
	g.progress.Done += bytes
	g.mu.Unlock()
	g.of.tell()
}

// end lets go of what there is: the answer is whole, or failed.
func (g *growing) end() {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over, g.reports, g.accounts = true, nil, nil
}

// sofar is how much there is.
func (g *growing) sofar() Progress {
	g.mu.Lock()
	defer g.mu.Unlock()
	progress := g.progress
	progress.Left = g.left()
	return progress
}

// look merges what there is, with memory of an account of the looker's own.
func (g *growing) look(ctx context.Context, account *memory.Account) (*Answer, Progress, error) {
	g.mu.Lock()
	reports, progress, over := g.reports[:len(g.reports):len(g.reports)], g.progress, g.over
	progress.Left = g.left()
	held := slices.Clone(g.accounts)
	for _, a := range held {
		a.Share(1)
	}
	g.mu.Unlock()
	defer func() {
		for _, a := range held {
			a.Close()
		}
	}()
	if over || len(reports) == 0 {
		return nil, progress, nil
	}
	o := g.merge
	o.Take = func(bytes int64) error { return memoryError(account.Take(ctx, bytes)) }
	merged, err := reportmerge.Merge(reports, o)
	if err != nil {
		return nil, progress, err
	}
	answer := g.plan
	answer.Reports = merged.Reports
	if merged.Tree != nil {
		answer.tree = cutTree(merged.Tree, g.queries)
	}
	return &answer, progress, nil
}

// left is about how long the rest takes, 0 where that is over; the lock is held. What is
// known of the pace tells best.
func (g *growing) left() time.Duration {
	took := time.Since(g.began)
	if g.expect > took {
		return g.expect - took
	}
	if g.largest == 0 || len(g.waiting) == 0 {
		return 0
	}
	return max(0, g.takes()-took)
}

// takes is about how long all takes, seen from the end of the last portion: the longer of two
// guesses, as each is too hopeful where it does not hold. A cluster that shares itself evenly
// among all portions has read of each as much as of the largest that is there. And portions
// are cut for their ends to be evenly apart.
func (g *growing) takes() time.Duration {
	read := float64(g.progress.Done - g.reused)
	all := read
	for _, bytes := range g.waiting {
		read, all = read+float64(min(bytes, g.largest)), all+float64(bytes)
	}
	evenEnds := float64(g.ended+len(g.waiting)) / float64(g.ended)
	return time.Duration(min(float64(g.last)*max(all/read, evenEnds), math.MaxInt64/2))
}
