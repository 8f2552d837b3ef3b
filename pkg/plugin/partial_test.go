package plugin_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// breakABlock makes one of the blocks unreadable that have profiles of checkout.
func breakABlock(t *testing.T, cluster cluster) (id string) {
	t.Helper()
	for _, meta := range cluster.store.Blocks() {
		block, err := cluster.store.Read(meta.GetId())
		require.NoError(t, err)
		for _, dataset := range block.Datasets {
			if dataset != nil && dataset.Service == "checkout" {
				id = meta.GetId()
			}
		}
	}
	require.NotEmpty(t, id)
	for _, server := range cluster.QueryBackends {
		server.Faults().FailBlocks(true, id)
	}
	return id
}

// With the setting, panels show what there is, and say what is not. Whoever cannot read
// that gets an error.
func TestPartialAnswers(t *testing.T) {
	cluster := startCluster(t)
	id := breakABlock(t, cluster)
	off := newDatasource(t, cluster.settings(nil), nil)
	on := newDatasource(t, cluster.settings(map[string]any{"partialAnswers": true}), nil)
	for _, queryType := range []string{"profile", "metrics", "both", "topFunctions", "heatmap"} {
		t.Run(queryType, func(t *testing.T) {
			target := checkoutTarget(map[string]any{"queryType": queryType})
			answer := queryData(t, off, cluster.timeRange, target)["A"]
			require.ErrorContains(t, answer.Error, id)

			lines := plugin.RecordLogs(t)
			answer = queryData(t, on, cluster.timeRange, target)["A"]
			require.NoError(t, answer.Error)
			require.NotEmpty(t, answer.Frames)
			require.Regexp(t, `This is only a part: 1 of \d+ blocks could not be read, about [\d.]+ (KiB|B) of [\d.]+ KiB, with profiles of 2023-11-14T\S+Z to 2023-11-14T\S+Z\. .* Reason: query-backend: .*`+id, noticesOf(t, answer))
			require.Len(t, lines(), 1)
			require.Equal(t, "Query was answered in part", lines()[0].Message)
			require.Equal(t, "warn", lines()[0].Level)
			require.Equal(t, "1", lines()[0].Fields["missingBlocks"])
		})
	}
	for reader, header := range map[string]string{"an alert rule": backend.FromAlertHeaderName, "an expression": "http_X-Grafana-From-Expr"} {
		t.Run(reader, func(t *testing.T) {
			answer := queryDataWith(t, on, cluster.timeRange, map[string]string{header: "true"}, checkoutTarget(map[string]any{"queryType": "metrics"}))["A"]
			require.ErrorContains(t, answer.Error, id)
		})
	}
	t.Run("the Query API", func(t *testing.T) {
		body, err := json.Marshal(map[string]any{
			"profileTypeID": cpuType, "labelSelector": `{service_name="checkout"}`,
			"start": cluster.timeRange.From.UnixMilli(), "end": cluster.timeRange.To.UnixMilli(),
		})
		require.NoError(t, err)
		var sent backend.CallResourceResponse
		require.NoError(t, on.CallResource(t.Context(), &backend.CallResourceRequest{
			Path: "querier.v1.QuerierService/SelectMergeStacktraces", Method: http.MethodPost, Body: body,
			Headers: map[string][]string{"Content-Type": {"application/json"}},
		}, backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error { sent = *r; return nil })))
		require.Equal(t, http.StatusInternalServerError, sent.Status)
		require.Contains(t, string(sent.Body), id)
	})
}

// A block that is listed and not there leaves an answer short, without an error.
func TestAShortAnswerHasANotice(t *testing.T) {
	cluster := startCluster(t)
	cluster.store.Lose(breakABlock(t, cluster))
	for _, server := range cluster.QueryBackends {
		server.Faults().Clear()
	}
	answer := queryData(t, newDatasource(t, cluster.settings(nil), nil), cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile"}))["A"]
	require.NoError(t, answer.Error)
	require.Regexp(t, `This may be too little: the query-backends fetched .*, less than the blocks`, noticesOf(t, answer))
}

func TestPartialAnswersIsTrueOrFalse(t *testing.T) {
	cluster := startCluster(t)
	answer := queryData(t, newDatasource(t, cluster.settings(map[string]any{"partialAnswers": "yes"}), nil), cluster.timeRange, checkoutTarget(nil))["A"]
	require.ErrorContains(t, answer.Error, "partialAnswers must be true or false; it is text")
}
