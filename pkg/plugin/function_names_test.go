package plugin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Editors complete names of functions from what is selected, the largest first.
func TestFunctionNames(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	form := func(end time.Time, changes ...string) url.Values {
		form := url.Values{
			"profileTypeId": {cpuType}, "query": {`{service_name="checkout"}`},
			"start": {fmt.Sprint(cluster.timeRange.From.UnixMilli())}, "end": {fmt.Sprint(end.UnixMilli())},
		}
		for i := 0; i < len(changes); i += 2 {
			form.Set(changes[i], changes[i+1])
		}
		return form
	}
	var names []string
	require.Equal(t, http.StatusOK, callResource(t, datasource, "functionNames", form(cluster.timeRange.To), &names))
	table := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "topFunctions", "limit": 0}))["A"].Frames[0]
	functions, _ := table.FieldByName("function")
	totals, _ := table.FieldByName("total")
	total := make(map[string]int64)
	for i := range table.Rows() {
		total[functions.At(i).(string)] = totals.At(i).(int64)
	}
	require.Len(t, names, len(total))
	for i, name := range names {
		require.Contains(t, total, name)
		if i > 0 {
			require.LessOrEqual(t, total[name], total[names[i-1]], "the largest first")
		}
	}

	require.Equal(t, http.StatusOK, callResource(t, datasource, "functionNames", form(cluster.timeRange.To.Add(2*time.Hour)), &names))
	require.Equal(t, []string{}, names, "only the newest hour is read")
	require.Equal(t, http.StatusOK, callResource(t, datasource, "functionNames", url.Values{"profileTypeId": {cpuType}}, &names))
	require.Equal(t, []string{}, names, "the last hour, of which there is nothing")

	for name, wrong := range map[string]url.Values{
		"no type":     form(cluster.timeRange.To, "profileTypeId", ""),
		"no selector": form(cluster.timeRange.To, "query", "{"),
		"no time":     form(cluster.timeRange.To, "start", "yesterday"),
		"backwards":   form(cluster.timeRange.From.Add(-time.Hour)),
	} {
		t.Run(name, func(t *testing.T) {
			var message struct{ Message string }
			require.Equal(t, http.StatusBadRequest, callResource(t, datasource, "functionNames", wrong, &message))
			require.NotEmpty(t, message.Message)
		})
	}
}
