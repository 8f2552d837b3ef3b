package plugin_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// startNativeCluster has, beside the recorded profiles, of which those of search-1
// have native leaves, a profile of search with stacks of native code alone.
func startNativeCluster(t *testing.T) cluster {
	t.Helper()
	store := blockstore.New()
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	require.NoError(t, devstack.Load(store, "anonymous", recordings, firstProfile))
	require.NoError(t, store.Ingest(blockstore.IngestRequest{
		Tenant: "anonymous", Labels: map[string]string{"service_name": "search", "pod": "search-1"},
		Profile: nativeProfile(7e9), Time: firstProfile.Add(30 * time.Second),
	}))
	store.Cut()
	stack, err := devstack.Start(store, devstack.Config{MetastoreNodes: 1, QueryBackends: 2})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	last := time.Duration(0)
	for _, r := range recordings {
		last = max(last, r.Offset())
	}
	return cluster{Stack: stack, timeRange: backend.TimeRange{From: firstProfile.Add(-time.Minute), To: firstProfile.Add(last + time.Minute)}}
}

func nativeProfile(nanoseconds int64) *pprof.Profile {
	mapping := &pprof.Mapping{ID: 1, Start: 0x1000, Limit: 0x9000, File: "/usr/lib/libnative.so", BuildID: "deadbeef"}
	leaf := &pprof.Location{ID: 1, Mapping: mapping, Address: 0x1a2b}
	root := &pprof.Location{ID: 2, Mapping: mapping, Address: 0x1fff}
	return &pprof.Profile{
		SampleType: []*pprof.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:     10_000_000,
		Mapping:    []*pprof.Mapping{mapping},
		Location:   []*pprof.Location{leaf, root},
		Sample:     []*pprof.Sample{{Location: []*pprof.Location{leaf, root}, Value: []int64{nanoseconds / 10_000_000, nanoseconds}}},
	}
}

// A flame graph shows all that the metrics count: native code without symbols too.
func TestNativeFrames(t *testing.T) {
	cluster := startNativeCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, selector := range map[string]string{
		"one service":       `{service_name="search"}`,
		"by expression":     `{service_name=~"search|nope"}`,
		"a pod":             `{pod="search-1"}`,
		"the whole store":   `{}`,
		"with symbols only": `{service_name="checkout"}`,
	} {
		t.Run(name, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, map[string]any{
				"refId": "A", "queryType": "both", "profileTypeId": cpuType, "labelSelector": selector, "maxNodes": 100_000,
			})["A"]
			require.NoError(t, answer.Error)
			require.Len(t, answer.Frames, 2)
			flameGraph, metrics := answer.Frames[0], answer.Frames[1]
			var cores float64 // added up over steps of 15 s
			for i := range metrics.Rows() {
				value, err := metrics.Fields[1].FloatAt(i)
				require.NoError(t, err)
				cores += value
			}
			value, _ := flameGraph.FieldByName("value")
			require.InEpsilon(t, cores*15*1e9, value.At(0), 1e-9)

			labels := labelsOfFrame(t, flameGraph)
			if name == "with symbols only" {
				require.NotRegexp(t, `!0x`, strings.Join(labels, "\n"))
				return
			}
			require.Contains(t, labels, "libnative.so!0x1a2b")
			require.Contains(t, labels, "libnative.so!0x1fff")
			recorded := 0
			for _, label := range labels {
				if regexp.MustCompile(`^[^/]+!0x[0-9a-f]+$`).MatchString(label) && !strings.HasPrefix(label, "libnative") {
					recorded++
				}
			}
			require.Positive(t, recorded, "native leaves of search-1: %q", labels)
		})
	}
}

// labelsOfFrame are the names of a flame graph's functions.
func labelsOfFrame(t *testing.T, frame *data.Frame) []string {
	t.Helper()
	label, _ := frame.FieldByName("label")
	require.NotNil(t, label)
	require.NotNil(t, label.Config.TypeConfig)
	return label.Config.TypeConfig.Enum.Text
}

// All other ways to look at stacks show it as well.
func TestNativeFramesInOtherViews(t *testing.T) {
	cluster := startNativeCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	search := map[string]any{"refId": "A", "profileTypeId": cpuType, "labelSelector": `{service_name="search"}`, "maxNodes": 100_000}
	with := func(name string, value any) map[string]any {
		target := map[string]any{name: value}
		for field, value := range search {
			target[field] = value
		}
		return target
	}
	t.Run("top functions", func(t *testing.T) {
		target := with("queryType", "topFunctions")
		target["functions"] = `libnative\.so!0x.*`
		answer := queryData(t, datasource, cluster.timeRange, target)["A"]
		require.NoError(t, answer.Error)
		require.Equal(t, 2, answer.Frames[0].Rows())
	})
	t.Run("diff", func(t *testing.T) {
		target := with("queryType", "diff")
		target["diff"] = map[string]any{"labelSelector": `{service_name="checkout"}`}
		answer := queryData(t, datasource, cluster.timeRange, target)["A"]
		require.NoError(t, answer.Error)
		require.Contains(t, labelsOfFrame(t, answer.Frames[0]), "libnative.so!0x1a2b")
	})
	for _, format := range []querierv1.ProfileFormat{
		querierv1.ProfileFormat_PROFILE_FORMAT_PPROF, querierv1.ProfileFormat_PROFILE_FORMAT_DOT,
	} {
		t.Run(format.String(), func(t *testing.T) {
			body, err := protojson.Marshal(&querierv1.SelectMergeStacktracesRequest{
				ProfileTypeID: cpuType, LabelSelector: `{service_name="search"}`, Format: format,
				Start: cluster.timeRange.From.UnixMilli(), End: cluster.timeRange.To.UnixMilli(),
			})
			require.NoError(t, err)
			var got json.RawMessage
			const path = "querier.v1.QuerierService/SelectMergeStacktraces"
			err = datasource.CallResource(t.Context(), &backend.CallResourceRequest{
				Path: path, URL: path, Method: http.MethodPost, Body: body, Headers: map[string][]string{"Content-Type": {"application/json"}},
			}, backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
				require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
				got = append(got, r.Body...)
				return nil
			}))
			require.NoError(t, err)
			require.Contains(t, string(got), "libnative.so!0x1a2b")
		})
	}
}
