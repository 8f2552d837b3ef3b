package plugin_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// startLinkedDatasource starts a data source that links can lead to.
func startLinkedDatasource(t *testing.T, cluster cluster) *plugin.Datasource {
	t.Helper()
	raw, err := json.Marshal(cluster.settings(nil))
	require.NoError(t, err)
	instance, err := plugin.NewFactory(prometheus.NewRegistry(), memory.NewBudget(4<<30)).NewDatasource(context.Background(), backend.DataSourceInstanceSettings{UID: "profiles", JSONData: raw})
	require.NoError(t, err)
	datasource := instance.(*plugin.Datasource)
	t.Cleanup(datasource.Dispose)
	return datasource
}

// An exemplar's id leads to the flame graph of what it is of, whose total is the value that
// the exemplar has.
func TestExemplarsLeadToFlameGraphs(t *testing.T) {
	cluster := startCluster(t)
	datasource := startLinkedDatasource(t, cluster)
	for name, test := range map[string]struct {
		target map[string]any
		field  string
		whole  bool // the exemplar stands for all there is of its id
	}{
		"profiles of a series":   {map[string]any{"queryType": "metrics", "exemplars": "individual"}, "profileId", true},
		"profiles of a heat map": {map[string]any{"queryType": "heatmap", "exemplars": "individual"}, "profileId", true},
		"spans of a heat map":    {map[string]any{"queryType": "heatmap", "exemplars": "span"}, "spanId", false},
	} {
		t.Run(name, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(test.target))["A"]
			require.NoError(t, answer.Error)
			exemplars := answer.Frames[len(answer.Frames)-1]
			require.Equal(t, "exemplar", exemplars.Name)
			field, _ := exemplars.FieldByName(test.field)
			require.NotNil(t, field)
			require.Len(t, field.Config.Links, 1)
			link := field.Config.Links[0]
			require.Equal(t, "profiles", link.Internal.DatasourceUID)

			query, err := json.Marshal(link.Internal.Query)
			require.NoError(t, err)
			var target map[string]any
			require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(query), "${__value.raw}", field.At(0).(string))), &target))
			flameGraph := queryData(t, datasource, cluster.timeRange, target)["A"]
			require.NoError(t, flameGraph.Error)
			require.EqualValues(t, data.VisTypeFlameGraph, flameGraph.Frames[0].Meta.PreferredVisualization)
			total, _ := flameGraph.Frames[0].FieldByName("value")
			if test.whole {
				require.Equal(t, valueOf(exemplars, 0), total.At(0).(int64))
			} else {
				require.GreaterOrEqual(t, total.At(0).(int64), valueOf(exemplars, 0))
			}
		})
	}
}

// valueOf is what an exemplar stands for, as it is stored.
func valueOf(exemplars *data.Frame, row int) int64 {
	if stored, _ := exemplars.FieldByName("profileValue"); stored != nil {
		return stored.At(row).(int64)
	}
	shown, _ := exemplars.FieldByName("Value")
	return int64(shown.At(row).(float64))
}
