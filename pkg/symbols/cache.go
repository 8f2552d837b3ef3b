package symbols

import (
	"container/list"
	"sync"
	"time"
)

// An entry is what is known of a build id.
type entry struct {
	buildID string
	element *list.Element
	// busy is held by who looks into the file, or changes it.
	busy chan struct{}
	// What follows is guarded by the cache's mutex.
	users   int // who stand in the way of its being dropped
	table   *table
	file    *openFile
	loading *loading
	verdict verdict
	bytes   int64 // of memory
	mapped  int64 // of files that are held open
}

// A verdict is why there are no names, for a while.
type verdict struct {
	state State
	err   error
	until time.Time
}

// maxOpen is how many files are held open.
const maxOpen = 64

// A cache holds entries, the ones used last, bounded by the memory that they take
// and by what they hold open.
type cache struct {
	mutex            sync.Mutex
	entries          map[string]*entry
	recent           list.List // of *entry, the one used last first
	bytes, mapped    int64
	maxBytes, maxMap int64
	open             int // files
}

func newCache(maxBytes, maxMapped int64) *cache {
	return &cache{entries: map[string]*entry{}, maxBytes: maxBytes, maxMap: maxMapped}
}

// entry is a build id's, made if there is none. The mutex is held.
func (c *cache) entry(buildID string) *entry {
	e := c.entries[buildID]
	if e == nil {
		e = &entry{buildID: buildID, table: newTable(), busy: make(chan struct{}, 1)}
		e.element = c.recent.PushFront(e)
		c.entries[buildID] = e
	}
	c.recent.MoveToFront(e.element)
	return e
}

// use keeps an entry until release. The mutex is held, in both.
func (c *cache) use(e *entry) { e.users++ }

func (c *cache) release(e *entry) {
	e.users--
	c.account(e)
}

// account counts anew what an entry takes, and drops the ones used least recently
// until all fit: first the file, then the names. The mutex is held.
func (c *cache) account(e *entry) {
	c.count(e)
	for at := c.recent.Back(); at != nil && c.full(); {
		old := at.Value.(*entry)
		at = at.Prev()
		if old.users > 0 {
			continue
		}
		c.closeFile(old)
		if c.count(old); c.full() {
			c.drop(old)
		}
	}
}

func (c *cache) count(e *entry) {
	bytes, mapped := e.table.bytes()+256, int64(0)
	if e.file != nil {
		bytes += e.file.memory()
		mapped = e.file.size()
	}
	c.open += btoi(mapped > 0) - btoi(e.mapped > 0)
	c.bytes += bytes - e.bytes
	c.mapped += mapped - e.mapped
	e.bytes, e.mapped = bytes, mapped
}

func (c *cache) full() bool {
	return c.bytes > c.maxBytes || c.mapped > c.maxMap || c.open > maxOpen
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// drop forgets an entry. Its file is closed when nobody looks into it any more.
func (c *cache) drop(e *entry) {
	c.recent.Remove(e.element)
	delete(c.entries, e.buildID)
	c.bytes -= e.bytes
	c.mapped -= e.mapped
	c.open -= btoi(e.mapped > 0)
	c.closeFile(e)
}

// closeFile closes an entry's file. The mutex is held.
func (c *cache) closeFile(e *entry) {
	file := e.file
	if file == nil {
		return
	}
	e.file = nil
	go func() {
		e.busy <- struct{}{}
		file.close()
		<-e.busy
	}()
}
