package queryplan_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
	"github.com/pyrofront/pyrofront/internal/planbench"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// An ingested is a profile of one sample, as it was pushed: what a query has to find
// is told by these alone, whatever blocks, metadata and plans come to.
type ingested struct {
	tenant   string
	labels   map[string]string // of the series, with its profile type
	time     int64
	function string
	value    int64
	// native says that the function calls native code without symbols.
	native bool
}

// selectedBy is the whole of a query's meaning: tenants, time and labels.
func (p *ingested) selectedBy(q queryplan.Query) bool {
	asked := false
	for _, tenant := range q.Tenants {
		asked = asked || tenant == p.tenant
	}
	for _, m := range q.Matchers {
		asked = asked && m.Matches(p.labels[m.Name])
	}
	return asked && q.Start <= p.time && p.time <= q.End
}

// storeTime is when the first profile of a drawn store may have been taken.
const storeTime = 1_795_374_000_000

// drawIngested fills a store of the embedded stack, compacts it or not, and returns
// what went in.
func drawIngested(t *rapid.T) (*blockstore.Store, []ingested) {
	store := blockstore.New(
		blockstore.WithShards(rapid.Uint32Range(1, 3).Draw(t, "shards")),
		blockstore.WithSegmentDuration(10*time.Second))
	var all []ingested
	for i := range rapid.IntRange(1, 25).Draw(t, "profiles") {
		p := ingested{
			tenant:   rapid.SampledFrom([]string{"tenant-a", "tenant-a", "tenant-b"}).Draw(t, "tenant"),
			labels:   map[string]string{"service_name": rapid.SampledFrom([]string{"a", "ab", "b", "c", "d", "e"}).Draw(t, "service")},
			time:     storeTime + rapid.Int64Range(0, 60).Draw(t, "time")*1000,
			function: fmt.Sprintf("f%d", i),
			value:    1 << i,
			native:   rapid.Float64().Draw(t, "native") < 0.3,
		}
		if pod := rapid.SampledFrom([]string{"", "p", "q"}).Draw(t, "pod"); pod != "" {
			p.labels["pod"] = pod
		}
		kind := rapid.SampledFrom([]string{cpu, memory}).Draw(t, "type")
		require.NoError(t, store.Ingest(blockstore.IngestRequest{
			Tenant: p.tenant, Labels: p.labels, Profile: p.pprof(kind), Time: time.UnixMilli(p.time),
		}))
		p.labels["__profile_type__"] = kind
		all = append(all, p)
	}
	store.Cut()
	if rapid.Bool().Draw(t, "compacted") {
		store.Compact()
	}
	return store, all
}

func (p *ingested) pprof(kind string) *pprof.Profile {
	function := &pprof.Function{ID: 1, Name: p.function, SystemName: p.function, Filename: "f.go"}
	mapping := &pprof.Mapping{ID: 1, Start: 0x1000, Limit: 0x2000, File: "binary", HasFunctions: true}
	location := &pprof.Location{ID: 1, Address: 0x1001, Mapping: mapping, Line: []pprof.Line{{Function: function, Line: 1}}}
	stack := []*pprof.Location{location}
	mappings, locations := []*pprof.Mapping{mapping}, []*pprof.Location{location}
	if p.native {
		library := &pprof.Mapping{ID: 2, Start: 0xa000, Limit: 0xb000, File: "libc.so"}
		call := &pprof.Location{ID: 2, Address: 0xa001, Mapping: library}
		mappings, locations, stack = append(mappings, library), append(locations, call), []*pprof.Location{call, location}
	}
	sample, period := &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}, &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}
	if kind == memory {
		sample, period = &pprof.ValueType{Type: "inuse_space", Unit: "bytes"}, &pprof.ValueType{Type: "space", Unit: "bytes"}
	}
	return &pprof.Profile{
		SampleType: []*pprof.ValueType{sample}, PeriodType: period,
		Mapping: mappings, Function: []*pprof.Function{function}, Location: locations,
		Sample: []*pprof.Sample{{Location: stack, Value: []int64{p.value}}},
	}
}

// An olderIndex lists blocks as writers may have that label datasets with less: of
// every third dataset the label is missing.
type olderIndex struct {
	blocks []*metastorev1.BlockMeta
	lacks  string
}

func (i olderIndex) Blocks() []*metastorev1.BlockMeta {
	var older []*metastorev1.BlockMeta
	n := 0
	for _, b := range i.blocks {
		b = proto.Clone(b).(*metastorev1.BlockMeta)
		for _, d := range b.Datasets {
			if n++; d.Format != 0 || n%3 != 0 || i.lacks == "" {
				continue
			}
			var kept []int32
			for left := d.Labels; len(left) > 0; left = left[1+2*left[0]:] {
				set := []int32{0}
				for j := range left[0] {
					if b.StringTable[left[1+2*j]] != i.lacks {
						set = append(set, left[1+2*j], left[2+2*j])
						set[0]++
					}
				}
				if set[0] > 0 {
					kept = append(kept, set...)
				}
			}
			d.Labels = kept
		}
		older = append(older, b)
	}
	return older
}

func drawStoredQuery(t *rapid.T) queryplan.Query {
	pool := []*labels.Matcher{
		equal("service_name", "a"),
		match(labels.MatchRegexp, "service_name", "a|b|zz"),
		match(labels.MatchRegexp, "service_name", "a.*"),
		match(labels.MatchRegexp, "service_name", ".*"),
		match(labels.MatchNotEqual, "service_name", "b"),
		match(labels.MatchNotRegexp, "service_name", "a.+"),
		equal("__profile_type__", cpu),
		equal("__profile_type__", cpu),
		match(labels.MatchRegexp, "__profile_type__", "memory.*"),
		match(labels.MatchNotEqual, "__profile_type__", cpu),
		equal("pod", "p"),
		equal("pod", ""),
		match(labels.MatchNotEqual, "pod", "p"),
		match(labels.MatchRegexp, "pod", "p|"),
	}
	q := query(&queryv1.Query{QueryType: queryv1.QueryType_QUERY_TREE, Tree: &queryv1.TreeQuery{MaxNodes: 1 << 20}})
	q.Matchers = rapid.SliceOfNDistinct(rapid.SampledFrom(pool), 0, 3, func(m *labels.Matcher) string { return m.String() }).Draw(t, "matchers")
	q.Start = storeTime + rapid.Int64Range(-5, 50).Draw(t, "start")*1000
	q.End = q.Start + rapid.Int64Range(0, 70).Draw(t, "length")*1000
	q.Seed = rapid.Uint64().Draw(t, "seed")
	if rapid.Bool().Draw(t, "both tenants") {
		q.Tenants = append(q.Tenants, "tenant-b")
	}
	return q
}

// What a plan's execution comes to is what the profiles that were pushed come to, to
// the value of each function: nothing is left out, counted twice, or of others.
func TestPlansReadWhatWasIngested(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, all := drawIngested(t)
		q := drawStoredQuery(t)
		index := olderIndex{blocks: store.Blocks(), lacks: rapid.SampledFrom([]string{"", "", "__profile_type__", "service_name"}).Draw(t, "lacks")}
		if index.lacks == "service_name" && namesService(q) {
			index.lacks = "" // a service is asked for by its name: see the package's documentation
		}
		want := make(map[string]int64)
		for i := range all {
			if all[i].selectedBy(q) {
				want[all[i].function] = all[i].value
			}
		}
		require.Equal(t, want, execute(t, store, discover(t, index, q), q, drawOptions(t)))
	})
}

func namesService(q queryplan.Query) bool {
	for _, m := range q.Matchers {
		if m.Name == "service_name" && m.Type == labels.MatchEqual {
			return true
		}
	}
	return false
}

// discover asks the embedded stack's metastore.
func discover(t require.TestingT, index metastore.Index, q queryplan.Query) []queryplan.Metadata {
	var answers []queryplan.Metadata
	for _, request := range queryplan.Discovery(q) {
		answer, err := metastore.NewServer(index).QueryMetadata(context.Background(), request)
		require.NoError(t, err)
		encoded, err := answer.MarshalVT()
		require.NoError(t, err)
		answers = append(answers, queryplan.Metadata{Request: request, Response: encoded})
	}
	return answers
}

// execute plans, has the embedded stack's query-backend read each leaf, and adds up
// the values by function.
func execute(t require.TestingT, store *blockstore.Store, answers []queryplan.Metadata, q queryplan.Query, o queryplan.Options) map[string]int64 {
	plan, err := queryplan.Build(q, answers, o)
	require.NoError(t, err)
	backend, err := querybackend.New(querybackend.Config{Blocks: store})
	require.NoError(t, err)
	values := make(map[string]int64)
	request := requestOf(plan)
	for _, leaf := range planbench.Leaves(request.GetQueryPlan().GetRoot()) {
		request.QueryPlan = &queryv1.QueryPlan{Root: leaf}
		response, err := backend.Invoke(context.Background(), request)
		require.NoError(t, err)
		for _, report := range response.Reports {
			tree, err := profile.UnmarshalTree(report.GetTree().GetTree())
			require.NoError(t, err)
			for _, f := range profile.TopFunctions(tree) {
				values[f.Name] += f.Total
			}
		}
	}
	return values
}

// A large block is read by its index where that leads to few datasets: the same is
// found, and it is the index that is planned.
func TestIndexesLeadToWhatWasIngested(t *testing.T) {
	store := blockstore.New(blockstore.WithShards(1), blockstore.WithSegmentDuration(time.Hour))
	want := make(map[string]int64)
	for i := range 40 {
		p := ingested{tenant: tenant, function: fmt.Sprintf("f%d", i), value: 1 << i,
			labels: map[string]string{"service_name": fmt.Sprintf("service-%d", i), "pod": fmt.Sprintf("pod-%d", i)}}
		require.NoError(t, store.Ingest(blockstore.IngestRequest{
			Tenant: tenant, Labels: p.labels, Profile: p.pprof(cpu), Time: time.UnixMilli(storeTime)}))
		if i == 7 {
			want[p.function] = p.value
		}
	}
	store.Cut()
	q := query(tree, equal("pod", "pod-7"))
	q.Start, q.End = storeTime-1000, storeTime+1000
	answers := discover(t, olderIndex{blocks: store.Blocks()}, q)
	plan, err := queryplan.Build(q, answers, queryplan.Options{})
	require.NoError(t, err)
	require.Equal(t, 1, plan.Summary().Indexed)
	require.Equal(t, want, execute(t, store, answers, q, queryplan.Options{}))
}
