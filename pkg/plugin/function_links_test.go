package plugin_test

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// grafanasRegex is what Grafana's format "regex" escapes.
var grafanasRegex = regexp.MustCompile(`[\\^$*+?.()|\[\]{}/]`)

// A name in the table of functions leads to what this function took over time, whose steps
// add up to what the table says.
func TestFunctionsLeadToTheirSeries(t *testing.T) {
	cluster := startCluster(t)
	raw, err := json.Marshal(cluster.settings(map[string]any{"minStep": "1s"}))
	require.NoError(t, err)
	instance, err := plugin.NewFactory(prometheus.NewRegistry(), memory.NewBudget(4<<30)).NewDatasource(context.Background(), backend.DataSourceInstanceSettings{UID: "profiles", JSONData: raw})
	require.NoError(t, err)
	datasource := instance.(*plugin.Datasource)
	t.Cleanup(datasource.Dispose)
	// Whole steps, so that the table and the series are of the same time.
	timeRange := backend.TimeRange{From: cluster.timeRange.From.Truncate(time.Minute).Add(time.Millisecond), To: cluster.timeRange.To.Truncate(time.Minute).Add(time.Minute)}
	table := queryData(t, datasource, timeRange, checkoutTarget(map[string]any{
		"queryType": "topFunctions", "limit": 0, "labelSelector": `{service_name=~"checkout|search"}`, "callSite": []string{"sync.(*WaitGroup).Go.func1"},
	}))["A"].Frames[0]
	functions, _ := table.FieldByName("function")
	totals, _ := table.FieldByName("total")
	require.Len(t, functions.Config.Links, 1)
	link := functions.Config.Links[0]
	require.Equal(t, "profiles", link.Internal.DatasourceUID)
	query, err := json.Marshal(link.Internal.Query)
	require.NoError(t, err)

	strange := 0
	for i := range table.Rows() {
		name := functions.At(i).(string)
		switch isStrange := strings.ContainsAny(name, "(*["); {
		case isStrange && strange < 5:
			strange++
		case i > 5:
			continue
		}
		escaped, err := json.Marshal(grafanasRegex.ReplaceAllString(name, `\$0`))
		require.NoError(t, err)
		var target map[string]any
		require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(query), `"${__value.raw:regex}"`, string(escaped))), &target))
		target["show"] = "value"
		answer := queryDataEvery(t, datasource, timeRange, time.Minute, target)["A"]
		require.NoError(t, answer.Error)
		require.Len(t, answer.Frames, 1)
		function, points := functionPoints(t, answer.Frames[0])
		require.Equal(t, name, function)
		sum := 0.0
		for _, value := range points {
			sum += value
		}
		require.InDelta(t, float64(totals.At(i).(int64)), sum, 0.5)
	}
	require.Positive(t, strange, "names with what means something in an expression")

	rule := queryDataWith(t, datasource, timeRange, map[string]string{backend.FromAlertHeaderName: "true"}, checkoutTarget(map[string]any{"queryType": "topFunctions", "functions": "runtime.*"}))["A"]
	require.NoError(t, rule.Error)
	names, _ := rule.Frames[0].FieldByName("function")
	require.True(t, names.Config == nil || len(names.Config.Links) == 0, "nobody clicks on a rule")
}

// A function that changed leads to what it took over time, and to the flame graph of the
// same two sides.
func TestChangedFunctionsLeadOn(t *testing.T) {
	cluster := startCluster(t)
	datasource := startLinkedDatasource(t, cluster)
	asked := checkoutTarget(map[string]any{"queryType": "diff", "diff": map[string]any{"labelSelector": `{service_name="search"}`}})
	frames := queryData(t, datasource, cluster.timeRange, asked)["A"].Frames
	require.Len(t, frames, 2)
	var series, diff map[string]any
	for name, query := range map[string]*map[string]any{"function": &series, "shareChange": &diff} {
		field, _ := frames[1].FieldByName(name)
		require.Len(t, field.Config.Links, 1, "a cell of two does not look like a link")
		require.Equal(t, "profiles", field.Config.Links[0].Internal.DatasourceUID)
		raw, err := json.Marshal(field.Config.Links[0].Internal.Query)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, query))
	}
	require.Equal(t, "functionSeries", series["queryType"])
	require.NotContains(t, series, "diff")
	require.Equal(t, asked["diff"], diff["diff"], "the baseline as it was asked for")
	linked := queryData(t, datasource, cluster.timeRange, diff)["A"].Frames
	require.Len(t, linked, 2)
	require.Equal(t, frames[0].Fields, linked[0].Fields, "the same flame graph")
}
