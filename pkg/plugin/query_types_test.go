package plugin_test

import (
	"maps"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

func checkoutTarget(change map[string]any) map[string]any {
	target := map[string]any{"refId": "A", "profileTypeId": cpuType, "labelSelector": `{service_name="checkout"}`}
	maps.Copy(target, change)
	return target
}

func TestDiff(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, test := range map[string]struct {
		baseline    map[string]any
		left, right bool // which side has data
	}{
		"another selector": {baseline: map[string]any{"labelSelector": `{service_name="search"}`}, left: true, right: true},
		"an earlier time":  {baseline: map[string]any{"timeShift": "1d"}, right: true},
		"a fixed range":    {baseline: map[string]any{"from": "1699999990000", "to": "1700000300000"}, left: true, right: true},
		"a relative range": {baseline: map[string]any{"from": "now-2d", "to": "now-1d"}, right: true},
	} {
		t.Run(name, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "diff", "diff": test.baseline}))["A"]
			require.NoError(t, answer.Error)
			require.Len(t, answer.Frames, 2, "a flame graph and a table")
			flameGraph := answer.Frames[0]
			require.EqualValues(t, data.VisTypeFlameGraph, flameGraph.Meta.PreferredVisualization)
			left, _ := flameGraph.FieldByName("value")
			right, _ := flameGraph.FieldByName("valueRight")
			require.Equal(t, test.left, left.At(0).(int64) > 0)
			require.Equal(t, test.right, right.At(0).(int64) > 0)
		})
	}
	for name, test := range map[string]struct {
		baseline any
		message  string
	}{
		"nothing":           {nil, "diff: the baseline is missing"},
		"empty":             {map[string]any{}, "diff: the baseline is missing"},
		"shift and range":   {map[string]any{"timeShift": "1d", "from": "1", "to": "2"}, "exclude each other"},
		"half a range":      {map[string]any{"from": "1"}, "needs both from and to"},
		"not a duration":    {map[string]any{"timeShift": "yesterday"}, "diff.timeShift"},
		"not a time":        {map[string]any{"from": "then", "to": "now"}, "diff.from"},
		"a broken selector": {map[string]any{"labelSelector": "{"}, "label_selector"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "diff", "diff": test.baseline}))["A"]
			require.ErrorContains(t, answer.Error, test.message)
		})
	}
}

func TestHeatmap(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, test := range map[string]struct {
		change map[string]any
		frames []string
	}{
		"profiles":                {nil, []string{"heatmap"}},
		"profiles with exemplars": {map[string]any{"exemplars": "individual"}, []string{"heatmap", "exemplar"}},
		"spans":                   {map[string]any{"exemplars": "span"}, []string{"heatmap", "exemplar"}},
		"by pod":                  {map[string]any{"groupBy": []string{"pod"}}, []string{"heatmap", "heatmap"}},
	} {
		t.Run(name, func(t *testing.T) {
			change := map[string]any{"queryType": "heatmap"}
			maps.Copy(change, test.change)
			got := queryData(t, datasource, cluster.timeRange, checkoutTarget(change))["A"]
			require.NoError(t, got.Error)
			require.Len(t, got.Frames, len(test.frames))
			require.EqualValues(t, "heatmap-cells", got.Frames[0].Meta.Type)
			for i, name := range test.frames {
				if name == "exemplar" {
					require.Equal(t, name, got.Frames[i].Name)
				}
				require.Positive(t, got.Frames[i].Rows())
			}
		})
	}
}

func TestPlan(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "plan"}))["A"]
	require.NoError(t, answer.Error)
	require.Len(t, answer.Frames, 3, "nodes, edges and a table")
	require.EqualValues(t, data.VisTypeNodeGraph, answer.Frames[0].Meta.PreferredVisualization)
	executor, _ := answer.Frames[0].FieldByName("detail__executor")
	require.NotNil(t, executor)
	require.Contains(t, executor.At(0), "query-backend-", "the plan was executed, with diagnostics")
}

func TestExemplars(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"tracesDatasourceUid": "tempo"}), nil)
	answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "metrics", "exemplars": "individual"}))["A"]
	require.NoError(t, answer.Error)
	last := answer.Frames[len(answer.Frames)-1]
	require.Equal(t, "exemplar", last.Name)
	profileID, _ := last.FieldByName("profileId")
	require.NotNil(t, profileID)
	require.Len(t, profileID.At(0), 36)
}

// Averages of a gauge do not depend on the step, sums do.
func TestAggregation(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	largest := func(aggregation, minStep string) float64 {
		datasource := datasource
		if minStep != "" {
			datasource = newDatasource(t, cluster.settings(map[string]any{"minStep": minStep}), nil)
		}
		answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{
			"queryType": "metrics", "profileTypeId": heapType, "aggregation": aggregation,
		}))["A"]
		require.NoError(t, answer.Error)
		largest := 0.0
		for i := range answer.Frames[0].Rows() {
			value, err := answer.Frames[0].Fields[1].FloatAt(i)
			require.NoError(t, err)
			largest = max(largest, value)
		}
		return largest
	}
	require.Greater(t, largest("sum", "5m"), 1.5*largest("sum", "1s"))
	require.InEpsilon(t, largest("average", "1s"), largest("average", "5m"), 0.5)
}

func TestNotices(t *testing.T) {
	cluster := startCluster(t, "a", "b")
	settings := cluster.settings(map[string]any{"tenants": []string{"a", "b"}})
	datasource := newDatasource(t, settings, nil)
	notices := func(change map[string]any) []string {
		answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(change))["A"]
		require.NoError(t, answer.Error)
		var texts []string
		for _, notice := range answer.Frames[0].Meta.Notices {
			texts = append(texts, notice.Text)
		}
		return texts
	}
	require.Empty(t, notices(map[string]any{"queryType": "profile"}))
	cut := notices(map[string]any{"queryType": "profile", "maxNodes": 16})
	require.Len(t, cut, 1)
	require.Regexp(t, `^The flame graph is cut to 16 nodes: [0-9.]+ % of the total is in nodes named "other"`, cut[0])
	require.Equal(t, []string{"The selector reads 1 of the data source's 2 tenants: b."},
		notices(map[string]any{"queryType": "profile", "labelSelector": `{service_name="checkout",__tenant_id__="b"}`}))
}

// Tables list functions. What was cut off is no function: it is told in a notice.
func TestTablesHaveNoOther(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"maxNodesMax": 30, "maxNodesDefault": 20}), nil)
	for queryType, table := range map[string]int{"topFunctions": 0, "diff": 1} {
		t.Run(queryType, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{
				"queryType": queryType, "diff": map[string]any{"labelSelector": `{service_name="search"}`},
			}))["A"]
			require.NoError(t, answer.Error)
			functions := answer.Frames[table].Fields[0]
			require.Positive(t, functions.Len())
			for i := range functions.Len() {
				require.NotEqual(t, "other", functions.At(i))
			}
		})
	}
	answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "topFunctions"}))["A"]
	require.Len(t, answer.Frames[0].Meta.Notices, 1)
	require.Regexp(t, `^The table is made of 30 nodes: [0-9.]+ % of the total`, answer.Frames[0].Meta.Notices[0].Text)
}

// A range that the lookback limit leaves nothing of is empty, and says why.
func TestRangesBeforeTheLookback(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"maxQueryLookback": "7d"}), nil)
	for _, queryType := range []string{"profile", "metrics", "topFunctions", "heatmap", "plan"} {
		t.Run(queryType, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": queryType}))["A"]
			require.NoError(t, answer.Error)
			require.NotEmpty(t, answer.Frames[0].Meta.Notices)
			require.Contains(t, answer.Frames[0].Meta.Notices[0].Text, "lies before the data source's limit maxQueryLookback")
		})
	}
}

// What the query inspector shows.
func TestInspector(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for _, queryType := range []string{"profile", "metrics", "both", "topFunctions", "heatmap", "plan"} {
		t.Run(queryType, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": queryType}))["A"]
			require.NoError(t, answer.Error)
			meta := answer.Frames[0].Meta
			for _, part := range []string{`service_name="checkout"`, cpuType, " from 2023-11-14T", " to 2023-11-14T", "tenants anonymous", "\nplan: "} {
				require.Contains(t, meta.ExecutedQueryString, part)
			}
			stats := map[string]float64{}
			for _, stat := range meta.Stats {
				stats[stat.DisplayName] = stat.Value
			}
			for _, name := range []string{"Blocks", "Datasets", "Bytes estimated", "Bytes fetched", "Plan leaves"} {
				require.Positive(t, stats[name], name)
			}
		})
	}
}

// profilecli and the old HTTP API take a profile type before the brace. A query has a field
// for it, and would look for a metric of that name.
func TestProfileTypesBeforeTheBrace(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	const profileType = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
	pasted := profileType + `{service_name="checkout"}`
	for name, test := range map[string]struct {
		change map[string]any
		field  string
	}{
		"a flame graph":        {map[string]any{"labelSelector": pasted}, "labelSelector"},
		"alone":                {map[string]any{"labelSelector": profileType}, "labelSelector"},
		"as a matcher":         {map[string]any{"labelSelector": `{__name__="` + profileType + `"}`}, "labelSelector"},
		"functions over time":  {map[string]any{"labelSelector": pasted, "queryType": "functionSeries"}, "labelSelector"},
		"a baseline":           {map[string]any{"queryType": "diff", "diff": map[string]any{"labelSelector": pasted}}, "diff.labelSelector"},
		"the name of a metric": {map[string]any{"labelSelector": `process_cpu{service_name="checkout"}`}, ""},
		"another label":        {map[string]any{"labelSelector": `{__profile_type__="` + profileType + `"}`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(test.change))["A"]
			if test.field == "" {
				require.NoError(t, answer.Error)
				return
			}
			require.ErrorContains(t, answer.Error, test.field+": "+profileType+" is a profile type: put it into the field Profile type (profileTypeId), and begin the selector with its brace")
			require.EqualValues(t, 400, answer.Status)
		})
	}
}
