package plugin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/debuginfod"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

const thumbnails = `{service_name="thumbnails"}`

// startThumbnails has one profile of native code without symbols.
func startThumbnails(t *testing.T) cluster {
	t.Helper()
	store := blockstore.New()
	require.NoError(t, store.Ingest(blockstore.IngestRequest{
		Tenant: "anonymous", Labels: map[string]string{"service_name": "thumbnails"}, Profile: debuginfod.Profile(8e9), Time: firstProfile,
	}))
	store.Cut()
	stack, err := devstack.Start(store, devstack.Config{MetastoreNodes: 1, QueryBackends: 1})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	return cluster{Stack: stack, timeRange: backend.TimeRange{From: firstProfile.Add(-time.Minute), To: firstProfile.Add(time.Minute)}}
}

func startDebuginfod(t *testing.T) string {
	t.Helper()
	server, err := debuginfod.Start()
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server.URL()
}

func flameGraphOf(t *testing.T, c cluster, datasource *plugin.Datasource) *data.Frame {
	t.Helper()
	answer := queryData(t, datasource, c.timeRange, map[string]any{
		"refId": "A", "queryType": "profile", "profileTypeId": cpuType, "labelSelector": thumbnails,
	})["A"]
	require.NoError(t, answer.Error)
	require.Len(t, answer.Frames, 1)
	return answer.Frames[0]
}

func TestNativeFramesGetTheirNames(t *testing.T) {
	cluster := startThumbnails(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"debuginfodUrls": []string{startDebuginfod(t)}, "symbolTimeout": "1m"}), nil)
	frame := flameGraphOf(t, cluster, datasource)
	level, _ := frame.FieldByName("level")
	value, _ := frame.FieldByName("value")
	label, _ := frame.FieldByName("label")
	var got []string
	for i := range frame.Rows() {
		name := label.Config.TypeConfig.Enum.Text[label.At(i).(data.EnumItemIndex)]
		require.EqualValues(t, i, level.At(i), "each is inlined into, or called by, the one before")
		got = append(got, name)
	}
	require.Equal(t, []string{"total", "halve_picture", "halve_row", "blend", "mean", "channel"}, got)
	require.EqualValues(t, int64(8e9), value.At(2))
	require.EqualValues(t, int64(6e9), value.At(5))
	require.Empty(t, frame.Meta.Notices)
	var stats []string
	for _, s := range frame.Meta.Stats {
		stats = append(stats, s.DisplayName)
	}
	require.Contains(t, strings.Join(stats, "\n"), "Native binaries: 1 binary, ")
	require.Contains(t, stats, "Native addresses named")
}

// The same profile as pprof, which has files and lines too.
func TestNativeFramesOfPprofGetTheirNames(t *testing.T) {
	cluster := startThumbnails(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"debuginfodUrls": []string{startDebuginfod(t)}, "symbolTimeout": "1m"}), nil)
	body, err := protojson.Marshal(&querierv1.SelectMergeProfileRequest{
		ProfileTypeID: cpuType, LabelSelector: thumbnails,
		Start: cluster.timeRange.From.UnixMilli(), End: cluster.timeRange.To.UnixMilli(),
	})
	require.NoError(t, err)
	const path = "querier.v1.QuerierService/SelectMergeProfile"
	var got []byte
	err = datasource.CallResource(t.Context(), &backend.CallResourceRequest{
		Path: path, URL: path, Method: http.MethodPost, Body: body, Headers: map[string][]string{"Content-Type": {"application/json"}},
	}, backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
		require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
		got = append(got, r.Body...)
		return nil
	}))
	require.NoError(t, err)
	merged := new(googlev1.Profile)
	require.NoError(t, protojson.Unmarshal(got, merged))
	raw, err := merged.MarshalVT()
	require.NoError(t, err)
	parsed, err := profile.ParseUncompressed(raw)
	require.NoError(t, err)
	require.NoError(t, parsed.CheckValid())
	var stack []string
	for _, l := range parsed.Location {
		if l.Address != 0x2f7 {
			continue
		}
		require.True(t, l.Mapping.HasFunctions && l.Mapping.HasFilenames && l.Mapping.HasLineNumbers && l.Mapping.HasInlineFrames)
		for _, line := range l.Line {
			stack = append(stack, fmt.Sprintf("%s %s:%d", line.Function.Name, line.Function.Filename, line.Line))
		}
	}
	require.Equal(t, []string{"channel /src/resize.c:4", "mean /src/resize.c:7", "blend /src/resize.c:13", "halve_row /src/resize.c:19"}, stack)
}

func TestNativeFramesKeepTheirAddressesWhereNobodyHasNames(t *testing.T) {
	none := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(none.Close)
	hangs := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hangs }))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(hangs) })
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(failing.Close)
	cluster := startThumbnails(t)
	for name, test := range map[string]struct {
		urls   []string
		notice string
	}{
		"no servers": {},
		"not found":  {urls: []string{none.URL}},
		"slow":       {urls: []string{slow.URL}, notice: "Names of native code are still being fetched for libresize.so."},
		"failing":    {urls: []string{failing.URL}, notice: "No names of native code for libresize.so: " + failing.URL + ": HTTP 403"},
	} {
		t.Run(name, func(t *testing.T) {
			datasource := newDatasource(t, cluster.settings(map[string]any{"debuginfodUrls": test.urls, "symbolTimeout": "50ms"}), nil)
			frame := flameGraphOf(t, cluster, datasource)
			require.ElementsMatch(t, []string{"total", "libresize.so!0x2f7", "libresize.so!0x311", "libresize.so!0x371"}, labelsOfFrame(t, frame))
			if test.notice == "" {
				require.Empty(t, frame.Meta.Notices)
				return
			}
			require.Len(t, frame.Meta.Notices, 1)
			require.Contains(t, frame.Meta.Notices[0].Text, test.notice)
		})
	}
}

func TestServersAreSentHeadersButNoCredentials(t *testing.T) {
	cluster := startThumbnails(t)
	for name, auth := range map[string]bool{"by default": false, "with debuginfodAuth": true} {
		t.Run(name, func(t *testing.T) {
			seen := make(chan http.Header, 100)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen <- r.Header.Clone()
				w.WriteHeader(http.StatusNotFound)
			}))
			t.Cleanup(server.Close)
			datasource := newDatasource(t, cluster.settings(map[string]any{
				"debuginfodUrls": []string{server.URL}, "debuginfodAuth": auth, "httpHeaderName1": "X-Team",
			}), map[string]string{"bearerToken": "s3cret", "httpHeaderValue1": "blue"})
			var servers []struct {
				URL string
				OK  bool
			}
			require.Equal(t, http.StatusOK, callResource(t, datasource, "symbolServers", nil, &servers))
			require.Len(t, servers, 1)
			require.True(t, servers[0].OK)
			header := <-seen
			require.Equal(t, "blue", header.Get("X-Team"))
			require.Equal(t, auth, header.Get("Authorization") != "")
		})
	}
}

func TestHealthTellsOfEachDebuginfodServer(t *testing.T) {
	cluster := startThumbnails(t)
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	up := startDebuginfod(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"debuginfodUrls": []string{up, down.URL}}), nil)
	result, err := datasource.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
	require.NoError(t, err)
	require.Equal(t, backend.HealthStatusOk, result.Status, "names are not all")
	require.Contains(t, result.Message, "Debuginfod answers: "+up)
	require.Contains(t, result.Message, "Warning: debuginfod cannot be used at "+down.URL)
}

func TestSymbolSettingsAreChecked(t *testing.T) {
	for name, test := range map[string]struct {
		change map[string]any
		want   string
	}{
		"no scheme":       {map[string]any{"debuginfodUrls": []string{"https://a.example.org", "debuginfod.example.org"}}, "debuginfodUrls: entry 2"},
		"credentials":     {map[string]any{"debuginfodUrls": []string{"https://u:s3cret@a.example.org"}}, "debuginfodUrls: entry 1"},
		"patience":        {map[string]any{"symbolTimeout": "soon"}, "symbolTimeout must be a duration"},
		"no patience":     {map[string]any{"symbolTimeout": "0"}, "symbolTimeout must be above 0"},
		"bytes":           {map[string]any{"symbolMaxBytes": -1}, "symbolMaxBytes must be between"},
		"cache":           {map[string]any{"symbolCacheMaxBytes": -1}, "symbolCacheMaxBytes must be between"},
		"folder's bytes":  {map[string]any{"symbolCacheDirMaxBytes": -1}, "symbolCacheDirMaxBytes must be between"},
		"relative folder": {map[string]any{"symbolCacheDir": "cache"}, "symbolCacheDir must be an absolute path"},
	} {
		t.Run(name, func(t *testing.T) {
			settings := map[string]any{"metastoreAddress": "localhost:1", "queryBackendAddress": "localhost:1"}
			for key, value := range test.change {
				settings[key] = value
			}
			raw, err := json.Marshal(settings)
			require.NoError(t, err)
			instance, err := plugin.NewFactory(prometheus.NewRegistry(), memory.NewBudget(4<<30)).NewDatasource(t.Context(), backend.DataSourceInstanceSettings{JSONData: raw})
			require.NoError(t, err)
			result, err := instance.(*plugin.Datasource).CheckHealth(t.Context(), &backend.CheckHealthRequest{})
			require.NoError(t, err)
			require.Contains(t, result.Message, test.want)
			require.NotContains(t, result.Message, "s3cret")
		})
	}
}
