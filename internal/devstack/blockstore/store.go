package blockstore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// ErrNotFound is returned by Store.Read for a block that the store never had,
// or that was lost, or that compaction replaced and deleted.
var ErrNotFound = errors.New("block not found")

const (
	defaultShards          = 4
	defaultSegmentDuration = 15 * time.Second
	defaultHost            = "devstack"
)

// A Store keeps profiles in blocks. It is safe for concurrent use.
type Store struct {
	shards          uint32
	segmentDuration time.Duration
	host            string

	mu       sync.RWMutex
	open     map[segmentKey]*segment
	blocks   map[string]*Block
	live     map[string]struct{} // IDs in the index
	replaced []string            // compacted away, still readable
	lost     map[string]struct{} // in the index, and not readable
	entropy  *rand.ChaCha8

	compressor *compressor
}

// A Block is one object of the storage: its metadata and what its datasets
// hold. Datasets is parallel to Meta.Datasets; it is nil where the metadata has
// a tenant's index. A Block must not be modified.
type Block struct {
	Meta     *metastorev1.BlockMeta
	Datasets []*Dataset
}

// An Option changes how a store distributes profiles over blocks.
type Option func(*Store)

// WithShards spreads services over shards 1 to n. The default is 4.
func WithShards(n uint32) Option {
	return func(s *Store) { s.shards = max(n, 1) }
}

// WithSegmentDuration sets the span of profile time that one segment covers.
// The default is 15 seconds.
func WithSegmentDuration(d time.Duration) Option {
	return func(s *Store) { s.segmentDuration = max(d, time.Millisecond) }
}

// WithHost sets the name that segments carry as their creator (created_by).
func WithHost(name string) Option {
	return func(s *Store) { s.host = name }
}

// New returns an empty store. Block IDs depend only on what is ingested and in
// which order, so a test sees the same blocks in every run.
func New(options ...Option) *Store {
	s := &Store{
		shards:          defaultShards,
		segmentDuration: defaultSegmentDuration,
		host:            defaultHost,
		open:            make(map[segmentKey]*segment),
		blocks:          make(map[string]*Block),
		live:            make(map[string]struct{}),
		lost:            make(map[string]struct{}),
		entropy:         rand.NewChaCha8([32]byte{}),
		compressor:      newCompressor(),
	}
	for _, o := range options {
		o(s)
	}
	return s
}

// Blocks returns the metadata of all blocks in the index, ordered by block ID.
// The caller owns the result.
func (s *Store) Blocks() []*metastorev1.BlockMeta {
	s.mu.RLock()
	defer s.mu.RUnlock()
	metas := make([]*metastorev1.BlockMeta, 0, len(s.live))
	for _, b := range s.liveBlocks() {
		metas = append(metas, b.Meta.CloneVT())
	}
	return metas
}

// Read returns the block with this ID, or an error that wraps ErrNotFound.
// Blocks that the latest Compact replaced can still be read, as in Pyroscope,
// where queries planned before a compaction must be able to finish.
func (s *Store) Read(blockID string) (*Block, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.blocks[blockID]
	if _, lost := s.lost[blockID]; lost || !ok {
		return nil, fmt.Errorf("read block %q: %w", blockID, ErrNotFound)
	}
	return b, nil
}

// Lose makes a block unreadable that stays in the index, as when its object was deleted
// by hand.
func (s *Store) Lose(blockID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost[blockID] = struct{}{}
}

// liveBlocks lists the blocks of the index ordered by ID. The caller holds mu.
func (s *Store) liveBlocks() []*Block {
	blocks := make([]*Block, 0, len(s.live))
	for id := range s.live {
		blocks = append(blocks, s.blocks[id])
	}
	slices.SortFunc(blocks, func(a, b *Block) int { return strings.Compare(a.Meta.Id, b.Meta.Id) })
	return blocks
}

func (s *Store) add(b *Block) {
	s.blocks[b.Meta.Id] = b
	s.live[b.Meta.Id] = struct{}{}
}

// newID makes a block ID of the given Unix time in milliseconds. Ingest lets in
// only times that an ID can hold, and the entropy never ends: this cannot fail.
// The caller holds mu.
func (s *Store) newID(millis uint64) string {
	return ulid.MustNew(millis, s.entropy).String()
}
