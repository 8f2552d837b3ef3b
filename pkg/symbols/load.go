package symbols

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pyrofront/pyrofront/pkg/symbols/debuginfod"
	"github.com/pyrofront/pyrofront/pkg/symbols/objfile"
)

// loading is a file that is being fetched and opened, for all who wait for it.
type loading struct {
	done    chan struct{}
	fetched int64 // bytes, once it is done
}

// load sees to it that an entry's file is open: it waits, with all others who want
// it, until it is, or until the context ends. The work goes on either way.
func (s *Symbolizer) load(ctx context.Context, e *entry, fetches *Fetches) (State, error) {
	s.cache.mutex.Lock()
	l := e.loading
	switch {
	case e.file != nil:
		s.cache.mutex.Unlock()
		return StateResolved, nil
	case l != nil:
	case time.Now().Before(e.verdict.until):
		defer s.cache.mutex.Unlock()
		return e.verdict.state, e.verdict.err
	case s.ctx.Err() != nil:
		s.cache.mutex.Unlock()
		return StatePending, nil
	default:
		l = &loading{done: make(chan struct{})}
		e.loading = l
		s.cache.use(e)
		s.running.Add(1)
		go func() {
			defer s.running.Done()
			s.run(e, l)
		}()
	}
	s.cache.mutex.Unlock()
	fetches.add(e.buildID, l)
	select {
	case <-l.done:
	case <-ctx.Done():
		return StatePending, nil
	}
	s.cache.mutex.Lock()
	defer s.cache.mutex.Unlock()
	if e.file != nil {
		return StateResolved, nil
	}
	return e.verdict.state, e.verdict.err
}

// run loads the file.
func (s *Symbolizer) run(e *entry, l *loading) {
	ctx, cancel := context.WithTimeout(s.ctx, longest)
	defer cancel()
	file, fetched, err := s.safeFile(ctx, e.buildID)
	s.cache.mutex.Lock()
	defer s.cache.mutex.Unlock()
	l.fetched = fetched
	e.file, e.loading = file, nil
	e.verdict = verdict{}
	if err != nil {
		e.verdict = judge(err)
	}
	s.cache.release(e)
	close(l.done)
}

// judge says what an error means, and for how long.
func judge(err error) verdict {
	switch {
	case errors.Is(err, debuginfod.ErrNotFound), errors.Is(err, objfile.ErrNoSymbols):
		return verdict{StateNotFound, nil, time.Now().Add(notFoundFor)}
	case errors.Is(err, debuginfod.ErrTooLarge), errors.Is(err, objfile.ErrTooLarge), errors.Is(err, errUnusable):
		return verdict{StateFailed, err, time.Now().Add(unusableFor)}
	}
	return verdict{StateFailed, err, time.Now().Add(failedFor)}
}

var errUnusable = errors.New("the debug file cannot be used")

// safeFile is file, and survives what a file may do to those who read it.
func (s *Symbolizer) safeFile(ctx context.Context, buildID string) (file *openFile, fetched int64, err error) {
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, fmt.Errorf("%w: %v", errUnusable, r)
		}
	}()
	return s.file(ctx, buildID)
}

// file is the debug file of a build id: from the folder, or else from a server.
func (s *Symbolizer) file(ctx context.Context, buildID string) (*openFile, int64, error) {
	if c := s.folder.open(buildID); c != nil {
		file, err := s.openWhole(ctx, c, buildID)
		if err == nil {
			return file, 0, nil
		}
		s.folder.remove(buildID) // damaged, or somebody else's
	}
	c, sections, fetched, err := s.fetch(ctx, buildID)
	if err != nil {
		return nil, fetched, err
	}
	file, err := s.openWhole(ctx, c, buildID)
	if err != nil {
		s.folder.remove(buildID)
		if ctx.Err() == nil && !errors.Is(err, objfile.ErrNoSymbols) && !errors.Is(err, objfile.ErrTooLarge) {
			err = errors.Join(errUnusable, err)
		}
		return nil, fetched, err
	}
	if !sections && file.file.HasDWARF() {
		s.config.Source.SectionsMissing()
	}
	return file, fetched, nil
}

// fetch gets a file from a server, and keeps it in the folder.
func (s *Symbolizer) fetch(ctx context.Context, buildID string) (c *content, sections bool, fetched int64, err error) {
	select {
	case s.fetches <- struct{}{}:
		defer func() { <-s.fetches }()
	case <-ctx.Done():
		return nil, false, 0, ctx.Err()
	}
	start := time.Now()
	spool, sections, err := fetch(ctx, s.config.Source, buildID, s.folder.dir)
	if err != nil {
		s.observe(judge(err).state, 0, start)
		return nil, false, 0, err
	}
	fetched = spool.size
	s.observe(StateResolved, fetched, start)
	s.folder.add(buildID, spool)
	c, err = spool.content()
	return c, sections, fetched, err
}

func (s *Symbolizer) observe(state State, bytes int64, start time.Time) {
	if s.config.Observe != nil {
		s.config.Observe(Fetched{state, bytes, time.Since(start)})
	}
}

// openWhole opens a file, and with it the one that dwz moved parts of it to.
func (s *Symbolizer) openWhole(ctx context.Context, c *content, buildID string) (*openFile, error) {
	opening, cancel := context.WithTimeout(ctx, longestOpen)
	defer cancel()
	file, err := openContent(opening, c, buildID, s.config.MaxBytes)
	if err != nil {
		return nil, err
	}
	id, err := debuginfod.BuildID(file.file.SupplementID())
	if err != nil || id == buildID {
		return file, nil
	}
	// Without it some names are missing, and that is all.
	supplement := s.folder.open(id)
	if supplement == nil {
		if supplement, _, _, err = s.fetch(ctx, id); err != nil {
			return file, nil
		}
	}
	if err := file.addSupplement(supplement); err != nil {
		supplement.release()
	}
	return file, nil
}
