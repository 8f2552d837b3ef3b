package queryfrontend_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	"github.com/grafana/pyroscope/api/gen/proto/go/querier/v1/querierv1connect"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// A nativeCluster has native code without symbols in all datasets of checkout. It
// may refuse to tell where.
type nativeCluster struct {
	*fakeCluster
	refuse error
}

func newNativeCluster(t testing.TB) *nativeCluster {
	cluster := newFakeCluster(t)
	blocks := recordedStore(t).Blocks
	for _, block := range blocks {
		for _, dataset := range block.GetDatasets() {
			if block.GetStringTable()[dataset.GetName()] == "checkout" {
				mark(block, dataset)
			}
		}
	}
	cluster.Server = metastore.NewServer(metastore.FixedIndex(blocks))
	return &nativeCluster{fakeCluster: cluster}
}

// mark adds a label set, as a segment writer does.
func mark(block *metastorev1.BlockMeta, dataset *metastorev1.Dataset) {
	put := func(s string) int32 {
		i := slices.Index(block.StringTable, s)
		if i < 0 {
			i = len(block.StringTable)
			block.StringTable = append(block.StringTable, s)
		}
		return int32(i)
	}
	dataset.Labels = append(dataset.Labels, 2, put("service_name"), dataset.GetName(), put("__unsymbolized__"), put("true"))
}

func (c *nativeCluster) Invoke(ctx context.Context, request *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	response, err := c.fakeCluster.Invoke(ctx, request)
	asksForRefs := slices.ContainsFunc(request.GetQuery(), func(q *queryv1.Query) bool {
		return q.GetTree().GetSymbolMode() == queryv1.SymbolMode_SYMBOL_MODE_REFS
	})
	if asksForRefs && c.refuse != nil {
		return nil, c.refuse
	}
	return response, err
}

func (c *nativeCluster) frontend() querierv1connect.QuerierServiceHandler {
	return queryfrontend.New(c, c, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()}, queryfrontend.WithClock(corpusNow))
}

// refsResponse is main (1) with a call of libc.so.6 (5) and one of a binary
// without a name (2).
func refsResponse() *queryv1.InvokeResponse {
	return &queryv1.InvokeResponse{Reports: []*queryv1.Report{{
		ReportType: queryv1.ReportType_REPORT_TREE,
		Tree: &queryv1.TreeReport{
			Tree: []byte{0, 0, 1, 1, 1, 2, 2, 5, 0, 3, 2, 0},
			SymbolRefs: &queryv1.SymbolRefTable{
				Names: []string{"", "main"}, BuildIds: []string{"a", "b"}, BinaryNames: []string{"libc.so.6", ""},
				UnresolvedBuildId: []uint32{0, 1}, UnresolvedAddress: []uint64{0x1a2b, 0xff},
			},
		},
	}}}
}

// namesResponse is what is left of it by name.
func namesResponse() *queryv1.InvokeResponse {
	return &queryv1.InvokeResponse{Reports: []*queryv1.Report{{
		ReportType: queryv1.ReportType_REPORT_TREE,
		Tree:       &queryv1.TreeReport{Tree: callTree(map[string]int64{"main": 8})},
	}}}
}

func callTree(stacks map[string]int64) []byte {
	b := profile.NewTreeBuilder()
	for stack, value := range stacks {
		b.AddStack(value, strings.Split(stack, ";"))
	}
	return b.Tree(0).Marshal()
}

func TestNativeCodeIsNamedByItsAddress(t *testing.T) {
	cluster := newNativeCluster(t)
	cluster.response = refsResponse()
	f := cluster.frontend()
	ctx := context.Background()

	tree, err := f.SelectMergeStacktraces(ctx, stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) {
		r.Format = querierv1.ProfileFormat_PROFILE_FORMAT_TREE
	}))
	require.NoError(t, err)
	require.Equal(t, callTree(map[string]int64{"main": 1, "main;libc.so.6!0x1a2b": 5, "main;unknown!0xff": 2}), tree.Msg.GetTree())
	require.Len(t, cluster.invokes, 1)
	asked := cluster.invokes[0].GetQuery()[0].GetTree()
	require.Equal(t, queryv1.SymbolMode_SYMBOL_MODE_REFS, asked.GetSymbolMode())
	require.EqualValues(t, profile.MaxUnresolvedLocations, asked.GetMaxUnresolvedLocations())

	flameGraph, err := f.SelectMergeStacktraces(ctx, stackTraces(nil))
	require.NoError(t, err)
	require.EqualValues(t, 8, flameGraph.Msg.GetFlamegraph().GetTotal())
	require.ElementsMatch(t, []string{"total", "main", "libc.so.6!0x1a2b", "unknown!0xff"}, flameGraph.Msg.GetFlamegraph().GetNames())

	diff, err := f.Diff(ctx, connect.NewRequest(&querierv1.DiffRequest{Left: stackTraces(nil).Msg, Right: stackTraces(nil).Msg}))
	require.NoError(t, err)
	require.Contains(t, diff.Msg.GetFlamegraph().GetNames(), "libc.so.6!0x1a2b")

	one := int64(1)
	cut, err := f.SelectMergeStacktraces(ctx, stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) {
		r.Format, r.MaxNodes = querierv1.ProfileFormat_PROFILE_FORMAT_TREE, &one
	}))
	require.NoError(t, err)
	require.Equal(t, callTree(map[string]int64{"main": 1, "main;other": 7}), cut.Msg.GetTree(), "query-backends leave the cut to us")

	require.Empty(t, difference(refsResponse(), cluster.response), "what the query-backend sent may be somebody else's too")
}

// The other query of an Invoke is left as it is.
func TestSymbolRefsBesideSeries(t *testing.T) {
	cluster := newNativeCluster(t)
	cluster.response = refsResponse()
	panel := cluster.frontend().(*queryfrontend.Frontend).Panels(context.Background(), queryfrontend.PanelRequest{
		Tree:   stackTraces(nil).Msg,
		Series: series(func(r *querierv1.SelectSeriesRequest) { r.Start += 2 * 15_000 }).Msg,
	})[0]
	require.NoError(t, panel.Err)
	tree := panel.Tree
	require.Equal(t, callTree(map[string]int64{"main": 1, "main;libc.so.6!0x1a2b": 5, "main;unknown!0xff": 2}), tree.Marshal())
	require.Len(t, cluster.invokes, 1, "they are of one range")
	require.Len(t, cluster.invokes[0].GetQuery(), 2)
	for _, query := range cluster.invokes[0].GetQuery() {
		require.Equal(t, query.GetTree() != nil, query.GetTree().GetSymbolMode() == queryv1.SymbolMode_SYMBOL_MODE_REFS)
	}
}

// Without native code, nothing changes on the wire.
func TestNoSymbolRefsWithoutNativeCode(t *testing.T) {
	cluster := newNativeCluster(t)
	cluster.response = namesResponse()
	_, err := cluster.frontend().SelectMergeStacktraces(context.Background(), stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) {
		r.LabelSelector = `{service_name="search"}`
	}))
	require.NoError(t, err)
	require.Len(t, cluster.invokes, 1)
	require.Empty(t, difference(&queryv1.TreeQuery{MaxNodes: queryfrontend.DefaultLimits().MaxNodesDefault}, cluster.invokes[0].GetQuery()[0].GetTree()))
}

// A query-backend that cannot give references is asked for names, once.
func TestSymbolRefsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		refuse   error
		fallBack bool
	}{
		"not implemented":      {status.Error(codes.Unimplemented, "no such mode"), true},
		"not understood":       {status.Error(codes.InvalidArgument, "no such mode"), true},
		"mode not known":       {status.Error(codes.Unknown, "unsupported symbol_mode SYMBOL_MODE_REFS"), true},
		"too many":             {status.Error(codes.Unknown, "too many unresolved locations in query (limit 1000000)"), true},
		"too many, in a merge": {status.Error(codes.Internal, "merge: too many unresolved locations"), true},
		"too large":            {status.Error(codes.ResourceExhausted, "grpc: received message larger than max (9 vs. 8)"), true},
		"busy":                 {status.Error(codes.ResourceExhausted, "too many queries"), false},
		"broken":               {status.Error(codes.Internal, "out of order"), false},
		"away":                 {status.Error(codes.Unavailable, "no connection"), false},
		"slow":                 {context.DeadlineExceeded, false},
		"not a status":         {errors.New("because"), false},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newNativeCluster(t)
			cluster.response, cluster.refuse = namesResponse(), test.refuse
			answer, err := cluster.frontend().SelectMergeStacktraces(context.Background(), stackTraces(nil))
			if !test.fallBack {
				require.Error(t, err)
				require.Len(t, cluster.invokes, 1)
				return
			}
			require.NoError(t, err)
			require.EqualValues(t, 8, answer.Msg.GetFlamegraph().GetTotal())
			require.Len(t, cluster.invokes, 2)
			require.Equal(t, queryv1.SymbolMode_SYMBOL_MODE_UNSPECIFIED, cluster.invokes[1].GetQuery()[0].GetTree().GetSymbolMode())
		})
	}
	t.Run("both ways", func(t *testing.T) {
		cluster := newNativeCluster(t)
		cluster.refuse, cluster.invokeError = status.Error(codes.Unimplemented, "refs"), status.Error(codes.InvalidArgument, "names")
		_, err := cluster.frontend().SelectMergeStacktraces(context.Background(), stackTraces(nil))
		require.Equal(t, connect.CodeInvalidArgument, connect.CodeOf(err))
		require.Len(t, cluster.invokes, 2)
	})
}

// A query-backend that does not know the mode at all answers by name.
func TestSymbolRefsIgnored(t *testing.T) {
	cluster := newNativeCluster(t)
	cluster.response = namesResponse()
	answer, err := cluster.frontend().SelectMergeStacktraces(context.Background(), stackTraces(nil))
	require.NoError(t, err)
	require.EqualValues(t, 8, answer.Msg.GetFlamegraph().GetTotal())
	require.Len(t, cluster.invokes, 1)
}

func TestMalformedSymbolRefs(t *testing.T) {
	cluster := newNativeCluster(t)
	cluster.response = refsResponse()
	cluster.response.Reports[0].Tree.SymbolRefs.Names = nil
	_, err := cluster.frontend().SelectMergeStacktraces(context.Background(), stackTraces(nil))
	require.Equal(t, connect.CodeInternal, connect.CodeOf(err))
	require.ErrorContains(t, err, "query-backend sent a malformed answer: call tree of 12 bytes, node 2 at byte 6: reference 2")
}

// In pprof profiles, and graphs of them, native code is named the same.
func TestNativeCodeInPprof(t *testing.T) {
	stored := &googlev1.Profile{
		StringTable: []string{"", "cpu", "nanoseconds", "main", "/lib/libc.so.6"},
		SampleType:  []*googlev1.ValueType{{Type: 1, Unit: 2}},
		Mapping:     []*googlev1.Mapping{{Id: 1, Filename: 4}},
		Function:    []*googlev1.Function{{Id: 1, Name: 3}},
		Location:    []*googlev1.Location{{Id: 1, MappingId: 1, Line: []*googlev1.Line{{FunctionId: 1}}}, {Id: 2, MappingId: 1, Address: 0x1a2b}},
		Sample:      []*googlev1.Sample{{LocationId: []uint64{2, 1}, Value: []int64{5}}},
	}
	encoded, err := stored.MarshalVT()
	require.NoError(t, err)
	response := &queryv1.InvokeResponse{Reports: []*queryv1.Report{{
		ReportType: queryv1.ReportType_REPORT_PPROF, Pprof: &queryv1.PprofReport{Pprof: encoded},
	}}}
	for name, test := range map[string]struct {
		service string
		named   bool
	}{
		"marked":     {"checkout", true},
		"not marked": {"search", false},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newNativeCluster(t)
			cluster.response = response
			ask := func(format querierv1.ProfileFormat) *querierv1.SelectMergeStacktracesResponse {
				answer, err := cluster.frontend().SelectMergeStacktraces(context.Background(), stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) {
					r.Format, r.LabelSelector = format, `{service_name="`+test.service+`"}`
				}))
				require.NoError(t, err)
				return answer.Msg
			}
			const symbol = "libc.so.6!0x1a2b"
			merged := ask(querierv1.ProfileFormat_PROFILE_FORMAT_PPROF).GetPprof().GetProfile()
			require.Equal(t, test.named, slices.Contains(merged.GetStringTable(), symbol))
			require.Equal(t, test.named, len(merged.GetLocation()[1].GetLine()) > 0)
			require.Equal(t, test.named, strings.Contains(ask(querierv1.ProfileFormat_PROFILE_FORMAT_DOT).GetDot(), symbol))
		})
	}
}
