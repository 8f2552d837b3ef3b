package querybackend_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

func refs() *queryv1.TreeQuery {
	return &queryv1.TreeQuery{SymbolMode: queryv1.SymbolMode_SYMBOL_MODE_REFS}
}

// nativeBlock has a dataset of native code, marked, and one that is not.
func nativeBlock() *blockstore.Block {
	at := func(value int64, address uint64, m blockstore.Mapping, outer ...string) blockstore.Sample {
		s := sample(value, outer...)
		s.Stack = append([]blockstore.Location{{Address: address, Mapping: m}}, s.Stack...)
		return s
	}
	libc := blockstore.Mapping{File: "/lib/libc.so.6", BuildID: "2c"}
	b := block("b",
		dataset("acme", "native", series([]string{"__profile_type__", cpu},
			prof(1, 1000, sample(1, "main"), at(2, 0x20, libc, "main"), at(4, 0x10, libc)),
			prof(2, 2000, at(8, 0x30, blockstore.Mapping{File: "app"}, "main"), at(16, 0x40, blockstore.Mapping{}), at(32, 0x50, blockstore.Mapping{BuildID: "1a"})),
		)),
		dataset("acme", "shop", series([]string{"__profile_type__", cpu}, prof(3, 3000, sample(64, "main", "serve"), at(128, 0x10, libc, "main")))),
	)
	native := b.Meta.Datasets[0]
	n := int32(len(b.Meta.StringTable))
	b.Meta.StringTable = append(b.Meta.StringTable, "service_name", "__unsymbolized__", "true")
	native.Labels = []int32{1, n, native.Name, 2, n, native.Name, n + 1, n + 2}
	return b
}

// treeStacks are the stacks of a report of any mode.
func treeStacks(t *testing.T, r *queryv1.TreeReport) []string {
	t.Helper()
	if r.SymbolRefs == nil {
		return stacks(t, r.Tree)
	}
	tree, err := profile.UnmarshalRefTree(profile.WireTree{Tree: r.Tree, Refs: r.SymbolRefs})
	require.NoError(t, err)
	return stacks(t, tree.Named(nil, 0).Marshal())
}

func TestRefsTree(t *testing.T) {
	b := nativeBlock()
	native := []string{".!0x50 32", "libc.so.6!0x10 4", "main 1", "main;app!0x30 8", "main;libc.so.6!0x20 2", "unknown!0x40 16"}
	shop := []string{"main 128", "main;serve 64"} // not marked: as in trees of names
	_, c := start(t, newStorage(b))
	with := func(change func(*queryv1.TreeQuery)) *queryv1.TreeQuery {
		q := refs()
		change(q)
		return q
	}
	index := only(b, 2)
	index.Size, index.MetadataOffset = b.Meta.Size, b.Meta.MetadataOffset
	for name, tc := range map[string]struct {
		block *metastorev1.BlockMeta
		query *queryv1.TreeQuery
		refs  bool
		want  []string
	}{
		"marked":                     {only(b, 0), refs(), true, native},
		"not marked":                 {only(b, 1), refs(), false, shop},
		"both":                       {only(b, 0, 1), refs(), true, []string{".!0x50 32", "libc.so.6!0x10 4", "main 129", "main;app!0x30 8", "main;libc.so.6!0x20 2", "main;serve 64", "unknown!0x40 16"}},
		"behind the index":           {index, refs(), true, []string{".!0x50 32", "libc.so.6!0x10 4", "main 129", "main;app!0x30 8", "main;libc.so.6!0x20 2", "main;serve 64", "unknown!0x40 16"}},
		"mark not in the plan":       {unmarked(only(b, 0)), refs(), false, []string{"main 11"}},
		"nothing is without symbols": {only(b, 0), with(func(q *queryv1.TreeQuery) { q.ProfileIdSelector = []string{uuidOf(9)} }), false, nil},
		"call site":                  {only(b, 0), with(func(q *queryv1.TreeQuery) { q.StackTraceSelector = callSite("main") }), true, []string{"main 1", "main;app!0x30 8", "main;libc.so.6!0x20 2"}},
		"call site that is native":   {only(b, 0), with(func(q *queryv1.TreeQuery) { q.StackTraceSelector = callSite("libc.so.6!0x10") }), false, nil},
		"limit not exceeded":         {only(b, 0, 1), with(func(q *queryv1.TreeQuery) { q.MaxUnresolvedLocations = 3 }), true, []string{".!0x50 32", "libc.so.6!0x10 4", "main 129", "main;app!0x30 8", "main;libc.so.6!0x20 2", "main;serve 64", "unknown!0x40 16"}},
		"not truncated with refs":    {only(b, 0), with(func(q *queryv1.TreeQuery) { q.MaxNodes = 1 }), true, native},
		"truncated without":          {only(b, 1), with(func(q *queryv1.TreeQuery) { q.MaxNodes = 1 }), false, []string{"main 128", "main;other 64"}},
		"truncated in a part":        {only(b, 0, 1), with(func(q *queryv1.TreeQuery) { q.MaxNodes = 1 }), true, []string{".!0x50 32", "libc.so.6!0x10 4", "main 129", "main;app!0x30 8", "main;libc.so.6!0x20 2", "main;other 64", "unknown!0x40 16"}},
	} {
		for plan, root := range map[string]*queryv1.QueryNode{
			"read":  readNode(tc.block),
			"merge": mergeNode(readNode(tc.block), readNode(tc.block)),
		} {
			t.Run(name+", "+plan, func(t *testing.T) {
				want := tc.want
				if plan == "merge" {
					want = doubled(t, want)
				}
				response, err := c.Invoke(testContext(t), request(root, treeOf(tc.query)))
				require.NoError(t, err)
				report := response.Reports[0].Tree
				require.Equal(t, tc.query.String(), report.Query.String())
				require.Equal(t, tc.refs, report.SymbolRefs != nil)
				require.Equal(t, want, treeStacks(t, report))
			})
		}
	}
}

func unmarked(meta *metastorev1.BlockMeta) *metastorev1.BlockMeta {
	meta.Datasets[0].Labels = meta.Datasets[0].Labels[:3]
	return meta
}

func TestSymbolRefTable(t *testing.T) {
	b := nativeBlock()
	_, c := start(t, newStorage(b))
	response, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), treeOf(refs())))
	require.NoError(t, err)
	table := response.Reports[0].Tree.SymbolRefs
	require.Equal(t, []string{"", "app!0x30", "main", "unknown!0x40"}, slices.Sorted(slices.Values(table.Names)), "no build id: nothing to resolve later")
	require.Empty(t, table.Names[0])
	require.Equal(t, []string{"1a", "2c"}, table.BuildIds)
	require.Equal(t, []string{".", "libc.so.6"}, table.BinaryNames)
	require.Equal(t, []uint32{0, 1, 1}, table.UnresolvedBuildId)
	require.Equal(t, []uint64{0x50, 0x10, 0x20}, table.UnresolvedAddress)
}

func TestTooManyUnresolvedLocations(t *testing.T) {
	a, b := nativeBlock(), nativeBlock()
	b.Meta.Id = "other"
	b.Datasets[0].Series[0].Profiles[0].Samples[1].Stack[0].Address = 0x21
	_, c := start(t, newStorage(a, b))
	for name, tc := range map[string]struct {
		limit int64
		root  *queryv1.QueryNode
	}{
		"in a dataset": {2, readNode(only(a, 0))},
		"in a merge":   {3, mergeNode(readNode(only(a, 0)), readNode(only(b, 0)))},
	} {
		t.Run(name, func(t *testing.T) {
			query := refs()
			query.MaxUnresolvedLocations = tc.limit
			_, err := c.Invoke(testContext(t), request(tc.root, treeOf(query)))
			require.ErrorContains(t, err, fmt.Sprintf("too many unresolved locations (limit %d)", tc.limit))
			query.MaxUnresolvedLocations++
			_, err = c.Invoke(testContext(t), request(tc.root, treeOf(query)))
			require.NoError(t, err)
		})
	}
}

func TestBrokenRefsTreeOfPeer(t *testing.T) {
	tree := []byte{0, 0, 1, 1, 5, 0}
	for name, report := range map[string]*queryv1.TreeReport{
		"no such name":      {Tree: tree, SymbolRefs: &queryv1.SymbolRefTable{Names: []string{""}}},
		"no binary":         {Tree: tree, SymbolRefs: &queryv1.SymbolRefTable{Names: []string{""}, UnresolvedAddress: []uint64{1}}},
		"no such binary":    {Tree: tree, SymbolRefs: &queryv1.SymbolRefTable{Names: []string{""}, UnresolvedAddress: []uint64{1}, UnresolvedBuildId: []uint32{math.MaxUint32}}},
		"no name of binary": {Tree: tree, SymbolRefs: &queryv1.SymbolRefTable{Names: []string{""}, UnresolvedAddress: []uint64{1}, UnresolvedBuildId: []uint32{0}, BuildIds: []string{"x"}}},
		"truncated":         {Tree: tree[:4], SymbolRefs: &queryv1.SymbolRefTable{Names: []string{"", "a"}}},
		"not of names":      {Tree: []byte{9}},
	} {
		t.Run(name, func(t *testing.T) {
			part := &queryv1.Report{ReportType: queryv1.ReportType_REPORT_TREE, Tree: report}
			s, c := start(t, newStorage())
			s.SetPeers(serve(t, &replay{answers: []*queryv1.InvokeResponse{{Reports: []*queryv1.Report{part, part}}}}))
			_, err := c.Invoke(testContext(t), request(mergeNode(readNode()), treeOf(refs())))
			require.Equal(t, codes.Internal.String(), status.Code(err).String(), "%v", err)
		})
	}
}

// A function without a name, and one that is called other, are no special nodes.
func TestRefsTreeOfOddNames(t *testing.T) {
	b := nativeBlock()
	samples := &b.Datasets[0].Series[0].Profiles[0].Samples
	nameless := sample(256, "main")
	nameless.Stack[0].Lines[0].Function = ""
	*samples = append(*samples, nameless, sample(512, "main", "other"))
	_, c := start(t, newStorage(b))
	response, err := c.Invoke(testContext(t), request(mergeNode(readNode(only(b, 0)), readNode(only(b, 1))), treeOf(refs())))
	require.NoError(t, err)
	got := strings.Join(treeStacks(t, response.Reports[0].Tree), ",")
	require.Contains(t, got, " 256,")
	require.Contains(t, got, "main;other 512")
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
