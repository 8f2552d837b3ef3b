package queryfrontend

import (
	"context"
	"slices"
	"strings"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// maxRescueInvokes bounds the requests that it may take to answer without the blocks
// that cannot be read: enough to find one among hundreds by halves.
const maxRescueInvokes = 16

// Missing is what an answer lacks.
type Missing struct {
	// Blocks could not be read, of as many as Of.
	Blocks, Of int
	// Start and End bound the times of their profiles, within the query's range, in Unix
	// milliseconds.
	Start, End int64
	// Bytes is the estimate of what would have been fetched of them, of OfBytes for all.
	Bytes, OfBytes uint64
	// Err is why they could not be read.
	Err error
}

// A rescue is the attempt to answer a query whose plan failed.
type rescue struct {
	frontend *Frontend
	query    queryplan.Query
	// metadata is what the metastore says now, stats what that took, and blocks are those
	// of the plan over it.
	metadata []queryplan.Metadata
	stats    Stats
	blocks   []queryplan.PlannedBlock
	left     int // how many requests there may be yet
	// emptyToo says that an answer without any block is one, too.
	emptyToo bool
}

// askAgain asks the metastore, and plans over what it says.
func (r *rescue) askAgain(ctx context.Context, stats Stats) (planned, error) {
	metadata, more, err := r.frontend.discover(ctx, r.query, Stats{})
	if err != nil {
		return planned{}, err
	}
	r.metadata, r.stats = metadata, stats
	r.stats.Metadata += more.Metadata
	r.stats.MetadataBytes += more.MetadataBytes
	r.stats.Abandoned = addCounts(stats.Abandoned, more.Abandoned)
	p, plan, err := r.frontend.planWithout(ctx, nil, r.query, metadata, r.stats, nil)
	if err == nil {
		r.blocks = plan.Blocks()
	}
	return p, err
}

// blockSet is a set of blocks by id.
type blockSet map[string]bool

func (s blockSet) add(blocks []queryplan.PlannedBlock) {
	for _, b := range blocks {
		s[b.ID] = true
	}
}

// readRest finds the blocks that cannot be read, and reads all others.
func (r *rescue) readRest(ctx context.Context, p *planned, reason error) (outcome, bool) {
	bad := make(blockSet)
	cause := reason
	// Nearly all errors of query-backends name the block.
	for r.left > 0 {
		named := r.namedBy(reason, bad)
		if len(named) == 0 {
			break
		}
		bad.add(named)
		rest, ok := r.readWithout(ctx, p, bad, cause)
		if ok {
			return rest, true
		}
		if reason = rest.err; !mayBeBlocks(ctx, reason, 0) {
			return rest, false
		}
	}
	if r.left < 3 || !r.halve(ctx, bad) {
		return outcome{}, false
	}
	return r.readWithout(ctx, p, bad, cause)
}

// namedBy are the blocks whose ids an error has, but for those that are known.
func (r *rescue) namedBy(err error, known blockSet) (named []queryplan.PlannedBlock) {
	const ulid = 26 // shorter ids could be any word
	message := err.Error()
	for _, b := range r.blocks {
		if !known[b.ID] && len(b.ID) >= ulid && strings.Contains(message, b.ID) {
			named = append(named, b)
		}
	}
	return named
}

// readWithout reads all blocks but the bad ones. Where that works, the plan is that.
func (r *rescue) readWithout(ctx context.Context, p *planned, bad blockSet, cause error) (outcome, bool) {
	r.left--
	rest, _, err := r.frontend.planWithout(ctx, nil, r.query, r.metadata, r.stats, func(id string) bool { return bad[id] })
	if err != nil {
		return outcome{err: err}, false
	}
	if rest.request == nil && !r.emptyToo {
		return outcome{err: cause}, false
	}
	made := r.frontend.invokePlan(ctx, rest)
	if made.err != nil {
		return made, false
	}
	p.become(rest)
	if len(bad) > 0 { // else the trouble has passed
		p.answer.Missing = r.missing(bad, cause)
	}
	return made, true
}

// missing adds up what bad blocks have.
func (r *rescue) missing(bad blockSet, cause error) *Missing {
	m := &Missing{Of: len(r.blocks), Start: r.query.End, End: r.query.Start, Err: clusterError("query-backend", cause)}
	for _, b := range r.blocks {
		m.OfBytes += b.Bytes
		if bad[b.ID] {
			m.Blocks++
			m.Bytes += b.Bytes
			m.Start, m.End = min(m.Start, b.Start), max(m.End, b.End)
		}
	}
	m.Start, m.End = max(m.Start, r.query.Start), min(m.End, r.query.End)
	return m
}

// halve finds the blocks that cannot be read where nobody names them: it reads the halves
// of what fails, until those are single blocks or the requests are used up, and takes
// what fails then for bad. It returns false where it cannot tell, or where all is bad.
func (r *rescue) halve(ctx context.Context, bad blockSet) bool {
	failing := [][]queryplan.PlannedBlock{slices.DeleteFunc(slices.Clone(r.blocks), func(b queryplan.PlannedBlock) bool { return bad[b.ID] })}
	for r.left >= 3 { // two halves, and one for reading the rest
		at := slices.IndexFunc(failing, func(group []queryplan.PlannedBlock) bool { return len(group) > 1 })
		if at < 0 {
			break
		}
		group := failing[at]
		failing = slices.Delete(failing, at, at+1)
		for _, half := range [][]queryplan.PlannedBlock{group[:len(group)/2], group[len(group)/2:]} {
			err := r.try(ctx, half)
			if err != nil && !mayBeBlocks(ctx, err, 0) {
				return false
			}
			if err != nil {
				failing = append(failing, half)
			}
		}
	}
	for _, group := range failing {
		bad.add(group)
	}
	return r.emptyToo || len(bad) < len(r.blocks)
}

// try reads some blocks, and lets the answer go.
func (r *rescue) try(ctx context.Context, blocks []queryplan.PlannedBlock) error {
	r.left--
	account := r.frontend.memory.Open()
	defer account.Close()
	ctx = memory.With(ctx, account)
	wanted := make(blockSet, len(blocks))
	wanted.add(blocks)
	p, _, err := r.frontend.planWithout(ctx, nil, r.query, r.metadata, Stats{}, func(id string) bool { return !wanted[id] })
	if err != nil {
		return err
	}
	return r.frontend.invokePlan(ctx, p).err
}
