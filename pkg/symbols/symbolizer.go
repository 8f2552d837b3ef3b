package symbols

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/pyrofront/pyrofront/pkg/symbols/debuginfod"
)

// A Config says where names come from, and what they may cost.
type Config struct {
	Source Source
	// Patience is how long Resolve waits.
	Patience time.Duration
	// MaxBytes is how large a debug file may be, and what is unpacked of it.
	MaxBytes int64
	// MemoryBytes bounds the memory for names and open files.
	MemoryBytes int64
	// Folder is where debug files are kept; in no folder if it is empty. Others may
	// use it as well.
	Folder string
	// FolderBytes bounds the folder, or else the temporary files.
	FolderBytes int64
	// Observe is told of each file that was fetched, or was not. It may be nil.
	Observe func(Fetched)
}

// Fetched is one fetch of a debug file.
type Fetched struct {
	State State
	Bytes int64
	Took  time.Duration
}

const (
	parallelFetches = 4
	longest         = 10 * time.Minute // that a fetch may take in all
	longestOpen     = time.Minute      // that reading what is in a file may take
	notFoundFor     = 10 * time.Minute // that a server's "not found" is remembered
	failedFor       = time.Minute
	unusableFor     = time.Hour // a file that is too large, or cannot be read
)

// A Symbolizer names addresses. Any number of goroutines may use it.
type Symbolizer struct {
	config  Config
	cache   *cache
	folder  *folder
	fetches chan struct{} // as many as may fetch at once
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

// New makes a Symbolizer. It fails where the folder cannot be written to.
func New(config Config) (*Symbolizer, error) {
	f, err := newFolder(config.Folder, config.FolderBytes)
	if err != nil {
		return nil, err
	}
	s := &Symbolizer{
		config: config, folder: f, cache: newCache(config.MemoryBytes, config.FolderBytes),
		fetches: make(chan struct{}, parallelFetches),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Close ends what is under way, and closes all files.
func (s *Symbolizer) Close() {
	s.stop()
	s.running.Wait()
	s.cache.mutex.Lock()
	defer s.cache.mutex.Unlock()
	for _, e := range s.cache.entries {
		s.cache.drop(e)
	}
}

// CacheBytes is how much memory names and open files take.
func (s *Symbolizer) CacheBytes() int64 {
	s.cache.mutex.Lock()
	defer s.cache.mutex.Unlock()
	return s.cache.bytes
}

// A Binary is a binary with addresses in it.
type Binary struct {
	BuildID, Name string
	Addresses     []uint64
}

// Resolve names the addresses of binaries: for each of them, in the same order, its
// frames, the outer ones first, or nil where there is no name, or none yet. It
// waits no longer than the patience, and never fails: the cost says what is missing.
func (s *Symbolizer) Resolve(ctx context.Context, binaries []Binary) ([][][]Frame, Cost) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Patience)
	defer cancel()
	fetches := fetchesFrom(ctx)
	names := make([][][]Frame, len(binaries))
	cost := Cost{Binaries: make([]BinaryCost, len(binaries))}
	var group sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := range binaries {
		slots <- struct{}{} // who has no patience left passes at once
		group.Go(func() {
			defer func() { <-slots }()
			names[i], cost.Binaries[i] = s.binary(ctx, &binaries[i], fetches)
		})
	}
	group.Wait()
	return names, cost
}

// binary names the addresses of one binary.
func (s *Symbolizer) binary(ctx context.Context, b *Binary, fetches *Fetches) (names [][]Frame, cost BinaryCost) {
	names = make([][]Frame, len(b.Addresses))
	cost = BinaryCost{BuildID: b.BuildID, Name: b.Name, State: StateResolved, Addresses: len(b.Addresses)}
	defer func() {
		for _, frames := range names {
			if frames != nil {
				cost.Named++
			}
		}
	}()
	id, err := debuginfod.BuildID(b.BuildID)
	if err != nil {
		cost.State = StateNotFound
		return names, cost
	}
	e, missing := s.known(id, b.Addresses, names)
	defer s.done(e)
	defer func() { cost.FetchedBytes = fetches.bytes(id) }()
	if len(missing) == 0 {
		return names, cost
	}
	cost.State, cost.Err = s.load(ctx, e, fetches)
	if cost.State != StateResolved {
		return names, cost
	}
	if err := s.look(ctx, e, missing); err != nil {
		cost.State, cost.Err = StateFailed, err
		if ctx.Err() != nil {
			cost.State, cost.Err = StatePending, nil
		}
	}
	s.cache.mutex.Lock()
	defer s.cache.mutex.Unlock()
	e.table.fill(b.Addresses, names)
	return names, cost
}

// known fills in the names that there are, and returns the addresses that were
// never looked up, sorted. The entry is kept until done.
func (s *Symbolizer) known(id string, addresses []uint64, names [][]Frame) (*entry, []uint64) {
	s.cache.mutex.Lock()
	e := s.cache.entry(id)
	s.cache.use(e)
	missing := e.table.fill(addresses, names)
	s.cache.mutex.Unlock()
	slices.Sort(missing)
	return e, slices.Compact(missing)
}

func (s *Symbolizer) done(e *entry) {
	s.cache.mutex.Lock()
	defer s.cache.mutex.Unlock()
	s.cache.release(e)
}

// look looks addresses up in the file, and remembers what it finds.
func (s *Symbolizer) look(ctx context.Context, e *entry, addresses []uint64) error {
	select {
	case e.busy <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-e.busy }()
	s.cache.mutex.Lock()
	file := e.file
	addresses = slices.DeleteFunc(slices.Clone(addresses), func(a uint64) bool { // others looked meanwhile
		_, known := e.table.find(a)
		return known
	})
	s.cache.mutex.Unlock()
	if file == nil || len(addresses) == 0 {
		return nil
	}
	answers, err := file.lookup(ctx, addresses)
	s.cache.mutex.Lock()
	defer s.cache.mutex.Unlock()
	e.table.add(answers)
	if errors.Is(err, errDamaged) && e.file == file { // the next call gets it anew
		s.cache.closeFile(e)
		s.folder.remove(e.buildID)
	}
	s.cache.count(e)
	return err
}
