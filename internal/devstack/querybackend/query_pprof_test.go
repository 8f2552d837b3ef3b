package querybackend_test

import (
	"strings"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

func TestPprof(t *testing.T) {
	b := treeBlock()
	_, c := start(t, newStorage(b))
	all := map[string]int64{
		"main:10;serve:10": 1, "main:10;idle:10": 2, "main:10;serve:10;render:10": 4, "main:10;serve:10;query:10": 8,
		"main:10;0x42": 16, "main:10;outer:11;inlined:10": 32, "0x42": 64,
	}
	for name, tc := range map[string]struct {
		query *queryv1.PprofQuery
		want  map[string]int64
	}{
		"all":       {&queryv1.PprofQuery{}, all},
		"profile":   {&queryv1.PprofQuery{ProfileIdSelector: []string{uuidOf(1)}}, map[string]int64{"main:10;serve:10": 1, "main:10;idle:10": 2}},
		"span":      {&queryv1.PprofQuery{SpanSelector: []string{"0102030405060708"}}, map[string]int64{"main:10;serve:10;render:10": 4}},
		"trace":     {&queryv1.PprofQuery{TraceIdSelector: []string{"ab0000000000000000000000000000cd"}}, map[string]int64{"main:10;serve:10;query:10": 8}},
		"call site": {&queryv1.PprofQuery{StackTraceSelector: callSite("main", "outer", "inlined")}, map[string]int64{"main:10;outer:11;inlined:10": 32}},
		"no match":  {&queryv1.PprofQuery{StackTraceSelector: callSite("idle")}, map[string]int64{}},
		// main has 63, inlined calls 32 each; all else is below.
		"truncated": {&queryv1.PprofQuery{MaxNodes: 3}, map[string]int64{
			"main:10;other:0": 15, "main:10;0x42": 16, "main:10;outer:11;inlined:10": 32, "0x42": 64,
		}},
		// main and serve are equally large, so both stay.
		"truncated, equals": {&queryv1.PprofQuery{MaxNodes: 1, StackTraceSelector: callSite("main", "serve")}, map[string]int64{
			"main:10;serve:10": 1, "main:10;serve:10;other:0": 12,
		}},
		"limit not exceeded": {&queryv1.PprofQuery{MaxNodes: 100}, all},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(readNode(only(b, 0)), pprofOf(tc.query))
			response, err := c.Invoke(testContext(t), r)
			require.NoError(t, err)
			require.Equal(t, queryv1.ReportType_REPORT_PPROF, response.Reports[0].ReportType)
			require.Equal(t, tc.query.String(), response.Reports[0].Pprof.Query.String())
			require.Equal(t, tc.want, pprofStacks(t, response.Reports[0].Pprof.Pprof))
		})
	}
}

// A stack that is cut as a whole, and those that become the same.
func TestPprofTruncatedStacks(t *testing.T) {
	inlined := sample(1, "cut")
	inlined.Stack = append([]blockstore.Location{location("inner", "outer")}, inlined.Stack...)
	b := block("b", dataset("acme", "shop", series([]string{"a", "1"},
		prof(1, 1, sample(16, "kept"), sample(4, "kept", "x", "y"), sample(2, "kept", "z"), inlined, sample(8, "gone")))))
	_, c := start(t, newStorage(b))
	response, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), pprofOf(&queryv1.PprofQuery{MaxNodes: 1})))
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"kept:10": 16, "kept:10;other:0": 6, "other:0": 9}, pprofStacks(t, response.Reports[0].Pprof.Pprof))
	p, err := pprof.ParseData(response.Reports[0].Pprof.Pprof)
	require.NoError(t, err)
	require.Len(t, p.Sample, 3)
}

func TestPprofForGo(t *testing.T) {
	at := func(line int64, value int64, outer ...string) blockstore.Sample {
		s := sample(value, append(outer, "leaf")...)
		s.Stack[0].Lines[0].Line = line
		s.Stack[0].Address += uint64(line)
		return s
	}
	b := block("b", dataset("acme", "shop", series([]string{"a", "1"},
		prof(1, 1, at(10, 1, "a", "b", "c"), at(11, 2, "z", "b", "c"), at(10, 4), blockstore.Sample{Value: 8}))))
	_, c := start(t, newStorage(b))
	for name, tc := range map[string]struct {
		pgo  *typesv1.GoPGO
		want map[string]int64
	}{
		"whole":   {&typesv1.GoPGO{}, map[string]int64{"a:10;b:10;c:10;leaf:10": 1, "z:10;b:10;c:10;leaf:11": 2, "leaf:10": 4}},
		"trimmed": {&typesv1.GoPGO{KeepLocations: 3}, map[string]int64{"b:10;c:10;leaf:10": 1, "b:10;c:10;leaf:11": 2, "leaf:10": 4}},
		"callees": {&typesv1.GoPGO{KeepLocations: 3, AggregateCallees: true}, map[string]int64{"b:10;c:10;leaf:0": 3, "leaf:0": 4}},
	} {
		t.Run(name, func(t *testing.T) {
			selector := callSite("ignored")
			selector.GoPgo = tc.pgo
			response, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), pprofOf(&queryv1.PprofQuery{StackTraceSelector: selector, MaxNodes: 1})))
			require.NoError(t, err)
			require.Equal(t, tc.want, pprofStacks(t, response.Reports[0].Pprof.Pprof))
		})
	}
}

func TestPprofHeader(t *testing.T) {
	b := treeBlock()
	_, c := start(t, newStorage(b))
	for name, tc := range map[string]struct {
		selector string
		sample   pprof.ValueType
		period   int64
		at       int64
	}{
		"CPU":             {`{__profile_type__="` + cpu + `"}`, pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}, 1e9, 10_000 * int64(time.Millisecond)},
		"memory":          {`{__profile_type__="memory:inuse_space:bytes:space:bytes"}`, pprof.ValueType{Type: "inuse_space", Unit: "bytes"}, 512 << 10, 10_000 * int64(time.Millisecond)},
		"another":         {`{__profile_type__="mutex:delay:nanoseconds:contentions:count"}`, pprof.ValueType{Type: "delay", Unit: "nanoseconds"}, 1, 10_000 * int64(time.Millisecond)},
		"several types":   {`{__profile_type__=~"memory.*"}`, pprof.ValueType{}, 0, 0},
		"not a type":      {`{__profile_type__="x"}`, pprof.ValueType{}, 0, 0},
		"no type at all":  {`{}`, pprof.ValueType{}, 0, 0},
		"type of a label": {`{pod="` + cpu + `"}`, pprof.ValueType{}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(readNode(only(b, 0)), pprofOf(&queryv1.PprofQuery{}))
			r.LabelSelector = tc.selector
			response, err := c.Invoke(testContext(t), r)
			require.NoError(t, err)
			p, err := pprof.ParseData(response.Reports[0].Pprof.Pprof)
			require.NoError(t, err)
			require.Equal(t, []*pprof.ValueType{&tc.sample}, p.SampleType)
			require.Equal(t, tc.sample.Type, p.DefaultSampleType)
			require.Equal(t, tc.period, p.Period)
			require.Equal(t, tc.at, p.TimeNanos)
		})
	}
}

func TestPprofMerges(t *testing.T) {
	a := block("a", dataset("acme", "shop", series([]string{"pod", "a"}, prof(1, 1, sample(1, "main", "x"), sample(2, "main")))))
	b := block("b", dataset("acme", "shop", series([]string{"pod", "b"}, prof(2, 1, sample(4, "main", "x"), sample(8, "y")))))
	_, c := start(t, newStorage(a, b))
	root := mergeNode(readNode(only(a, 0)), readNode(only(b, 0)))
	invoke := func(t *testing.T, selector string) map[string]int64 {
		r := request(root, pprofOf(&queryv1.PprofQuery{}))
		r.LabelSelector = selector
		response, err := c.Invoke(testContext(t), r)
		require.NoError(t, err)
		return pprofStacks(t, response.Reports[0].Pprof.Pprof)
	}
	require.Equal(t, map[string]int64{"main:10;x:10": 5, "main:10": 2, "y:10": 8}, invoke(t, "{}"))
	require.Equal(t, map[string]int64{"main:10;x:10": 1, "main:10": 2}, invoke(t, `{pod="a"}`))
	require.Empty(t, invoke(t, `{pod="none"}`))
}

func TestPprofRefuses(t *testing.T) {
	b := treeBlock()
	_, c := start(t, newStorage(b))
	for name, query := range map[string]*queryv1.PprofQuery{
		"no parameters":  nil,
		"span":           {SpanSelector: []string{"zz"}},
		"trace":          {TraceIdSelector: []string{"zz"}},
		"profile":        {ProfileIdSelector: []string{"zz"}},
		"span and trace": {SpanSelector: []string{strings.Repeat("1", 16)}, TraceIdSelector: []string{strings.Repeat("1", 32)}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), pprofOf(query)))
			require.Equal(t, codes.InvalidArgument.String(), status.Code(err).String(), "%v", err)
		})
	}
}

func TestBrokenPprofOfPeer(t *testing.T) {
	s, c := start(t, newStorage())
	broken := &queryv1.Report{ReportType: queryv1.ReportType_REPORT_PPROF, Pprof: &queryv1.PprofReport{Pprof: []byte("no gzip")}}
	s.SetPeers(serve(t, &replay{answers: []*queryv1.InvokeResponse{{Reports: []*queryv1.Report{broken, broken}}}}))
	_, err := c.Invoke(testContext(t), request(mergeNode(readNode()), pprofOf(&queryv1.PprofQuery{})))
	require.Equal(t, codes.Internal.String(), status.Code(err).String(), "%v", err)
}
