package queryfrontend

import (
	"context"
	"sync"

	"github.com/pyrofront/pyrofront/pkg/memory"
)

// A Watch looks at panels while they are read. What takes longer than people wait is read
// in portions where somebody watches, newest first: see decision 0012. It is safe for
// concurrent use.
type Watch struct {
	mu       sync.Mutex
	frontend *Frontend
	panels   []panel
	places   map[*part]place
	changed  chan struct{} // closed when there is something new, and replaced
}

// A place is where what there is of a part is found.
type place struct {
	growth *growth
	index  int
}

// A Sight is what there is of a panel's answer.
type Sight struct {
	Answer   PanelAnswer
	Progress Progress
	// Ready says that there is something to show.
	Ready bool
}

// NewWatch makes a watch, for one call of WatchPanels.
func NewWatch() *Watch {
	return &Watch{places: make(map[*part]place), changed: make(chan struct{})}
}

type watchKey struct{}

// WatchPanels is Panels with somebody who looks.
func (f *Frontend) WatchPanels(ctx context.Context, w *Watch, requests ...PanelRequest) []PanelAnswer {
	panels := f.checkPanels(requests)
	w.mu.Lock()
	w.frontend, w.panels = f, panels
	w.mu.Unlock()
	return f.answerPanels(context.WithValue(ctx, watchKey{}, w), panels)
}

// Changed is closed as soon as there may be more to see than there was before the call.
func (w *Watch) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

func (w *Watch) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.changed)
	w.changed = make(chan struct{})
}

// at tells where what there is of some parts is found.
func (w *Watch) at(parts []*part, g *growth) {
	w.mu.Lock()
	for i, p := range parts {
		w.places[p] = place{g, i}
	}
	w.mu.Unlock()
	w.tell() // others may have begun it
}

// Look merges and shapes what there is, one sight a request. It costs as much as the end
// of a query does: not to be called at every change. The memory goes to the context's
// scope. Nothing is there before the panels were checked.
func (w *Watch) Look(ctx context.Context) []Sight {
	return w.look(ctx, true)
}

// Progress is Look for those who only want to know how much there is.
func (w *Watch) Progress(ctx context.Context) []Progress {
	sights := w.look(ctx, false)
	all := make([]Progress, len(sights))
	for i, sight := range sights {
		all[i] = sight.Progress
	}
	return all
}

func (w *Watch) look(ctx context.Context, shaped bool) []Sight {
	w.mu.Lock()
	frontend, panels := w.frontend, w.panels
	w.mu.Unlock()
	if frontend == nil {
		return nil
	}
	l := looking{watch: w, shaped: shaped, readings: make(map[*part]reading), seen: make(map[*growing]seen)}
	if shaped {
		l.account = frontend.memory.Open()
		defer memory.Adopt(ctx, l.account)
	}
	sights := make([]Sight, len(panels))
	for i := range panels {
		sights[i] = l.look(ctx, &panels[i])
	}
	return sights
}

// A looking is one look at all panels. Parts of one answer see the same.
type looking struct {
	watch    *Watch
	shaped   bool
	account  *memory.Account
	readings map[*part]reading
	seen     map[*growing]seen
}

type seen struct {
	answer   *Answer
	progress Progress
}

func (l *looking) look(ctx context.Context, p *panel) Sight {
	sight := Sight{Progress: Progress{Whole: true}, Ready: true}
	counted := make(map[any]bool)
	for _, part := range p.parts {
		r, progress, of := l.part(ctx, part)
		l.readings[part] = r
		sight.Ready = sight.Ready && (r.answer != nil || r.err != nil || part.empty)
		if !counted[of] {
			sight.Progress = sight.Progress.With(progress)
		}
		counted[of] = true
	}
	if !sight.Ready || !l.shaped {
		return sight
	}
	sight.Answer = p.answer(ctx, l.readings)
	if sight.Answer.Err != nil && !sight.Progress.Whole {
		sight.Ready = false // such as for the memory of a picture: the answer will tell
	}
	return sight
}

// part is what there is of a part, and what that is a part of in turn.
func (l *looking) part(ctx context.Context, p *part) (r reading, progress Progress, of any) {
	r = reading{part: p, account: l.account}
	if p.empty {
		return r, Progress{Whole: true}, p
	}
	l.watch.mu.Lock()
	at, asked := l.watch.places[p]
	l.watch.mu.Unlock()
	if !asked {
		return r, Progress{}, p
	}
	g := at.growth.part(at.index)
	switch {
	case g.whole && g.result.answer != nil:
		r.answer = g.result.answer
		bytes := r.answer.Summary.Bytes + r.answer.Summary.ReusedBytes
		return r, Progress{Done: bytes, Total: bytes, Whole: true}, r.answer
	case g.whole:
		r.err = g.result.err
		return r, Progress{Whole: true}, p
	case g.slices == nil:
		return r, Progress{}, p
	case !l.shaped:
		return r, g.slices.sofar(), g.slices
	}
	s, known := l.seen[g.slices]
	if !known {
		// What is wrong with a picture is wrong with the answer, or passes.
		s.answer, s.progress, _ = g.slices.look(ctx, l.account)
		l.seen[g.slices] = s
	}
	r.answer = s.answer
	return r, s.progress, g.slices
}

// With adds what there is of another answer, which is read at the same time. Of what is
// not known, the sum is not known.
func (p Progress) With(other Progress) Progress {
	if !p.known() || !other.known() {
		return Progress{}
	}
	return Progress{
		Done: p.Done + other.Done, Total: p.Total + other.Total,
		Left: max(p.Left, other.Left), Whole: p.Whole && other.Whole,
	}
}

func (p Progress) known() bool { return p.Whole || p.Total > 0 }
