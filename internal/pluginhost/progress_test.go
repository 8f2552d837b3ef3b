package pluginhost_test

import (
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/pluginhost"
)

// Behind two Grafanas in turn, each has a run of its own: both grow, neither says more than
// it has, and whichever is first gives the answer that a query at once gives.
func TestARunOverTwoProcesses(t *testing.T) {
	binary := buildPlugin(t)
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	store, began := blockstore.New(), time.Now().Add(-time.Hour).Truncate(time.Second)
	for i := range 5 {
		require.NoError(t, devstack.Load(store, "anonymous", recordings, began.Add(time.Duration(i)*3*time.Minute)))
	}
	stack, err := devstack.Start(store, devstack.Config{MetastoreNodes: 1, QueryBackends: 2})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	settings, err := json.Marshal(map[string]any{"metastoreAddress": stack.MetastoreAddress(), "queryBackendAddress": stack.QueryBackendAddress()})
	require.NoError(t, err)
	var processes []*pluginhost.Process
	for range 3 {
		process, err := pluginhost.Start(binary, io.Discard)
		require.NoError(t, err)
		t.Cleanup(process.Close)
		processes = append(processes, process)
	}
	ask := func(process *pluginhost.Process, more string) (answer backend.DataResponse, done, total float64, execution string) {
		response, err := process.QueryData(t.Context(), &backend.QueryDataRequest{
			PluginContext: backend.PluginContext{PluginID: pluginID, User: &backend.User{Login: "ada"},
				DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{UID: "demo", Type: pluginID, JSONData: settings}},
			Queries: []backend.DataQuery{{RefID: "A", TimeRange: backend.TimeRange{From: began.Add(-time.Minute), To: began.Add(time.Hour)}, Interval: 15 * time.Second,
				JSON: json.RawMessage(`{"queryType":"metrics","profileTypeId":"process_cpu:cpu:nanoseconds:cpu:nanoseconds","labelSelector":"{service_name=\"checkout\"}","groupBy":["pod"]` + more + `}`)}},
		})
		require.NoError(t, err)
		answer = response.Responses["A"]
		require.NoError(t, answer.Error)
		require.NotEmpty(t, answer.Frames)
		custom, _ := answer.Frames[0].Meta.Custom.(map[string]any)
		progress, _ := custom["progress"].(map[string]any)
		done, _ = progress["done"].(float64)
		total, _ = progress["total"].(float64)
		execution, _ = progress["execution"].(string)
		return answer, done, total, execution
	}
	want, _, _, _ := ask(processes[2], "")
	bytes := 0.0
	for _, stat := range want.Frames[0].Meta.Stats {
		if stat.DisplayName == "Bytes fetched" {
			bytes = stat.Value
		}
	}
	for _, server := range stack.QueryBackends {
		server.Faults().SetPace(int64(bytes / 2 / 2)) // half of it for each run
	}
	last, executions := make(map[int]float64), make(map[string]int)
	for poll := 0; ; poll++ {
		at := poll % 2
		answer, done, total, execution := ask(processes[at], `,"progress":{"run":"two-processes"}`)
		if total == 0 {
			require.Equal(t, values(t, want), values(t, answer))
			break
		}
		require.GreaterOrEqual(t, done, last[at])
		last[at] = done
		if process, known := executions[execution]; known {
			require.Equal(t, process, at)
		}
		executions[execution] = at
	}
	require.Len(t, last, 2, "each process had a run")
	require.Len(t, executions, 2, "it was not begun anew")
	require.Positive(t, last[0])
	require.Positive(t, last[1])
}

// values are the frames' data, without what they cost.
func values(t *testing.T, answer backend.DataResponse) string {
	t.Helper()
	for _, f := range answer.Frames {
		f.Meta = nil
	}
	text, err := json.Marshal(answer.Frames)
	require.NoError(t, err)
	return string(text)
}
