package plugin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/plugin"
)

func TestRequestsOfTooMuchAreRefused(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, test := range map[string]struct {
		change  map[string]any
		message string
	}{
		"an expression":      {map[string]any{"queryType": "topFunctions", "functions": strings.Repeat("x{1000}", 40)}, "functions: the regular expression"},
		"a long expression":  {map[string]any{"queryType": "topFunctions", "functions": strings.Repeat("x", 100_000)}, "functions: a regular expression of 100000 bytes"},
		"a profile type":     {map[string]any{"profileTypeId": strings.Repeat("x", 100_000)}, "profileTypeId: a text of 100000 bytes"},
		"a query type":       {map[string]any{"queryType": strings.Repeat("x", 100_000)}, "queryType: a text of 100000 bytes"},
		"a time shift":       {map[string]any{"queryType": "diff", "diff": map[string]any{"timeShift": "99999999y"}}, "diff.timeShift: "},
		"a time shift of w":  {map[string]any{"queryType": "diff", "diff": map[string]any{"timeShift": "30500568904943w"}}, "diff.timeShift: "},
		"101 years":          {map[string]any{"queryType": "diff", "diff": map[string]any{"timeShift": "101y"}}, "diff.timeShift: "},
		"a time long ago":    {map[string]any{"queryType": "diff", "diff": map[string]any{"from": "now-999999999y", "to": "now"}}, "diff.from: "},
		"a time far ahead":   {map[string]any{"queryType": "diff", "diff": map[string]any{"from": "now-1d", "to": "now+999999999y"}}, "diff.to: "},
		"a time out of mind": {map[string]any{"queryType": "diff", "diff": map[string]any{"from": "-9223372036854775808", "to": "9223372036854775807"}}, "diff.from: "},
	} {
		t.Run(name, func(t *testing.T) {
			lines := plugin.RecordLogs(t)
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(test.change))["A"]
			require.ErrorContains(t, answer.Error, test.message)
			require.EqualValues(t, http.StatusBadRequest, answer.Status)
			require.Less(t, len(answer.Error.Error()), 2000)
			for _, field := range lines()[0].Fields {
				require.Less(t, len(field), 3000)
			}
		})
	}
	require.Zero(t, cluster.Metastore.Requests(0).QueryMetadata)
}

// Of a request with too many targets, the first have their data.
func TestTargetsOfOneRequestAreLimited(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	var targets []map[string]any
	for i := range 2000 {
		targets = append(targets, checkoutTarget(map[string]any{"refId": fmt.Sprint(i), "queryType": "metrics", "groupBy": []string{fmt.Sprint("label_", i%10)}}))
	}
	answers := queryData(t, datasource, cluster.timeRange, targets...)
	require.Len(t, answers, len(targets))
	for i := range targets {
		answer := answers[fmt.Sprint(i)]
		if i < 100 {
			require.NoError(t, answer.Error)
			continue
		}
		require.ErrorContains(t, answer.Error, "queries: a request has at most 100")
	}
}

// After the deadline, the message names the server that was waited for, always.
func TestADeadlineNamesTheServer(t *testing.T) {
	cluster := startCluster(t)
	address := serveBackend(t, func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	datasource := newDatasource(t, cluster.settings(map[string]any{"queryBackendAddress": address, "timeout": "200ms"}), nil)
	for range 10 {
		answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile"}))["A"]
		require.ErrorContains(t, answer.Error, "query-backend at "+address+": no answer within ")
		require.EqualValues(t, http.StatusGatewayTimeout, answer.Status)
	}
}

// What query-backends say of an execution is shown in the inspector and in frames.
func TestErrorsOfAnExecutionAreCleaned(t *testing.T) {
	cluster := startCluster(t)
	address := serveBackend(t, func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		return &queryv1.InvokeResponse{Diagnostics: &queryv1.Diagnostics{ExecutionNode: &queryv1.ExecutionNode{
			Executor: "pod\x1b[2J", Error: "disk\nfull" + strings.Repeat("!", 100_000),
		}}}, nil
	})
	datasource := newDatasource(t, cluster.settings(map[string]any{"queryBackendAddress": address}), nil)
	answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "plan"}))["A"]
	require.NoError(t, answer.Error)
	encoded, err := json.Marshal(answer.Frames)
	require.NoError(t, err)
	require.Contains(t, string(encoded), "disk full!")
	require.NotContains(t, string(encoded), `\u001b`)
	require.Less(t, len(encoded), 100_000)
}
