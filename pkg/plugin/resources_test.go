package plugin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// callResource gets a resource and decodes the answer into into.
func callResource(t testing.TB, datasource backend.CallResourceHandler, path string, query url.Values, into any) int {
	t.Helper()
	status := 0
	err := datasource.CallResource(context.Background(), &backend.CallResourceRequest{
		Path: path, Method: http.MethodGet, URL: path + "?" + query.Encode(),
	}, backend.CallResourceResponseSenderFunc(func(part *backend.CallResourceResponse) error {
		status = part.Status
		if into == nil {
			return nil
		}
		return json.Unmarshal(part.Body, into)
	}))
	require.NoError(t, err)
	return status
}

// Variables and filters narrow each other: every resource takes a selector.
func TestResources(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	with := func(pairs ...string) url.Values {
		query := url.Values{
			"start": {fmt.Sprint(cluster.timeRange.From.UnixMilli())},
			"end":   {fmt.Sprint(cluster.timeRange.To.UnixMilli())},
		}
		for i := 0; i < len(pairs); i += 2 {
			query.Set(pairs[i], pairs[i+1])
		}
		return query
	}

	var types []struct{ ID, Label string }
	require.Equal(t, http.StatusOK, callResource(t, datasource, "profileTypes", with(), &types))
	require.Contains(t, types, struct{ ID, Label string }{cpuType, "process_cpu - cpu"})
	require.Contains(t, types, struct{ ID, Label string }{heapType, "memory - inuse_space"})
	require.Equal(t, http.StatusOK, callResource(t, datasource, "profileTypes", with("query", `{service_name="nope"}`), &types))
	require.Empty(t, types)

	var values []string
	callResource(t, datasource, "labelValues", with("label", "service_name"), &values)
	require.Equal(t, []string{"checkout", "frontend", "search"}, values)
	callResource(t, datasource, "labelValues", with("label", "pod", "query", `{service_name="search"}`), &values)
	require.Equal(t, []string{"search-0", "search-1"}, values)
	callResource(t, datasource, "labelValues", with("label", "pod", "query", `{service_name="search",region="us-east"}`), &values)
	require.Len(t, values, 1)
	callResource(t, datasource, "labelValues", with("label", "nope"), &values)
	require.Equal(t, []string{}, values, "front ends want [], not null")

	var names []string
	callResource(t, datasource, "labelNames", with("query", `{service_name="search"}`), &names)
	require.Contains(t, names, "pod")
	require.NotContains(t, names, "service_name", "the selector has it already")
}

func TestResourcesThatFail(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, test := range map[string]struct {
		path    string
		query   url.Values
		message string
	}{
		"no number":    {"labelNames", url.Values{"start": {"soon"}, "end": {"1"}}, `start: "soon" is not a Unix time`},
		"half a range": {"profileTypes", url.Values{"start": {"1"}}, `end: "" is not a Unix time`},
		"no label":     {"labelValues", url.Values{}, "name: it is empty"},
		"a selector":   {"labelValues", url.Values{"label": {"pod"}, "query": {"{"}}, "matchers:"},
		"not UTF-8":    {"labelValues", url.Values{"label": {"\xff"}}, "is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			var answer struct{ Code, Message string }
			require.Equal(t, http.StatusBadRequest, callResource(t, datasource, test.path, test.query, &answer))
			require.Equal(t, "invalid_argument", answer.Code)
			require.Contains(t, answer.Message, test.message)
		})
	}
	require.Equal(t, http.StatusNotFound, callResource(t, datasource, "nope", nil, nil))
}

// A selector is parsed once, and not once for each name: thousands of names are
// looked up in it.
func TestLabelNamesParsesTheSelectorOnce(t *testing.T) {
	cluster := startCluster(t)
	var names []string
	for i := range 10_000 {
		names = append(names, fmt.Sprintf("label_%d", i))
	}
	address := serveBackend(t, func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		return &queryv1.InvokeResponse{Reports: []*queryv1.Report{{
			ReportType: queryv1.ReportType_REPORT_LABEL_NAMES, LabelNames: &queryv1.LabelNamesReport{LabelNames: names},
		}}}, nil
	})
	datasource := newDatasource(t, cluster.settings(map[string]any{"queryBackendAddress": address}), nil)
	cost := func(matchers int) float64 {
		query := url.Values{
			"start": {fmt.Sprint(cluster.timeRange.From.UnixMilli())}, "end": {fmt.Sprint(cluster.timeRange.To.UnixMilli())},
			"query": {`{label_7!=""` + strings.Repeat(`,pod!=""`, matchers-1) + `}`},
		}
		return testing.AllocsPerRun(1, func() {
			var got []string
			require.Equal(t, http.StatusOK, callResource(t, datasource, "labelNames", query, &got))
			require.Len(t, got, len(names)-1)
		})
	}
	require.Less(t, cost(100), 2*cost(1), "allocations; for each name and matcher there were several")
}
