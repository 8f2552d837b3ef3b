package pluginhost_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/pluginhost"
)

const pluginID = "pyrofront-pyroscope-datasource"

// startWorkbench serves the real plugin binary over an embedded, empty cluster.
func startWorkbench(t *testing.T) *httptest.Server {
	t.Helper()
	binary := buildPlugin(t)
	stack, err := devstack.Start(blockstore.New(), devstack.Config{MetastoreNodes: 1, QueryBackends: 1})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	process, err := pluginhost.Start(binary, io.Discard)
	require.NoError(t, err)
	t.Cleanup(process.Close)
	settings, err := json.Marshal(map[string]any{
		"metastoreAddress":    stack.MetastoreAddress(),
		"queryBackendAddress": stack.QueryBackendAddress(),
	})
	require.NoError(t, err)
	server := httptest.NewServer(pluginhost.NewWorkbench(process, backend.PluginContext{
		PluginID: pluginID,
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{
			UID: "demo", Name: "Demo", Type: pluginID, JSONData: settings,
		},
	}, fstest.MapFS{"module.js": {Data: []byte("define([])")}}, fstest.MapFS{"index.html": {Data: []byte("the page")}}))
	t.Cleanup(server.Close)
	return server
}

// buildPlugin builds the plugin's binary.
func buildPlugin(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "gpx_pyrofront")
	output, err := exec.Command("go", "build", "-o", binary, "../../pkg").CombinedOutput()
	require.NoError(t, err, "%s", output)
	return binary
}

// call sends a request and returns the answer's status and body.
func call(t *testing.T, server *httptest.Server, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(answer)
}

func TestWorkbench(t *testing.T) {
	server := startWorkbench(t)
	const demo = "/api/datasources/uid/demo"

	t.Run("serves the page and the plugin", func(t *testing.T) {
		status, body := call(t, server, http.MethodGet, "/", "")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "the page", body)
		status, body = call(t, server, http.MethodGet, "/public/plugins/"+pluginID+"/module.js", "")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "define([])", body)
	})

	t.Run("lists a data source and its provisioned twin", func(t *testing.T) {
		status, body := call(t, server, http.MethodGet, "/api/datasources", "")
		require.Equal(t, http.StatusOK, status)
		var list []struct {
			UID      string `json:"uid"`
			ReadOnly bool   `json:"readOnly"`
		}
		require.NoError(t, json.Unmarshal([]byte(body), &list))
		require.Len(t, list, 2)
		require.Equal(t, "demo", list[0].UID)
		require.False(t, list[0].ReadOnly)
		require.Equal(t, "demo"+pluginhost.ProvisionedSuffix, list[1].UID)
		require.True(t, list[1].ReadOnly)
	})

	t.Run("health and resources", func(t *testing.T) {
		for _, uid := range []string{"demo", "demo" + pluginhost.ProvisionedSuffix} {
			status, body := call(t, server, http.MethodGet, "/api/datasources/uid/"+uid+"/health", "")
			require.Equal(t, http.StatusOK, status, body)
			status, body = call(t, server, http.MethodGet, "/api/datasources/uid/"+uid+"/resources/profileTypes", "")
			require.Equal(t, http.StatusOK, status, body)
			require.JSONEq(t, "[]", body)
		}
	})

	t.Run("a change of the settings reaches the plugin at once", func(t *testing.T) {
		_, before := call(t, server, http.MethodGet, demo, "")
		status, body := call(t, server, http.MethodPut, demo,
			`{"name":"Demo","jsonData":{"metastoreAddress":"127.0.0.1:1","queryBackendAddress":"127.0.0.1:1"},"secureJsonData":{"bearerToken":"secret"}}`)
		require.Equal(t, http.StatusOK, status, body)
		status, body = call(t, server, http.MethodGet, demo+"/health", "")
		require.Equal(t, http.StatusBadRequest, status)
		require.Contains(t, body, "127.0.0.1:1")

		_, body = call(t, server, http.MethodGet, demo, "")
		require.Contains(t, body, `"secureJsonFields":{"bearerToken":true}`)
		require.NotContains(t, body, "secret\"")
		status, _ = call(t, server, http.MethodPut, demo, before)
		require.Equal(t, http.StatusOK, status)
		status, _ = call(t, server, http.MethodPut, demo, strings.TrimSuffix(strings.TrimSpace(before), "}")+`,"secureJsonData":{"bearerToken":""}}`)
		require.Equal(t, http.StatusOK, status)
		_, body = call(t, server, http.MethodGet, demo, "")
		require.Contains(t, body, `"secureJsonFields":{}`)
		status, body = call(t, server, http.MethodGet, demo+"/health", "")
		require.Equal(t, http.StatusOK, status, body)
	})

	for name, test := range map[string]struct {
		method, path, body string
		status             int
		message            string
	}{
		"a provisioned data source": {
			http.MethodPut, demo + pluginhost.ProvisionedSuffix, `{}`, http.StatusForbidden, "Cannot update read-only data source",
		},
		"settings that are no JSON": {http.MethodPut, demo, `{`, http.StatusBadRequest, "the settings cannot be read"},
		"an unknown data source":    {http.MethodGet, "/api/datasources/uid/other", "", http.StatusNotFound, `uid \"other\"`},
		"its health":                {http.MethodGet, "/api/datasources/uid/other/health", "", http.StatusNotFound, `uid \"other\"`},
		"its resources":             {http.MethodGet, "/api/datasources/uid/other/resources/x", "", http.StatusNotFound, `uid \"other\"`},
		"no queries":                {http.MethodPost, "/api/ds/query", `{"from":"now-1h","to":"now"}`, http.StatusBadRequest, "no queries"},
		"a query of another data source": {
			http.MethodPost, "/api/ds/query", `{"from":"now-1h","to":"now","queries":[{"refId":"A","datasource":{"uid":"other"}}]}`,
			http.StatusBadRequest, `query A: there is no data source with uid \"other\"`,
		},
		"queries of two data sources": {
			http.MethodPost, "/api/ds/query",
			`{"from":"now-1h","to":"now","queries":[{"refId":"A"},{"refId":"B","datasource":{"uid":"demo-provisioned"}}]}`,
			http.StatusBadRequest, "query B: all queries of a request must be of one data source",
		},
		"a time that is none": {
			http.MethodPost, "/api/ds/query", `{"from":"yesterday","to":"now","queries":[{"refId":"A"}]}`,
			http.StatusBadRequest, `from: \"yesterday\" is not a time`,
		},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			status, body := call(t, server, test.method, test.path, test.body)
			require.Equal(t, test.status, status, body)
			require.Contains(t, body, test.message)
		})
	}

	t.Run("runs a query", func(t *testing.T) {
		status, body := call(t, server, http.MethodPost, "/api/ds/query", `{"from":"now-1h","to":"now","queries":[{
			"refId":"A","queryType":"profile","profileTypeId":"process_cpu:cpu:nanoseconds:cpu:nanoseconds","labelSelector":"{}"}]}`)
		require.Equal(t, http.StatusOK, status, body)
		require.Contains(t, body, `"results":{"A"`)
	})
}
