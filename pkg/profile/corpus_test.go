package profile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// A corpusCase is one recorded Query API call: see the corpus' README.
type corpusCase struct {
	Name      string
	Method    string
	Status    int
	Request   json.RawMessage
	Response  json.RawMessage
	Exchanges []struct {
		Method   string
		Request  json.RawMessage
		Response json.RawMessage
	}
}

// corpusCases are the recorded calls of the given methods that were answered.
func corpusCases(t testing.TB, methods ...string) []corpusCase {
	t.Helper()
	files, err := filepath.Glob("../queryfrontend/testdata/conformance/cases/*.json")
	require.NoError(t, err)
	var cases []corpusCase
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		var c corpusCase
		require.NoError(t, json.Unmarshal(b, &c))
		c.Name = strings.TrimSuffix(filepath.Base(file), ".json")
		for _, method := range methods {
			if c.Status == 200 && c.Method == "querier.v1.QuerierService/"+method {
				cases = append(cases, c)
			}
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
	require.NoError(t, protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(raw, m))
	return m
}

// reports are the reports of each Invoke call of a case, in order.
func (c corpusCase) reports(t testing.TB) [][]*queryv1.Report {
	t.Helper()
	var all [][]*queryv1.Report
	for _, x := range c.Exchanges {
		if x.Method == "Invoke" && len(x.Response) > 0 {
			all = append(all, into(t, x.Response, &queryv1.InvokeResponse{}).Reports)
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
