package plugin_test

import (
	"encoding/json"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

var (
	inRule       = map[string]string{backend.FromAlertHeaderName: "true"}
	inExpression = map[string]string{"http_X-Grafana-From-Expr": "true"}
)

func TestTypesThatAreNotForRules(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for _, queryType := range []string{"profile", "diff", "heatmap", "plan"} {
		t.Run(queryType, func(t *testing.T) {
			target := checkoutTarget(map[string]any{"queryType": queryType, "diff": map[string]any{"timeShift": "1d"}})
			rule := queryDataWith(t, datasource, cluster.timeRange, inRule, target)["A"]
			require.ErrorContains(t, rule.Error, "query type "+queryType+" is not for alert rules: use metrics, topFunctions or functionSeries")
			require.Equal(t, backend.StatusBadRequest, rule.Status)
			expression := queryDataWith(t, datasource, cluster.timeRange, inExpression, target)["A"]
			require.ErrorContains(t, expression.Error, "query type "+queryType+" is not for expressions")
			require.NoError(t, queryData(t, datasource, cluster.timeRange, target)["A"].Error)
		})
	}
	for _, queryType := range []string{"metrics", "both", "topFunctions"} {
		t.Run(queryType, func(t *testing.T) {
			answer := queryDataWith(t, datasource, cluster.timeRange, inRule, checkoutTarget(map[string]any{"queryType": queryType}))["A"]
			require.NoError(t, answer.Error)
			require.NotEmpty(t, answer.Frames)
		})
	}
}

func TestOwnTypeWinsOverTheEnvelope(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, test := range map[string]struct{ own, envelope, frame string }{
		"the type was just changed":       {own: "topFunctions", envelope: "metrics", frame: "functions"},
		"the query says nothing":          {envelope: "topFunctions", frame: "functions"},
		"only the query has a type":       {own: "topFunctions", frame: "functions"},
		"the envelope lags from top to …": {own: "metrics", envelope: "topFunctions"},
	} {
		t.Run(name, func(t *testing.T) {
			target := checkoutTarget(map[string]any{})
			if test.own != "" {
				target["queryType"] = test.own
			}
			raw, err := json.Marshal(target)
			require.NoError(t, err)
			response, err := datasource.QueryData(t.Context(), &backend.QueryDataRequest{
				PluginContext: backend.PluginContext{},
				Queries:       []backend.DataQuery{{RefID: "A", QueryType: test.envelope, TimeRange: cluster.timeRange, JSON: raw}},
			})
			require.NoError(t, err)
			answer := response.Responses["A"]
			require.NoError(t, answer.Error)
			require.Equal(t, test.frame == "functions", answer.Frames[0].Name == "functions")
		})
	}
}

// A dashboard of the core data source that is public: no front end makes one of
// the two of "both", and the flame graph panel takes the first frame.
func TestBothDrawsInAFlameGraphPanel(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "both"}))["A"]
	require.NoError(t, answer.Error)
	require.EqualValues(t, data.VisTypeFlameGraph, answer.Frames[0].Meta.PreferredVisualization)
	require.Greater(t, len(answer.Frames), 1)
	for _, series := range answer.Frames[1:] {
		require.Equal(t, data.FieldTypeTime, series.Fields[0].Type())
	}
}

func TestRulesOnFunctionsAreBounded(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	shares := func(change map[string]any) ([]float64, []data.Notice) {
		change["queryType"] = "topFunctions"
		answer := queryDataWith(t, datasource, cluster.timeRange, inRule, checkoutTarget(change))["A"]
		require.NoError(t, answer.Error)
		field, _ := answer.Frames[0].FieldByName("share")
		require.NotNil(t, field)
		values := make([]float64, field.Len())
		for i := range values {
			values[i] = field.At(i).(float64)
		}
		return values, answer.Frames[0].Meta.Notices
	}
	preset, notices := shares(map[string]any{})
	require.Len(t, preset, 10)
	require.IsNonIncreasing(t, preset, "those with the largest total share, which is what the rule compares")
	require.Contains(t, noticeTexts(notices), "Name the functions to watch")
	three, _ := shares(map[string]any{"limit": 3})
	require.Equal(t, preset[:3], three)
	matching, _ := shares(map[string]any{"functions": ".*"})
	require.LessOrEqual(t, len(matching), 100)
	require.Greater(t, len(matching), 10)
	everything, _ := shares(map[string]any{"limit": 100_000})
	require.LessOrEqual(t, len(everything), 100)
}

func noticeTexts(notices []data.Notice) string {
	var all string
	for _, notice := range notices {
		all += notice.Text + "\n"
	}
	return all
}
