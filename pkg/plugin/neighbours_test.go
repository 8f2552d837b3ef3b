package plugin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

// What Profiles Drilldown and the core data source send through the resources is
// answered, as they write it: names in both of protobuf's notations, null for what is
// not set, formats that this API does not have yet.
func TestNeighboursRequests(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	timeRange := fmt.Sprintf(`"start":%d,"end":%d`, cluster.timeRange.From.UnixMilli(), cluster.timeRange.To.UnixMilli())
	for name, test := range map[string]struct{ method, body, has string }{
		"all services":  {"Series", `{` + timeRange + `,"labelNames":["service_name","__profile_type__"],"matchers":[]}`, `"checkout"`},
		"is there data": {"GetProfileStats", `{}`, `{`},
		"label names with the type as a matcher": {"LabelNames",
			`{` + timeRange + `,"matchers":["{__profile_type__=\"` + cpuType + `\", service_name=\"checkout\"}"]}`, `"pod"`},
		"label values of one type": {"LabelValues",
			`{"name":"pod",` + timeRange + `,"matchers":["{__profile_type__=\"` + cpuType + `\"}"]}`, `"checkout-0"`},
		"function details": {"SelectMergeProfile",
			`{"profile_typeID":"` + cpuType + `","label_selector":"{service_name=\"checkout\"}",` + timeRange +
				`,"stackTraceSelector":{"call_site":[{"name":"sync.(*WaitGroup).Go.func1"}]},"maxNodes":500}`, `"sample"`},
		"a format of servers to come": {"SelectMergeStacktraces",
			`{"profileTypeID":"` + cpuType + `","labelSelector":"{}",` + timeRange + `,"format":"PROFILE_FORMAT_FUNCTIONS","maxNodes":null}`, `"flamegraph"`},
		"a span": {"SelectMergeSpanProfile",
			`{"profileTypeID":"` + cpuType + `","labelSelector":"{}","spanSelector":["0000000000000001"],` + timeRange + `}`, `{`},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := callQueryAPI(t, datasource, test.method, test.body)
			require.Equal(t, http.StatusOK, status, string(body))
			require.Contains(t, string(body), test.has)
		})
	}
}

// A tenant in a header is no way around the data source's.
func TestTenantHeaderIsIgnored(t *testing.T) {
	cluster := startCluster(t, "team-a", "team-b")
	datasource := newDatasource(t, cluster.settings(map[string]any{"tenants": []string{"team-a"}}), nil)
	body := fmt.Sprintf(`{"name":"__tenant_id__","start":%d,"end":%d}`, cluster.timeRange.From.UnixMilli(), cluster.timeRange.To.UnixMilli())
	_, want := callQueryAPI(t, datasource, "Series", body)
	_, got := callQueryAPI(t, datasource, "Series", body, "X-Scope-OrgID", "team-b")
	require.JSONEq(t, string(want), string(got))
	require.True(t, json.Valid(got))
}

// Drilldown reads its settings and the recording rules first: there are none, which
// is no failure. What would have to be kept is refused, and says why.
func TestNeighboursSettings(t *testing.T) {
	datasource := newDatasource(t, startCluster(t).settings(nil), nil)
	for name, test := range map[string]struct {
		rpc, body string
		status    int
		answer    string
	}{
		"settings":             {"settings.v1.SettingsService/Get", `{}`, http.StatusOK, `{}`},
		"no body at all":       {"settings.v1.SettingsService/Get", ``, http.StatusBadRequest, `not a valid JSON object`},
		"a setting":            {"settings.v1.SettingsService/Set", `{"setting":{"name":"pluginSettings","value":"{}"}}`, http.StatusNotImplemented, `stores nothing`},
		"a setting that goes":  {"settings.v1.SettingsService/Delete", `{"name":"pluginSettings"}`, http.StatusNotImplemented, `stores nothing`},
		"recording rules":      {"settings.v1.RecordingRulesService/ListRecordingRules", `{}`, http.StatusOK, `{}`},
		"a recording rule":     {"settings.v1.RecordingRulesService/GetRecordingRule", `{"id":"a"}`, http.StatusNotFound, `no recording rules`},
		"a new recording rule": {"settings.v1.RecordingRulesService/UpsertRecordingRule", `{"metricName":"a"}`, http.StatusNotImplemented, `stores nothing`},
		"a rule that goes":     {"settings.v1.RecordingRulesService/DeleteRecordingRule", `{"id":"a"}`, http.StatusNotImplemented, `stores nothing`},
		"a request too large":  {"settings.v1.SettingsService/Get", `{"x":"` + strings.Repeat("a", 1<<20) + `"}`, http.StatusTooManyRequests, `larger than configured max`},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := callRPC(t, datasource, test.rpc, test.body)
			require.Equal(t, test.status, status, string(answer))
			require.Contains(t, string(answer), test.answer)
		})
	}
}

func callQueryAPI(t testing.TB, datasource backend.CallResourceHandler, method, body string, headers ...string) (status int, answer []byte) {
	t.Helper()
	return callRPC(t, datasource, "querier.v1.QuerierService/"+method, body, headers...)
}

func callRPC(t testing.TB, datasource backend.CallResourceHandler, path, body string, headers ...string) (status int, answer []byte) {
	t.Helper()
	request := &backend.CallResourceRequest{Path: path, URL: path, Method: http.MethodPost, Body: []byte(body), Headers: map[string][]string{
		"Content-Type": {"application/json"}, "Accept": {"application/json; allow-utf8-labelnames=true"},
	}}
	for i := 0; i < len(headers); i += 2 {
		request.Headers[headers[i]] = []string{headers[i+1]}
	}
	require.NoError(t, datasource.CallResource(context.Background(), request, backend.CallResourceResponseSenderFunc(func(part *backend.CallResourceResponse) error {
		status = part.Status
		answer = append(answer, part.Body...)
		return nil
	})))
	return status, answer
}
