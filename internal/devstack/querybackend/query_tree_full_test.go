package querybackend_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

func full() *queryv1.TreeQuery {
	return &queryv1.TreeQuery{SymbolMode: queryv1.SymbolMode_SYMBOL_MODE_FULL}
}

func TestFullTree(t *testing.T) {
	b := treeBlock()
	_, c := start(t, newStorage(b))
	with := func(change func(*queryv1.TreeQuery)) *queryv1.TreeQuery {
		q := full()
		change(q)
		return q
	}
	all := []string{
		"0x42 64", "main:10 0", "main:10;0x42 16", "main:10;idle:10 2", "main:10;outer:11,inlined:10 32",
		"main:10;serve:10 1", "main:10;serve:10;query:10 8", "main:10;serve:10;render:10 4",
	}
	for name, tc := range map[string]struct {
		query *queryv1.TreeQuery
		want  []string
	}{
		"all":       {full(), all},
		"boolean":   {&queryv1.TreeQuery{FullSymbols: true}, all}, //nolint:staticcheck // deprecated, and still on the wire
		"profile":   {with(func(q *queryv1.TreeQuery) { q.ProfileIdSelector = []string{uuidOf(1)} }), []string{"main:10 0", "main:10;idle:10 2", "main:10;serve:10 1"}},
		"span":      {with(func(q *queryv1.TreeQuery) { q.SpanSelector = []string{"0102030405060708"} }), []string{"main:10 0", "main:10;serve:10 0", "main:10;serve:10;render:10 4"}},
		"call site": {with(func(q *queryv1.TreeQuery) { q.StackTraceSelector = callSite("main", "outer") }), []string{"main:10 0", "main:10;outer:11,inlined:10 32"}},
		"no match":  {with(func(q *queryv1.TreeQuery) { q.StackTraceSelector = callSite("outer") }), nil},
		"truncated": {with(func(q *queryv1.TreeQuery) { q.MaxNodes = 2 }), []string{"0x42 64", "main:10 0", "main:10;other 63"}},
	} {
		for plan, root := range map[string]*queryv1.QueryNode{
			"read":  readNode(only(b, 0)),
			"merge": mergeNode(readNode(only(b, 0)), readNode(only(b, 1))),
		} {
			t.Run(name+", "+plan, func(t *testing.T) {
				r := request(root, treeOf(tc.query))
				want := tc.want
				if plan == "merge" {
					want = doubled(t, want)
				}
				response, err := c.Invoke(testContext(t), r)
				require.NoError(t, err)
				require.Equal(t, want, fullStacks(t, response.Reports[0].Tree))
			})
		}
	}
}

// Truncation leaves only the symbols of what it kept.
func TestFullTreeKeepsNoOtherSymbols(t *testing.T) {
	b := treeBlock()
	_, c := start(t, newStorage(b))
	query := full()
	query.MaxNodes = 2
	response, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), treeOf(query)))
	require.NoError(t, err)
	symbols := response.Reports[0].Tree.Symbols
	require.Equal(t, []string{"", "app", "main", "main.go"}, slices.Sorted(slices.Values(symbols.Strings)))
	require.Len(t, symbols.Locations, 3)
	require.Len(t, symbols.Functions, 2)
	require.Len(t, symbols.Mappings, 2)
	for i, l := range symbols.Locations {
		require.Equal(t, uint64(i), l.Id)
	}
}

func TestBrokenFullTreeOfPeer(t *testing.T) {
	location := &googlev1.Location{}
	node := func(location, self, children uint64) []byte {
		b := binary.AppendUvarint(nil, location)
		return binary.AppendUvarint(binary.AppendUvarint(b, self), children)
	}
	tree := func(nodes ...[]byte) []byte { return slices.Concat(nodes...) }
	sound := tree(node(0, 0, 1), node(1, 5, 0))
	for name, report := range map[string]*queryv1.TreeReport{
		"no symbols":        {Tree: sound},
		"no such location":  {Tree: sound, Symbols: &queryv1.TreeSymbols{Locations: []*googlev1.Location{location}}},
		"no such mapping":   {Tree: sound, Symbols: &queryv1.TreeSymbols{Locations: []*googlev1.Location{location, {MappingId: 1}}}},
		"no such function":  {Tree: sound, Symbols: &queryv1.TreeSymbols{Strings: []string{""}, Mappings: []*googlev1.Mapping{{}}, Locations: []*googlev1.Location{location, {Line: []*googlev1.Line{{FunctionId: 3}}}}}},
		"no such string":    {Tree: sound, Symbols: &queryv1.TreeSymbols{Strings: []string{""}, Mappings: []*googlev1.Mapping{{BuildId: 3}}, Locations: []*googlev1.Location{location, location}}},
		"negative string":   {Tree: sound, Symbols: &queryv1.TreeSymbols{Strings: []string{""}, Mappings: []*googlev1.Mapping{{Filename: -1}}, Locations: []*googlev1.Location{location, location}}},
		"truncated":         {Tree: sound[:4]},
		"too many children": {Tree: tree(node(0, 0, math.MaxUint64))},
		"too large":         {Tree: tree(node(0, math.MaxUint64, 0))},
		"more than a tree":  {Tree: tree(node(0, 0, 0), node(0, 0, 0))},
	} {
		t.Run(name, func(t *testing.T) {
			report.Query = full()
			part := &queryv1.Report{ReportType: queryv1.ReportType_REPORT_TREE, Tree: report}
			s, c := start(t, newStorage())
			s.SetPeers(serve(t, &replay{answers: []*queryv1.InvokeResponse{{Reports: []*queryv1.Report{part, part}}}}))
			_, err := c.Invoke(testContext(t), request(mergeNode(readNode()), treeOf(full())))
			require.Equal(t, codes.Internal.String(), status.Code(err).String(), "%v", err)
		})
	}
}

// Stacks of 10,000 locations work, by name and by location.
func TestDeepStacks(t *testing.T) {
	deep := blockstore.Sample{Value: 1}
	for range 10_000 {
		deep.Stack = append(deep.Stack, location("recurse"))
	}
	b := block("b", dataset("acme", "shop", series([]string{"a", "1"}, prof(1, 1, deep))))
	_, c := start(t, newStorage(b))
	root := mergeNode(readNode(only(b, 0)), readNode(only(b, 0)))
	response, err := c.Invoke(testContext(t), request(root, treeOf(full())))
	require.NoError(t, err)
	// The root, then nodes of one byte each for location, value and children.
	wire := append([]byte{0, 0, 1}, bytes.Repeat([]byte{1, 0, 1}, 9_999)...)
	require.Equal(t, append(wire, 1, 2, 0), response.Reports[0].Tree.Tree)

	response, err = c.Invoke(testContext(t), request(root, treeOf(&queryv1.TreeQuery{}), pprofOf(&queryv1.PprofQuery{MaxNodes: 5000})))
	require.NoError(t, err)
	require.Equal(t, []string{strings.Repeat("recurse;", 9_999) + "recurse 2"}, stacks(t, response.Reports[0].Tree.Tree))
}

// doubled has twice the values, as two reports of the same data have.
func doubled(t *testing.T, lines []string) []string {
	t.Helper()
	var all []string
	for _, line := range lines {
		stack, text, ok := strings.Cut(line, " ")
		require.True(t, ok)
		var value int64
		_, err := fmt.Sscan(text, &value)
		require.NoError(t, err)
		all = append(all, fmt.Sprintf("%s %d", stack, 2*value))
	}
	return all
}

// fullStacks decodes a tree of locations: every node with its path and its own
// value, in name order.
func fullStacks(t *testing.T, r *queryv1.TreeReport) []string {
	t.Helper()
	var all, path []string
	var pending []uint64
	number := func() uint64 {
		v, n := binary.Uvarint(r.Tree)
		require.Positive(t, n)
		r.Tree = r.Tree[n:]
		return v
	}
	for len(r.Tree) > 0 {
		location, self, children := number(), number(), number()
		name := "other"
		if location != math.MaxUint64 {
			require.Less(t, location, uint64(len(r.Symbols.Locations)))
			name = locationText(r.Symbols, r.Symbols.Locations[location])
		}
		path = append(path[:len(pending)], name)
		if len(pending) > 0 {
			all = append(all, fmt.Sprintf("%s %d", strings.Join(path[1:], ";"), self))
			pending[len(pending)-1]--
		}
		pending = append(pending, children)
		for len(pending) > 0 && pending[len(pending)-1] == 0 {
			pending = pending[:len(pending)-1]
		}
	}
	slices.Sort(all)
	return all
}

func locationText(s *queryv1.TreeSymbols, l *googlev1.Location) string {
	if len(l.Line) == 0 {
		return fmt.Sprintf("%#x", l.Address)
	}
	var lines []string
	for _, line := range slices.Backward(l.Line) {
		lines = append(lines, fmt.Sprintf("%s:%d", s.Strings[s.Functions[line.FunctionId].Name], line.Line))
	}
	return strings.Join(lines, ",")
}
