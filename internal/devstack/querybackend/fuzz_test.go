package querybackend

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// What decodes as a tree of locations encodes to a tree that decodes the same.
func FuzzDecodeLocationTree(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte{0, 0, 0})
	f.Add(encodeLocationTree([]locationNode{
		{level: 0, self: 1}, {location: 2, level: 1, self: 3}, {location: 1, level: 2}, {location: otherLocation, level: 1, self: 4},
	}))
	f.Add([]byte{0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		nodes, err := decodeLocationTree(b)
		if err != nil {
			return
		}
		again, err := decodeLocationTree(encodeLocationTree(nodes))
		require.NoError(t, err)
		require.Equal(t, nodes, again)
	})
}

// No report of a peer makes merging panic.
func FuzzMergeReport(f *testing.F) {
	series := &blockstore.Series{
		Labels: []*typesv1.LabelPair{{Name: "pod", Value: "a"}},
		Profiles: []*blockstore.Profile{{
			Timestamp:   1000,
			Samples:     []blockstore.Sample{{Value: 5, SpanID: 3, Stack: []blockstore.Location{{Lines: []blockstore.Line{{Function: "f"}}}, {Address: 1, Mapping: blockstore.Mapping{BuildID: "x"}}}}},
			Annotations: []*typesv1.ProfileAnnotation{{Key: "k", Value: "v"}},
		}},
	}
	r := fuzzedRequest(f)
	part := selectedPart{sets: []*blockstore.Dataset{{Series: []*blockstore.Series{series, series}}}, marked: true}
	reports, err := scan(f.Context(), r, part)
	require.NoError(f, err)
	require.Len(f, reports, len(r.queries))
	for i, report := range reports {
		b, err := proto.Marshal(report)
		require.NoError(f, err)
		f.Add(byte(i), b)
	}
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		report, again := &queryv1.Report{}, &queryv1.Report{}
		if proto.Unmarshal(b, report) != nil || proto.Unmarshal(b, again) != nil {
			return
		}
		m := r.queries[int(which)%len(r.queries)].query.merge()
		if m.add(report) != nil || m.add(again) != nil {
			return
		}
		merged, err := m.report()
		if err != nil {
			return
		}
		_, err = proto.Marshal(merged)
		require.NoError(t, err)
	})
}

// fuzzedRequest has a query of every type.
func fuzzedRequest(f *testing.F) *request {
	f.Helper()
	points := &queryv1.TimeSeriesQuery{Step: 1, GroupBy: []string{"pod"}, ExemplarType: typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL}
	source := &queryv1.InvokeRequest{Tenant: []string{"acme"}, EndTime: 10_000, Query: []*queryv1.Query{
		{QueryType: queryv1.QueryType_QUERY_LABEL_NAMES},
		{QueryType: queryv1.QueryType_QUERY_LABEL_VALUES, LabelValues: &queryv1.LabelValuesQuery{LabelName: "pod"}},
		{QueryType: queryv1.QueryType_QUERY_SERIES_LABELS},
		{QueryType: queryv1.QueryType_QUERY_TIME_SERIES, TimeSeries: points},
		{QueryType: queryv1.QueryType_QUERY_TIME_SERIES_COMPACT, TimeSeriesCompact: points},
		{QueryType: queryv1.QueryType_QUERY_TREE, Tree: &queryv1.TreeQuery{MaxNodes: 8}},
		{QueryType: queryv1.QueryType_QUERY_PPROF, Pprof: &queryv1.PprofQuery{}},
		{QueryType: queryv1.QueryType_QUERY_HEATMAP, Heatmap: &queryv1.HeatmapQuery{QueryType: querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_SPAN}},
	}}
	r, err := newRequest(source)
	require.NoError(f, err)
	// A request cannot have two queries of one type.
	refs, err := prepareTree(r, &queryv1.Query{Tree: &queryv1.TreeQuery{MaxNodes: 8, MaxUnresolvedLocations: 8, SymbolMode: queryv1.SymbolMode_SYMBOL_MODE_REFS}})
	require.NoError(f, err)
	k, err := kindOf(queryv1.QueryType_QUERY_TREE)
	require.NoError(f, err)
	r.queries = append(r.queries, preparedQuery{k, refs})
	return r
}
