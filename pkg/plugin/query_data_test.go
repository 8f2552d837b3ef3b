package plugin_test

import (
	"net/http"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
)

func TestProfileAndMetricsOfOneTarget(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	answer := queryData(t, datasource, cluster.timeRange, map[string]any{
		"refId": "A", "queryType": "both", "profileTypeId": cpuType, "labelSelector": `{service_name="checkout"}`, "groupBy": []string{"pod"},
	})["A"]
	require.NoError(t, answer.Error)
	require.Equal(t, 1, cluster.Metastore.Requests(0).QueryMetadata, "one panel is one metadata call")
	require.Len(t, answer.Frames, 3, "a series a pod and a flame graph")
	for _, series := range answer.Frames[1:] {
		require.Equal(t, data.FrameTypeTimeSeriesMulti, series.Meta.Type)
		require.Contains(t, []string{"checkout-0", "checkout-1"}, series.Fields[1].Labels["pod"])
	}
	flameGraph := answer.Frames[0]
	require.EqualValues(t, data.VisTypeFlameGraph, flameGraph.Meta.PreferredVisualization)
	require.Contains(t, flameGraph.Meta.ExecutedQueryString, `service_name="checkout"`)
	require.Empty(t, answer.Frames[1].Meta.ExecutedQueryString, "once an answer")
	require.Greater(t, flameGraph.Rows(), 100)
	total, err := flameGraph.Fields[1].FloatAt(0)
	require.NoError(t, err)
	require.Positive(t, total)
}

func TestTopFunctions(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	target := map[string]any{"refId": "A", "queryType": "topFunctions", "profileTypeId": cpuType, "labelSelector": `{service_name="checkout"}`}

	t.Run("all", func(t *testing.T) {
		answer := queryData(t, datasource, cluster.timeRange, target)["A"]
		require.NoError(t, answer.Error)
		require.Equal(t, 100, answer.Frames[0].Rows())
		self, _ := answer.Frames[0].FieldByName("self")
		for i := 1; i < self.Len(); i++ {
			require.GreaterOrEqual(t, self.At(i-1), self.At(i), "row %d", i)
		}
	})
	for name, headers := range map[string]map[string]string{
		"some, for an alert rule": {backend.FromAlertHeaderName: "true"},
		"some, for an expression": {"http_X-Grafana-From-Expr": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			filtered := map[string]any{"functions": "fmt\\.\\(\\*pp\\)\\.doPrintf"}
			for name, value := range target {
				filtered[name] = value
			}
			answer := queryDataWith(t, datasource, cluster.timeRange, headers, filtered)["A"]
			require.NoError(t, answer.Error)
			require.Equal(t, data.FrameTypeNumericLong, answer.Frames[0].Meta.Type)
			require.Len(t, answer.Frames[0].Fields, 2, "one number a function")
			require.Equal(t, 1, answer.Frames[0].Rows())
			require.Equal(t, "fmt.(*pp).doPrintf", answer.Frames[0].Fields[0].At(0))
			share := answer.Frames[0].Fields[1].At(0)
			require.Greater(t, share, 0.05)
			require.Less(t, share, 0.5)
		})
	}
}

// Each target has its own outcome: the good ones have data, the bad ones say
// what is wrong with which status and whose fault it is.
func TestTargetsFailByThemselves(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	good := map[string]any{"refId": "good", "queryType": "profile", "profileTypeId": cpuType, "labelSelector": `{service_name="checkout"}`}
	for name, test := range map[string]struct {
		change  map[string]any
		message string
	}{
		"query type":    {map[string]any{"queryType": "nope"}, `queryType: "nope" is not a type of query, allowed are profile,`},
		"profile type":  {map[string]any{"profileTypeId": "cpu"}, "profileTypeId:"},
		"selector":      {map[string]any{"labelSelector": "{service_name="}, "label_selector:"},
		"max nodes":     {map[string]any{"maxNodes": 100_000_000}, "maxNodesMax, 1048576"},
		"span id":       {map[string]any{"spanSelector": []string{"zz"}}, "span_selector:"},
		"functions":     {map[string]any{"queryType": "topFunctions", "functions": "("}, "is not a regular expression"},
		"aggregation":   {map[string]any{"queryType": "metrics", "aggregation": "median"}, "allowed are sum and average"},
		"exemplars":     {map[string]any{"queryType": "metrics", "exemplars": "all"}, "allowed are none, individual and span"},
		"limit":         {map[string]any{"queryType": "metrics", "limit": -1}, "limit: -1 is negative"},
		"wrong type":    {map[string]any{"groupBy": 3}, "query: it cannot be read"},
		"empty groupBy": {map[string]any{"queryType": "metrics", "groupBy": []string{""}}, "group_by: entry 1 is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := map[string]any{}
			for field, value := range good {
				bad[field] = value
			}
			for field, value := range test.change {
				bad[field] = value
			}
			bad["refId"] = "bad"
			answers := queryData(t, datasource, cluster.timeRange, good, bad)
			require.NoError(t, answers["good"].Error)
			require.NotEmpty(t, answers["good"].Frames)
			require.ErrorContains(t, answers["bad"].Error, test.message)
			require.EqualValues(t, http.StatusBadRequest, answers["bad"].Status)
			require.Equal(t, backend.ErrorSourceDownstream, answers["bad"].ErrorSource)
		})
	}
}

// The cluster's trouble keeps its code, and is not the plugin's fault.
func TestClusterErrorsKeepTheirCode(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for code, status := range map[codes.Code]int{
		codes.Unimplemented:   http.StatusNotImplemented,
		codes.InvalidArgument: http.StatusBadRequest,
		codes.Internal:        http.StatusInternalServerError,
		codes.Unknown:         http.StatusInternalServerError,
	} {
		t.Run(code.String(), func(t *testing.T) {
			for _, server := range cluster.QueryBackends {
				server.Faults().Fail(code, 1, 1)
			}
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile"}))["A"]
			require.ErrorContains(t, answer.Error, "query-backend")
			require.EqualValues(t, status, answer.Status)
			require.Equal(t, backend.ErrorSourceDownstream, answer.ErrorSource)
		})
	}
}

func TestNothingMatches(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	answer := queryData(t, datasource, cluster.timeRange, map[string]any{
		"refId": "A", "queryType": "both", "profileTypeId": cpuType, "labelSelector": `{service_name="nope"}`,
	})["A"]
	require.NoError(t, answer.Error)
	require.Len(t, answer.Frames, 2)
	require.Empty(t, answer.Frames[1].Fields, "no series is no data to an alert rule")
}
