package profile_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/corpus"
)

// A corpusCase is one recorded Query API call.
type corpusCase struct{ corpus.Case }

// corpusCases are the recorded calls of the given methods that were answered.
func corpusCases(t testing.TB, methods ...string) (cases []corpusCase) {
	t.Helper()
	all, err := corpus.Cases()
	require.NoError(t, err)
	for _, c := range all {
		asked := func(method string) bool { return c.Method == "querier.v1.QuerierService/"+method }
		if c.Status == 200 && slices.ContainsFunc(methods, asked) {
			cases = append(cases, corpusCase{c})
		}
	}
	require.NotEmpty(t, cases, "no recorded calls of %v", methods)
	return cases
}

// corpusCaseNamed is one recorded call.
func corpusCaseNamed(t testing.TB, method, name string) corpusCase {
	t.Helper()
	for _, c := range corpusCases(t, method) {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no recorded call %q", name)
	return corpusCase{}
}

// into decodes recorded protobuf JSON.
func into[M proto.Message](t testing.TB, raw json.RawMessage, m M) M {
	t.Helper()
	m, err := corpus.Decode(raw, m)
	require.NoError(t, err)
	return m
}

// reports are the reports of each Invoke call of a case, in order.
func (c corpusCase) reports(t testing.TB) (all [][]*queryv1.Report) {
	t.Helper()
	invokes, err := c.Invokes()
	require.NoError(t, err)
	for _, invoke := range invokes {
		if invoke.Response != nil {
			all = append(all, invoke.Response.Reports)
		}
	}
	return all
}

// recordedTrees are all call trees of function names that query-backends sent.
func recordedTrees(t testing.TB) map[string][]byte {
	t.Helper()
	trees := map[string][]byte{}
	for _, c := range corpusCases(t, "SelectMergeStacktraces", "SelectMergeSpanProfile", "Diff") {
		for i, reports := range c.reports(t) {
			for _, r := range reports {
				if r.Tree != nil && r.Tree.Symbols == nil {
					trees[c.Name+"/"+string(rune('a'+i))] = r.Tree.Tree
				}
			}
		}
	}
	require.NotEmpty(t, trees)
	return trees
}
