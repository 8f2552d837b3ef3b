package plugin_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// FuzzQuery sends hostile targets. Each has an answer: data, or an error that is
// not the plugin's own.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		`{"queryType":"both","profileTypeId":"process_cpu:cpu:nanoseconds:cpu:nanoseconds","labelSelector":"{service_name=\"checkout\"}","groupBy":["pod"]}`,
		`{"queryType":"topFunctions","profileTypeId":"process_cpu:cpu:nanoseconds:cpu:nanoseconds","functions":"runtime.*","limit":3}`,
		`{"queryType":"diff","profileTypeId":"memory:inuse_space:bytes:space:bytes","diff":{"timeShift":"1d","labelSelector":"{}"}}`,
		`{"queryType":"diff","profileTypeId":"memory:inuse_space:bytes:space:bytes","diff":{"from":"now-1d/d","to":"now"}}`,
		`{"queryType":"heatmap","profileTypeId":"process_cpu:cpu:nanoseconds:cpu:nanoseconds","exemplars":"span"}`,
		`{"queryType":"plan","profileTypeId":"process_cpu:cpu:nanoseconds:cpu:nanoseconds","callSite":["a","b"],"maxNodes":16}`,
		`{"queryType":"metrics","profileTypeId":"process_cpu:cpu:nanoseconds:cpu:nanoseconds","aggregation":"average","annotations":true,"limit":1}`,
		`{"queryType":7}`, `[]`, `null`, `{"limit":1e99}`,
	} {
		f.Add([]byte(seed))
	}
	cluster := startCluster(f)
	datasource := newDatasource(f, cluster.settings(nil), nil)
	f.Fuzz(func(t *testing.T, target []byte) {
		response, err := datasource.QueryData(context.Background(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
			RefID: "A", TimeRange: cluster.timeRange, Interval: 15 * time.Second, JSON: target,
		}}})
		if err != nil {
			t.Fatal(err)
		}
		if answer := response.Responses["A"]; answer.Status == http.StatusInternalServerError {
			t.Fatalf("%q: %v", target, answer.Error)
		}
	})
}
