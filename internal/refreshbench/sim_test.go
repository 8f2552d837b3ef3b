package refreshbench

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

func TestSim(t *testing.T) {
	const base = int64(1_790_000_000_000)
	for _, sc := range []struct {
		name          string
		length, every time.Duration
		grid          int64
		kind          queryv1.QueryType
	}{
		{"1h tree", time.Hour, 30 * time.Second, 0, queryv1.QueryType_QUERY_TREE},
		{"1h series", time.Hour, 30 * time.Second, 15000, queryv1.QueryType_QUERY_TIME_SERIES},
		{"6h tree", 6 * time.Hour, time.Minute, 0, queryv1.QueryType_QUERY_TREE},
		{"6h series", 6 * time.Hour, time.Minute, 30000, queryv1.QueryType_QUERY_TIME_SERIES},
		{"24h tree", 24 * time.Hour, 5 * time.Minute, 0, queryv1.QueryType_QUERY_TREE},
		{"24h series", 24 * time.Hour, 5 * time.Minute, 120000, queryv1.QueryType_QUERY_TIME_SERIES},
		{"10m tree", 10 * time.Minute, time.Minute, 0, queryv1.QueryType_QUERY_TREE},
		{"10m series", 10 * time.Minute, time.Minute, 15000, queryv1.QueryType_QUERY_TIME_SERIES},
	} {
		s := newStore(Service{Pods: 20, Scrape: 15000}, base)
		start := base + (26 * time.Hour).Milliseconds() + 123_456
		s.advance(start)
		var today, floor, ours, requests, invokes, cutb, restb, freshb uint64
		seen := map[queryplan.ReadID]bool{}
		var clock time.Time
		cache := slicecache.New(128<<20, func() time.Time { return clock })
		for i := range 60 {
			now := start + int64(i)*sc.every.Milliseconds()
			s.advance(now)
			q := queryplan.Query{Tenants: []string{tenant}, Start: now - sc.length.Milliseconds(), End: now,
				Matchers: []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "service_name", serviceName)},
				Queries:  []*queryv1.Query{{QueryType: sc.kind, Tree: &queryv1.TreeQuery{MaxNodes: 8192}}}}
			if sc.grid > 0 {
				q.Start = (q.Start+sc.grid-1)/sc.grid*sc.grid - 2*sc.grid
			}
			answer, err := s.answer(q.Start, q.End)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := queryplan.Build(q, []queryplan.Metadata{{Request: queryplan.Discovery(q)[0], Response: answer}}, queryplan.Options{})
			if err != nil {
				t.Fatal(err)
			}
			today += plan.Summary().Bytes
			invokes++
			reads := plan.Reads()
			for _, r := range reads {
				if r.Whole || sc.grid > 0 && r.Ends {
					if !seen[r.ID] {
						floor += r.Bytes
					}
					seen[r.ID] = true
				} else {
					floor += r.Bytes
				}
			}
			clock = time.UnixMilli(now)
			look := cache.Look(slicecache.Key{}, q.Start, q.End)
			o := look.Options
			o.Uncut = sc.grid > 0
			if look.Again != (i > 0) {
				t.Fatal("again")
			}
			if i == 0 {
				ours += plan.Summary().Bytes
				requests++
				seen = map[queryplan.ReadID]bool{}
				continue
			}
			sl := plan.Slice(reads, look.Known, o)
			for _, k := range sl.Dead {
				look.Drop(k)
			}
			look.Made(len(sl.Fresh))
			for _, k := range sl.Reused {
				look.Reuse(k)
			}
			for _, f := range sl.Fresh {
				k := &slicecache.Slice{MinTime: 1 << 60}
				for _, r := range f {
					k.Reads = append(k.Reads, reads[r].ID)
					k.Bytes += reads[r].Bytes
					k.MinTime, k.MaxTime = min(k.MinTime, reads[r].MinTime), max(k.MaxTime, reads[r].MaxTime)
				}
				freshb += k.Bytes
				look.Keep(k)
				requests++
				ours += k.Bytes
			}
			if len(sl.Rest) > 0 {
				requests++
			}
			for _, r := range sl.Rest {
				ours += reads[r].Bytes
				if !reads[r].Whole && sc.grid == 0 {
					cutb += reads[r].Bytes
				} else {
					restb += reads[r].Bytes
				}
			}
			if i == 30 {
				lv := map[uint32]int{}
				for _, r := range reads {
					lv[r.Level]++
				}
				fmt.Println(lv, len(look.Known), len(sl.Reused))
			}
		}
		f := func(x uint64) float64 { return float64(x) / float64(today) }
		fmt.Printf("%-11s today %.1f MB/refresh floor %.3f ours %.3f (cut %.3f rest %.3f fresh %.3f) requests %.2f\n", sc.name, float64(today)/60e6, f(floor), f(ours), f(cutb), f(restb), f(freshb), float64(requests)/float64(invokes))
	}
}
