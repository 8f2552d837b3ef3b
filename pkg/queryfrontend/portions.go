package queryfrontend

import (
	"slices"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

const (
	// trialTime is how long the first portion is waited for where nothing is known of the
	// cluster's pace: little of what people wait.
	trialTime = patience / 10
	// headStarts is which part of what all portions take each begins before the next one, if
	// it is not there earlier. The first has so many times as much. It is less than a tenth
	// with all of them.
	headStarts     = 150
	firstHeadStart = 4
	// firstInterval is what is taken to pass until a query is asked again that was asked
	// once: which of its portions last that long.
	firstInterval = time.Minute
)

// isSlow says that reading so many bytes may take longer than people wait.
func (f *Frontend) isSlow(bytes uint64) bool {
	took, sure := f.pace.expect(bytes)
	return !sure || took >= patience
}

func bytesOf(reads []queryplan.Read, of []int) (sum uint64) {
	for _, i := range of {
		sum += reads[i].Bytes
	}
	return sum
}

// cut cuts reads into portions. Which of them last is known of queries that are asked
// again; those that are asked once are taken to be.
func (s *slicing) cut(reads []queryplan.Read, of []int, o queryplan.SliceOptions) []queryplan.Portion {
	if s.look != nil && o.Interval == 0 {
		o.Interval = firstInterval
	}
	return s.plan.Portions(reads, of, o)
}

// readInPortions adds parts that are read newest first. Those that last are kept: their
// requests are there anyway.
func (s *slicing) readInPortions(f *Frontend, reads []queryplan.Read, portions []queryplan.Portion) {
	var bytes uint64
	finer := s.plan.Finer()
	for _, portion := range portions {
		var kept *slicecache.Slice
		if portion.Lasting {
			kept = freshSlice(portion.Reads, reads)
		}
		s.read(finer.Part(portion.Reads, s.merge.Start, s.merge.End, s.queries), kept)
		bytes += portion.Bytes
	}
	s.portions = portions
	took, sure := f.pace.expect(bytes)
	s.trial, s.headStart = !sure && len(portions) > 2, trialTime/2
	if sure {
		s.headStart = took / headStarts
	}
}

// grow makes what there is so far of an answer visible.
func (s *slicing) grow(f *Frontend, of *growth, answer *Answer, queries []*queryv1.Query) *growing {
	g := &growing{frontend: f, of: of, began: time.Now(), plan: *answer, queries: queries, merge: s.merge}
	g.plan.Plan, g.plan.Parts = nil, nil
	g.expect, _ = f.pace.expect(answer.Summary.Bytes)
	g.progress.Total = answer.Summary.Bytes + answer.Summary.ReusedBytes
	for _, part := range s.parts[len(s.reused):] {
		g.waiting = append(g.waiting, part.Plan.Summary().Bytes)
	}
	return g
}

// joinRest makes one request of all portions but the first, where what that took shows that
// the rest will be there before anybody notices.
func (s *slicing) joinRest(took time.Duration) {
	bytes := s.portions[0].Bytes
	var rest []int
	var left uint64
	for _, portion := range s.portions[1:] {
		rest, left = append(rest, portion.Reads...), left+portion.Bytes
	}
	if bytes == 0 || took.Seconds()*float64(left)/float64(bytes) >= patience.Seconds() {
		return
	}
	slices.Sort(rest)
	n := len(s.reused) + 1
	s.parts = s.parts[:n:n]
	s.requests, s.least, s.fresh = s.requests[:1:1], s.least[:1:1], s.fresh[:1:1]
	s.read(s.part(rest), nil)
}
