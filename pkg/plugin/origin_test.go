package plugin_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// backendOfAskers keeps what metadata its calls came with.
type backendOfAskers struct {
	mu   sync.Mutex
	seen []metadata.MD
}

func (b *backendOfAskers) invoke(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = append(b.seen, md)
	return &queryv1.InvokeResponse{}, nil
}

func (b *backendOfAskers) last(t *testing.T) metadata.MD {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.NotEmpty(t, b.seen)
	return b.seen[len(b.seen)-1]
}

func TestWhoAskedIsLoggedAndPassedOn(t *testing.T) {
	cluster := startCluster(t)
	var servers backendOfAskers
	address := serveBackend(t, servers.invoke)
	datasource := newDatasource(t, cluster.settings(map[string]any{"queryBackendAddress": address}), nil)
	for name, test := range map[string]struct {
		org      int64
		headers  map[string]string
		logged   map[string]string
		metadata map[string]string
		absent   []string
	}{
		"a panel": {
			org:     7,
			headers: map[string]string{"X-Dashboard-Uid": "lN53lOcVk", "X-Panel-Id": "12", "X-Dashboard-Title": "Checkout", "X-Panel-Title": "CPU 100 %", "Cookie": "secret"},
			logged:  map[string]string{"orgId": "7", "dashboardUid": "lN53lOcVk", "panelId": "12", "dashboardTitle": "Checkout", "panelTitle": "CPU 100 %"},
			metadata: map[string]string{
				"x-grafana-org-id": "7", "x-dashboard-uid": "lN53lOcVk", "x-panel-id": "12", "x-dashboard-title": "Checkout", "x-panel-title": "CPU 100 %",
			},
			absent: []string{"cookie", "x-rule-uid"},
		},
		"a rule": { // as ngalert escapes it
			headers:  map[string]string{"X-Rule-Uid": "r1", "X-Rule-Name": "M%C3%BCller+%26+Co", "X-Rule-Folder": "ops"},
			logged:   map[string]string{"ruleUid": "r1", "ruleName": "Müller & Co", "ruleFolder": "ops"},
			metadata: map[string]string{"x-rule-uid": "r1", "x-rule-name": "M%C3%BCller+%26+Co", "x-rule-folder": "ops"},
			absent:   []string{"x-grafana-org-id", "x-dashboard-uid"},
		},
		"hostile values": {
			headers:  map[string]string{"X-Dashboard-Uid": "a\r\nx-scope-orgid: other", "X-Panel-Title": strings.Repeat("ü", 500), "X-Panel-Id": "\xff%0Aforged=1"},
			logged:   map[string]string{"dashboardUid": "a  x-scope-orgid: other", "panelTitle": strings.Repeat("ü", 64) + "…", "panelId": "\uFFFD forged=1"},
			metadata: map[string]string{"x-dashboard-uid": "a%0D%0Ax-scope-orgid: other", "x-panel-title": strings.Repeat("%C3%BC", 21), "x-panel-id": "%FF%0Aforged=1"},
			absent:   []string{"x-scope-orgid"},
		},
		"nobody in particular": {absent: []string{"x-grafana-org-id", "x-dashboard-uid", "x-panel-id", "x-rule-uid"}},
	} {
		t.Run(name, func(t *testing.T) {
			lines := plugin.RecordLogs(t)
			raw, err := json.Marshal(checkoutTarget(map[string]any{"queryType": "profile"}))
			require.NoError(t, err)
			request := &backend.QueryDataRequest{
				PluginContext: backend.PluginContext{OrgID: test.org},
				Queries:       []backend.DataQuery{{RefID: "A", TimeRange: cluster.timeRange, JSON: raw}},
			}
			for name, value := range test.headers {
				request.SetHTTPHeader(name, value)
			}
			response, err := datasource.QueryData(t.Context(), request)
			require.NoError(t, err)
			require.NoError(t, response.Responses["A"].Error)
			require.Len(t, lines(), 1)
			for field, value := range test.logged {
				require.Equal(t, value, lines()[0].Fields[field], field)
			}
			seen := servers.last(t)
			for name, value := range test.metadata {
				require.Equal(t, []string{value}, seen.Get(name), name)
			}
			for _, name := range test.absent {
				require.Empty(t, seen.Get(name), name)
			}
		})
	}
}

// A header of the data source's own settings is sent as it is set, once.
func TestAHeaderOfTheSettingsIsNotTheAskers(t *testing.T) {
	cluster := startCluster(t)
	var servers backendOfAskers
	datasource := newDatasource(t, cluster.settings(map[string]any{
		"queryBackendAddress": serveBackend(t, servers.invoke), "httpHeaderName1": "X-Dashboard-Uid",
	}), map[string]string{"httpHeaderValue1": "fixed"})
	raw, err := json.Marshal(checkoutTarget(map[string]any{"queryType": "profile"}))
	require.NoError(t, err)
	request := &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", TimeRange: cluster.timeRange, JSON: raw}}}
	request.SetHTTPHeader("X-Dashboard-Uid", "theirs")
	request.SetHTTPHeader("X-Panel-Id", "3")
	_, err = datasource.QueryData(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, []string{"fixed"}, servers.last(t).Get("x-dashboard-uid"))
	require.Equal(t, []string{"3"}, servers.last(t).Get("x-panel-id"))
}

// Clients of the Query API may say who they are.
func TestAResourceCallPassesItsAskerOn(t *testing.T) {
	cluster := startCluster(t)
	var servers backendOfAskers
	datasource := newDatasource(t, cluster.settings(map[string]any{"queryBackendAddress": serveBackend(t, servers.invoke)}), nil)
	body, err := json.Marshal(map[string]any{
		"profileTypeID": cpuType, "labelSelector": `{service_name="checkout"}`,
		"start": cluster.timeRange.From.UnixMilli(), "end": cluster.timeRange.To.UnixMilli(),
	})
	require.NoError(t, err)
	var status int
	err = datasource.CallResource(t.Context(), &backend.CallResourceRequest{
		PluginContext: backend.PluginContext{OrgID: 4},
		Path:          "querier.v1.QuerierService/SelectMergeStacktraces", Method: http.MethodPost,
		Headers: map[string][]string{"Content-Type": {"application/json"}, "X-Dashboard-Uid": {"d"}},
		Body:    body,
	}, backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
		if r.Status != 0 {
			status = r.Status
		}
		return nil
	}))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, []string{"d"}, servers.last(t).Get("x-dashboard-uid"))
}
