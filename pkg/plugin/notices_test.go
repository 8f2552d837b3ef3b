package plugin_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// flatTree is a call tree of so many functions side by side, as query-backends write it.
func flatTree(functions int) []byte {
	wire := binary.AppendUvarint([]byte{0, 0}, uint64(functions))
	for i := range functions {
		name := fmt.Sprintf("function%d", i)
		wire = append(binary.AppendUvarint(wire, uint64(len(name))), name...)
		wire = append(binary.AppendUvarint(wire, uint64(functions-i)), 0)
	}
	return wire
}

// A tree that the query-backend did not cut is cut here, which one notice tells, with one number of nodes.
func TestTreesThatAreSentWhole(t *testing.T) {
	cluster := startCluster(t)
	address := serveBackend(t, func(_ context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		response := new(queryv1.InvokeResponse)
		for _, q := range r.GetQuery() {
			require.Equal(t, queryv1.QueryType_QUERY_TREE, q.GetQueryType())
			response.Reports = append(response.Reports, &queryv1.Report{
				ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{Query: q.GetTree(), Tree: flatTree(500)},
			})
		}
		return response, nil
	})
	datasource := newDatasource(t, cluster.settings(map[string]any{"queryBackendAddress": address, "maxNodesMax": 16, "maxNodesDefault": 16}), nil)
	for queryType, want := range map[string][]string{
		"profile":      {`^The query-backend sent a call tree of 501 nodes, more than it was asked for\. It is cut to 16 nodes: [0-9.]+ % of the total is in nodes named "other"\.$`},
		"topFunctions": {`^The query-backend sent .* The table is made of 16 nodes: [0-9.]+ % of the total is in stacks that were cut off\.$`},
		"diff": {
			`^The query-backend sent a call tree of 501 nodes for the baseline, more .* It is cut to 16 nodes\.$`,
			`^The query-backend sent a call tree of 501 nodes for the query, more .* It is cut to 16 nodes\.$`,
		},
	} {
		t.Run(queryType, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{
				"queryType": queryType, "diff": map[string]any{"timeShift": "1m"},
			}))["A"]
			require.NoError(t, answer.Error)
			notices := noticesOf(t, answer)
			require.Len(t, notices, len(want), notices)
			for i, pattern := range want {
				require.Regexp(t, pattern, notices[i])
			}
		})
	}
}

// Profiles of the last minute make no point in a range whose steps are hours: which is told, and told only then.
func TestProfilesAfterTheLastStep(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"maxQueryLength": "0"}), nil)
	// The profiles begin at 22:13 and last for minutes.
	end := cluster.timeRange.To
	month := backend.TimeRange{From: end.Add(-30 * 24 * time.Hour), To: end}
	for _, test := range []struct {
		name   string
		step   time.Duration
		change map[string]any
		want   string
	}{
		{"flame graph and metrics", time.Hour, map[string]any{"queryType": "both"}, "There is no graph: the profiles are newer than the last whole step, which ends at 2023-11-14T22:00:00Z."},
		{"metrics", time.Hour, map[string]any{"queryType": "metrics"}, "There are no profiles in whole steps of 1h, the last of which ends at 2023-11-14T22:00:00Z."},
		{"heat map", time.Hour, map[string]any{"queryType": "heatmap"}, "There are no profiles in whole steps of 1h"},
		{"nothing at all", time.Hour, map[string]any{"queryType": "both", "labelSelector": `{service_name="none"}`}, ""},
		{"a short step", 5 * time.Minute, map[string]any{"queryType": "both"}, ""},
		{"a flame graph alone", time.Hour, map[string]any{"queryType": "profile"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := queryDataEvery(t, datasource, month, test.step, checkoutTarget(test.change))["A"]
			require.NoError(t, answer.Error)
			notices := noticesOf(t, answer)
			if test.want == "" {
				require.Empty(t, notices)
				return
			}
			require.Len(t, notices, 1)
			require.Contains(t, notices[0], test.want)
		})
	}
}

// A diff against nothing is no error: it says which side is empty, and where it looked.
func TestDiffsWithAnEmptySide(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	const nobody = `{service_name="nobody"}`
	at := func(moment time.Time) string { return moment.UTC().Format(time.RFC3339) }
	day := func(moment time.Time) time.Time { return moment.Add(-24 * time.Hour) }
	from, to := cluster.timeRange.From, cluster.timeRange.To
	checkout := checkoutTarget(nil)["labelSelector"]
	for name, test := range map[string]struct {
		change map[string]any
		want   string
	}{
		"both are there":    {map[string]any{"diff": map[string]any{"labelSelector": `{service_name="search"}`}}, ""},
		"an earlier time":   {map[string]any{"diff": map[string]any{"timeShift": "1d"}}, fmt.Sprintf("The baseline is empty, so that everything seems to be new: there are no samples of %s from %s to %s.", checkout, at(day(from)), at(day(to)))},
		"another selector":  {map[string]any{"diff": map[string]any{"labelSelector": nobody}}, fmt.Sprintf("The baseline is empty, so that everything seems to be new: there are no samples of %s from %s to %s.", nobody, at(from), at(to))},
		"the query":         {map[string]any{"labelSelector": nobody, "diff": map[string]any{"labelSelector": checkout}}, fmt.Sprintf("Only the baseline has data, so that everything seems to be gone: for the query, there are no samples of %s from %s to %s.", nobody, at(from), at(to))},
		"neither is there":  {map[string]any{"labelSelector": nobody, "diff": map[string]any{"timeShift": "1d"}}, fmt.Sprintf("There is nothing to compare: the baseline has no samples of %s from %s to %s, and the query has no samples of %s from %s to %s.", nobody, at(day(from)), at(day(to)), nobody, at(from), at(to))},
		"one function less": {map[string]any{"callSite": []string{"nosuch"}, "diff": map[string]any{"labelSelector": checkout}}, "There is nothing to compare"},
	} {
		t.Run(name, func(t *testing.T) {
			target := checkoutTarget(map[string]any{"queryType": "diff"})
			maps.Copy(target, test.change)
			answer := queryData(t, datasource, cluster.timeRange, target)["A"]
			require.NoError(t, answer.Error)
			require.Len(t, answer.Frames, 2)
			notices := noticesOf(t, answer)
			if test.want == "" {
				require.Empty(t, notices)
				return
			}
			require.Len(t, notices, 1, "told once, and seen in a panel of either frame")
			require.Contains(t, notices[0], test.want)
		})
	}
}

// A rate of a step that is shorter than what a profile covers is too high, and falls as one
// zooms out: which is told, with the step that ends it.
func TestRatesOfSparseProfiles(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"minStep": "1s"}), nil)
	const notice = "and the step is 5s: a rate is what came in a step, divided by the step, and falls as you zoom out."
	for name, test := range map[string]struct {
		step   time.Duration
		change map[string]any
		told   bool
	}{
		"a short step":               {5 * time.Second, map[string]any{"groupBy": []string{"pod"}}, true},
		"an average":                 {5 * time.Second, map[string]any{"groupBy": []string{"pod"}, "aggregation": "average"}, false},
		"memory in use":              {5 * time.Second, map[string]any{"groupBy": []string{"pod"}, "profileTypeId": heapType}, false},
		"a step of the profiles":     {time.Minute, map[string]any{"groupBy": []string{"pod"}}, false},
		"the rate of functions":      {5 * time.Second, map[string]any{"queryType": "functionSeries", "functions": ".*mallocgc.*", "show": "rate"}, true},
		"the share of functions":     {5 * time.Second, map[string]any{"queryType": "functionSeries", "functions": ".*mallocgc.*"}, false},
		"nothing":                    {5 * time.Second, map[string]any{"labelSelector": `{service_name="nobody"}`}, false},
		"a flame graph has no steps": {5 * time.Second, map[string]any{"queryType": "profile"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			target := checkoutTarget(map[string]any{"queryType": "metrics"})
			maps.Copy(target, test.change)
			notices := fmt.Sprint(noticesOf(t, queryDataEvery(t, datasource, cluster.timeRange, test.step, target)["A"]))
			require.Equal(t, test.told, strings.Contains(notices, notice), notices)
		})
	}
}
