package querybackend_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// treeBlock has, in its first dataset, samples of every kind to select.
func treeBlock() *blockstore.Block {
	ofSpan := sample(4, "main", "serve", "render")
	ofSpan.SpanID = 0x0807060504030201
	ofTrace := sample(8, "main", "serve", "query")
	ofTrace.TraceID = [16]byte{0xab, 15: 0xcd}
	native := sample(16, "main")
	native.Stack = append([]blockstore.Location{{Address: 0x42}}, native.Stack...)
	inlined := sample(32, "main")
	inlined.Stack = append([]blockstore.Location{location("inlined", "outer")}, inlined.Stack...)
	onlyNative := blockstore.Sample{Value: 64, Stack: []blockstore.Location{{Address: 0x42}}}
	return block("b",
		dataset("acme", "shop",
			series([]string{"__profile_type__", cpu, "pod", "a"},
				prof(1, 1000, sample(1, "main", "serve"), sample(2, "main", "idle")),
				prof(2, 2000, ofSpan, ofTrace),
			),
			series([]string{"__profile_type__", cpu, "pod", "b"}, prof(3, 3000, native, inlined, onlyNative)),
			series([]string{"__profile_type__", cpu, "__sampled__", "true"}, prof(4, 3000, sample(128, "sampled"))),
		),
	)
}

func TestTree(t *testing.T) {
	b := treeBlock()
	_, c := start(t, newStorage(b))
	all := []string{"main 16", "main;idle 2", "main;outer;inlined 32", "main;serve 1", "main;serve;query 8", "main;serve;render 4"}
	for name, tc := range map[string]struct {
		selector string
		from, to int64
		query    *queryv1.TreeQuery
		want     []string
	}{
		"all":                 {query: &queryv1.TreeQuery{}, want: all},
		"by name":             {query: &queryv1.TreeQuery{SymbolMode: queryv1.SymbolMode_SYMBOL_MODE_NAME}, want: all},
		"no match":            {selector: `{pod="z"}`, query: &queryv1.TreeQuery{}},
		"label":               {selector: `{pod="a"}`, query: &queryv1.TreeQuery{}, want: []string{"main;idle 2", "main;serve 1", "main;serve;query 8", "main;serve;render 4"}},
		"label that is none":  {selector: `{pod!="a"}`, query: &queryv1.TreeQuery{}, want: []string{"main 16", "main;outer;inlined 32"}},
		"range, inclusive":    {from: 1000, to: 2000, query: &queryv1.TreeQuery{}, want: []string{"main;idle 2", "main;serve 1", "main;serve;query 8", "main;serve;render 4"}},
		"range, just outside": {from: 1001, to: 1999, query: &queryv1.TreeQuery{}},
		"profile":             {query: &queryv1.TreeQuery{ProfileIdSelector: []string{uuidOf(1), uuidOf(9)}}, want: []string{"main;idle 2", "main;serve 1"}},
		"span":                {query: &queryv1.TreeQuery{SpanSelector: []string{"0102030405060708"}}, want: []string{"main;serve;render 4"}},
		"span that is none":   {query: &queryv1.TreeQuery{SpanSelector: []string{"0000000000000000"}}},
		"trace":               {query: &queryv1.TreeQuery{TraceIdSelector: []string{"AB0000000000000000000000000000cd"}}, want: []string{"main;serve;query 8"}},
		"trace that is none":  {query: &queryv1.TreeQuery{TraceIdSelector: []string{strings.Repeat("0", 32)}}},
		"call site":           {query: &queryv1.TreeQuery{StackTraceSelector: callSite("main", "serve")}, want: []string{"main;serve 1", "main;serve;query 8", "main;serve;render 4"}},
		"call site, inlined":  {query: &queryv1.TreeQuery{StackTraceSelector: callSite("main", "outer")}, want: []string{"main;outer;inlined 32"}},
		"call site, not root": {query: &queryv1.TreeQuery{StackTraceSelector: callSite("serve")}},
		"truncated":           {query: &queryv1.TreeQuery{MaxNodes: 3}, want: []string{"main 16", "main;other 15", "main;outer;inlined 32"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(readNode(only(b, 0)), treeOf(tc.query))
			if tc.selector != "" {
				r.LabelSelector = tc.selector
			}
			if tc.to > 0 {
				r.StartTime, r.EndTime = tc.from, tc.to
			}
			response, err := c.Invoke(testContext(t), r)
			require.NoError(t, err)
			require.Len(t, response.Reports, 1)
			require.Equal(t, queryv1.ReportType_REPORT_TREE, response.Reports[0].ReportType)
			require.Equal(t, tc.query.String(), response.Reports[0].Tree.Query.String())
			require.Equal(t, tc.want, stacks(t, response.Reports[0].Tree.Tree))
		})
	}
}

func TestTreeIsTruncatedByEveryNode(t *testing.T) {
	a := block("a", dataset("acme", "shop", series([]string{"pod", "a"}, prof(1, 1, sample(9, "a"), sample(5, "b")))))
	b := block("b", dataset("acme", "shop", series([]string{"pod", "b"}, prof(2, 2, sample(9, "c"), sample(6, "b")))))
	_, c := start(t, newStorage(a, b))
	root := mergeNode(readNode(only(a, 0)), readNode(only(b, 0)))

	response, err := c.Invoke(testContext(t), request(root, treeOf(&queryv1.TreeQuery{MaxNodes: 1})))
	require.NoError(t, err)
	// b has 11, more than a and c. But the leaves cut it, a and c are left with
	// 9 each, and the 11 of "other" cuts them in turn.
	require.Equal(t, []string{"other 29"}, stacks(t, response.Reports[0].Tree.Tree))
}

func TestTreeRefuses(t *testing.T) {
	b := treeBlock()
	_, c := start(t, newStorage(b))
	for name, tc := range map[string]struct {
		query *queryv1.TreeQuery
		code  codes.Code
	}{
		"no parameters":         {nil, codes.InvalidArgument},
		"short span":            {&queryv1.TreeQuery{SpanSelector: []string{"zz"}}, codes.InvalidArgument},
		"span not hexadecimal":  {&queryv1.TreeQuery{SpanSelector: []string{strings.Repeat("z", 16)}}, codes.InvalidArgument},
		"short trace":           {&queryv1.TreeQuery{TraceIdSelector: []string{"ab"}}, codes.InvalidArgument},
		"trace not hexadecimal": {&queryv1.TreeQuery{TraceIdSelector: []string{strings.Repeat("z", 32)}}, codes.InvalidArgument},
		"profile":               {&queryv1.TreeQuery{ProfileIdSelector: []string{"1"}}, codes.InvalidArgument},
		"span and trace":        {&queryv1.TreeQuery{SpanSelector: []string{strings.Repeat("1", 16)}, TraceIdSelector: []string{strings.Repeat("1", 32)}}, codes.InvalidArgument},
		"two symbol modes":      {&queryv1.TreeQuery{FullSymbols: true, SymbolMode: queryv1.SymbolMode_SYMBOL_MODE_NAME}, codes.InvalidArgument}, //nolint:staticcheck // deprecated, and still on the wire
		"unknown symbol mode":   {&queryv1.TreeQuery{SymbolMode: 77}, codes.InvalidArgument},
		"boolean and mode":      {&queryv1.TreeQuery{FullSymbols: true, SymbolMode: queryv1.SymbolMode_SYMBOL_MODE_REFS}, codes.InvalidArgument}, //nolint:staticcheck // deprecated, and still on the wire
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), treeOf(tc.query)))
			require.Equal(t, tc.code.String(), status.Code(err).String(), "%v", err)
		})
	}
}

func callSite(names ...string) *typesv1.StackTraceSelector {
	s := &typesv1.StackTraceSelector{}
	for _, name := range names {
		s.CallSite = append(s.CallSite, &typesv1.Location{Name: name})
	}
	return s
}

// stacks are a tree's stacks that have a value of their own, in name order.
func stacks(t *testing.T, b []byte) []string {
	t.Helper()
	tree, err := profile.UnmarshalTree(b)
	require.NoError(t, err)
	var all, path []string
	for i, name := range tree.Name {
		path = append(path[:tree.Level[i]], tree.Names[name])
		if self := tree.Self[i]; self > 0 {
			all = append(all, fmt.Sprintf("%s %d", strings.Join(path[1:], ";"), self))
		}
	}
	slices.Sort(all)
	return all
}

func TestDeepStacks(t *testing.T) {
	deep := blockstore.Sample{Value: 1}
	for range 10_000 {
		deep.Stack = append(deep.Stack, location("recurse"))
	}
	b := block("b", dataset("acme", "shop", series([]string{"a", "1"}, prof(1, 1, deep))))
	_, c := start(t, newStorage(b))
	root := mergeNode(readNode(only(b, 0)), readNode(only(b, 0)))
	response, err := c.Invoke(testContext(t), request(root, treeOf(&queryv1.TreeQuery{}), pprofOf(&queryv1.PprofQuery{MaxNodes: 5000})))
	require.NoError(t, err)
	require.Equal(t, []string{strings.Repeat("recurse;", 9_999) + "recurse 2"}, stacks(t, response.Reports[0].Tree.Tree))
}
