package querybackend_test

import (
	"fmt"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// cpuProfile has one sample, of a span, with a value that is a multiple of the
// sample's count.
func cpuProfile(value int64, span string) *pprof.Profile {
	mapping := &pprof.Mapping{ID: 1, File: "app", HasFunctions: true, HasFilenames: true, HasLineNumbers: true}
	p := &pprof.Profile{
		SampleType: []*pprof.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:     10,
		Mapping:    []*pprof.Mapping{mapping},
	}
	var stack []*pprof.Location
	for i, name := range []string{"work", "main"} { // leaf first
		f := &pprof.Function{ID: uint64(i + 1), Name: name, SystemName: name, Filename: name + ".go"}
		l := &pprof.Location{ID: uint64(i + 1), Mapping: mapping, Address: uint64(16 * (i + 1)), Line: []pprof.Line{{Function: f, Line: 7}}}
		p.Function, p.Location, stack = append(p.Function, f), append(p.Location, l), append(stack, l)
	}
	p.Sample = []*pprof.Sample{{Location: stack, Value: []int64{value / 10, value}, Label: map[string][]string{"span_id": {span}}}}
	return p
}

// Over a real store, every way to plan a query has the same answer: datasets
// named or looked up in the index, segments or compacted blocks.
func TestOverStore(t *testing.T) {
	store := blockstore.New()
	begin := time.UnixMilli(1_700_000_000_000)
	for i := range 12 {
		for _, service := range []string{"cart", "shop"} {
			require.NoError(t, store.Ingest(blockstore.IngestRequest{
				Tenant:  "acme",
				Labels:  map[string]string{"service_name": service, "pod": fmt.Sprint(i % 2)},
				Profile: cpuProfile(int64(10*(i+1)), fmt.Sprintf("%016x", i)),
				Time:    begin.Add(time.Duration(i) * 10 * time.Second),
			}))
		}
	}
	require.NoError(t, store.Ingest(blockstore.IngestRequest{
		Tenant: "other", Labels: map[string]string{"service_name": "shop"}, Profile: cpuProfile(1000, ""), Time: begin,
	}))
	store.Cut()
	s, c := start(t, store)

	invoke := func(t *testing.T, index bool) *queryv1.InvokeResponse {
		r := request(planOf(store, index), treeOf(&queryv1.TreeQuery{}), timeSeriesOf(&queryv1.TimeSeriesQuery{Step: 60, GroupBy: []string{"pod"}}))
		r.StartTime, r.EndTime = begin.UnixMilli(), begin.Add(2*time.Minute).UnixMilli()
		r.LabelSelector = `{service_name="shop",__profile_type__="` + cpu + `"}`
		response, err := c.Invoke(testContext(t), r)
		require.NoError(t, err)
		return response
	}
	want := invoke(t, false)
	require.Equal(t, []string{"main;work 780"}, stacks(t, want.Reports[0].Tree.Tree))
	require.Len(t, want.Reports[1].TimeSeries.TimeSeries, 2)
	require.Equal(t, []float64{160, 200}, []float64{
		want.Reports[1].TimeSeries.TimeSeries[0].Points[0].Value, want.Reports[1].TimeSeries.TimeSeries[0].Points[1].Value,
	})
	requireEqual(t, want.Reports, invoke(t, true).Reports)
	segments := len(store.Blocks())

	store.Compact()
	require.Less(t, len(store.Blocks()), segments)
	requireEqual(t, want.Reports, invoke(t, false).Reports)
	requireEqual(t, want.Reports, invoke(t, true).Reports)
	require.Positive(t, s.Faults().Requests())

	// Span ids mean the same to the store and to the selector.
	r := request(planOf(store, false), treeOf(&queryv1.TreeQuery{SpanSelector: []string{"0000000000000003"}}))
	r.StartTime, r.EndTime = begin.UnixMilli(), begin.Add(2*time.Minute).UnixMilli()
	r.LabelSelector = `{service_name="shop",__profile_type__="` + cpu + `"}`
	response, err := c.Invoke(testContext(t), r)
	require.NoError(t, err)
	require.Equal(t, []string{"main;work 40"}, stacks(t, response.Reports[0].Tree.Tree))
}

// planOf reads all blocks of the tenant, one a leaf: by the datasets of the
// service, or by the tenant's index.
func planOf(store *blockstore.Store, index bool) *queryv1.QueryNode {
	root := mergeNode()
	for _, meta := range store.Blocks() {
		var sets []*metastorev1.Dataset
		for _, set := range meta.Datasets {
			shop := set.Format == 0 && meta.StringTable[set.Name] == "shop"
			if meta.StringTable[set.Tenant] == "acme" && (index && set.Format == 1 || !index && shop) {
				sets = append(sets, set)
			}
		}
		if meta.Datasets = sets; len(sets) > 0 {
			root.Children = append(root.Children, readNode(meta))
		}
	}
	return root
}

// A query over many segments, as a dashboard makes it.
func BenchmarkInvoke(b *testing.B) {
	store := blockstore.New()
	begin := time.UnixMilli(1_700_000_000_000)
	for i := range 200 {
		if err := store.Ingest(blockstore.IngestRequest{
			Tenant: "acme", Labels: map[string]string{"service_name": "shop"}, Profile: cpuProfile(int64(i), ""),
			Time: begin.Add(time.Duration(i) * 15 * time.Second),
		}); err != nil {
			b.Fatal(err)
		}
	}
	store.Cut()
	s, err := querybackend.New(querybackend.Config{Blocks: store})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Start(); err != nil {
		b.Fatal(err)
	}
	defer s.Stop()
	r := request(planOf(store, false), treeOf(&queryv1.TreeQuery{}))
	r.EndTime = begin.Add(time.Hour).UnixMilli()
	for b.Loop() {
		response, err := s.Invoke(b.Context(), r)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := profile.UnmarshalTree(response.Reports[0].Tree.Tree); err != nil {
			b.Fatal(err)
		}
	}
}
