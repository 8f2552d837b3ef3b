package refreshbench

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

// Refreshes is how often a scenario asks.
const Refreshes = 60

// pods and scrape are the service that is asked for.
const (
	pods   = 20
	scrape = 15_000
)

// cacheBytes and answerBytes are the cache's size, and what an answer over a slice takes:
// a call tree of some thousand nodes.
const (
	cacheBytes  = 128 << 20
	answerBytes = 256 << 10
)

// A Scenario is one query that is asked again and again, over the newest data.
type Scenario struct {
	Name          string
	Length, Every time.Duration
	// Step is that of a time series; 0 asks for a call tree.
	Step time.Duration
}

// A Cost is what all refreshes take.
type Cost struct {
	// Fetched are bytes of object storage, Before the same where no answer is kept. Least
	// is what has to be fetched with the best of caches of whole datasets: each of them
	// once from the second refresh on, and each time what the range cuts.
	Fetched, Before, Least uint64
	// FirstFetched and FirstBefore are those of the first refresh.
	FirstFetched, FirstBefore uint64
	// Requests are those to query-backends.
	Requests, RequestsBefore int
}

func (c Cost) plus(d Cost) Cost {
	return Cost{c.Fetched + d.Fetched, c.Before + d.Before, c.Least + d.Least, c.FirstFetched + d.FirstFetched, c.FirstBefore + d.FirstBefore,
		c.Requests + d.Requests, c.RequestsBefore + d.RequestsBefore}
}

// Measure lets the store be written and compacted, and asks.
func (s Scenario) Measure() (Cost, error) {
	const began = int64(1_790_000_000_000)
	store := newStore(Service{Pods: pods, Scrape: scrape}, began)
	now := began + (s.Length + 2*time.Hour).Milliseconds() + 123_456
	store.advance(now)
	cache := slicecache.New(cacheBytes, func() time.Time { return time.UnixMilli(now) })
	m := measurement{scenario: s, cache: cache, read: make(map[queryplan.ReadID]bool)}
	for range Refreshes {
		plan, err := s.plan(store, now)
		if err != nil {
			return Cost{}, fmt.Errorf("%s: %w", s.Name, err)
		}
		m.refresh(plan)
		now += s.Every.Milliseconds()
		store.advance(now)
	}
	return m.cost, nil
}

// plan plans the query as it is asked at a time.
func (s Scenario) plan(store *store, now int64) (*queryplan.Plan, error) {
	q := queryplan.Query{
		Tenants: []string{tenant}, Start: now - s.Length.Milliseconds(), End: now,
		Matchers: []*labels.Matcher{
			labels.MustNewMatcher(labels.MatchEqual, "service_name", serviceName),
			labels.MustNewMatcher(labels.MatchEqual, "__profile_type__", cpu),
		},
		Queries: []*queryv1.Query{{QueryType: queryv1.QueryType_QUERY_TREE, Tree: &queryv1.TreeQuery{MaxNodes: 8192}}},
	}
	if step := s.Step.Milliseconds(); step > 0 {
		// As panels read it: two steps before the first point, which stands on the grid.
		q.Start = (q.Start+step-1)/step*step - 2*step
		q.Queries = []*queryv1.Query{{QueryType: queryv1.QueryType_QUERY_TIME_SERIES, TimeSeries: &queryv1.TimeSeriesQuery{Step: s.Step.Seconds()}}}
	}
	answer, err := store.answer(q.Start, q.End)
	if err != nil {
		return nil, err
	}
	return queryplan.Build(q, []queryplan.Metadata{{Request: queryplan.Discovery(q)[0], Response: answer}}, queryplan.Options{})
}

type measurement struct {
	scenario Scenario
	cache    *slicecache.Cache
	read     map[queryplan.ReadID]bool
	asked    int
	cost     Cost
}

// refresh counts what one refresh takes.
func (m *measurement) refresh(plan *queryplan.Plan) {
	reads := plan.Reads()
	bytes := plan.Summary().Bytes
	m.cost.Before += bytes
	m.cost.RequestsBefore++
	start, end := plan.Range()
	look := m.cache.Look(slicecache.Key{}, start, end)
	m.asked++
	if !look.Again {
		m.cost.Fetched, m.cost.Least, m.cost.Requests = m.cost.Fetched+bytes, m.cost.Least+bytes, m.cost.Requests+1
		m.cost.FirstFetched, m.cost.FirstBefore = bytes, bytes
		return
	}
	options := look.Options
	options.Uncut = m.scenario.Step > 0
	for i := range reads {
		kept := reads[i].Whole || options.Uncut && reads[i].Ends
		if !kept || !m.read[reads[i].ID] {
			m.cost.Least += reads[i].Bytes
		}
		m.read[reads[i].ID] = kept
	}
	cut := plan.Slice(reads, look.Known, options)
	for _, i := range cut.Dead {
		look.Drop(i)
	}
	for _, i := range cut.Reused {
		if look.Reuse(i) == nil {
			cut.Rest = append(cut.Rest, m.indexes(reads, look.Known[i].Reads)...)
		}
	}
	look.Made(len(cut.Fresh))
	for _, of := range cut.Fresh {
		slice := &slicecache.Slice{MinTime: reads[of[0]].MinTime, Reports: [][]byte{make([]byte, answerBytes)}}
		for _, i := range of {
			slice.Reads = append(slice.Reads, reads[i].ID)
			slice.MinTime, slice.MaxTime = min(slice.MinTime, reads[i].MinTime), max(slice.MaxTime, reads[i].MaxTime)
			slice.Bytes += reads[i].Bytes
		}
		m.cost.Fetched += slice.Bytes
		m.cost.Requests++
		look.Keep(slice)
	}
	if len(cut.Rest) > 0 {
		m.cost.Requests++
	}
	for _, i := range cut.Rest {
		m.cost.Fetched += reads[i].Bytes
	}
}

func (m *measurement) indexes(reads []queryplan.Read, ids []queryplan.ReadID) (at []int) {
	for _, id := range ids {
		for i := range reads {
			if reads[i].ID == id {
				at = append(at, i)
			}
		}
	}
	return at
}
