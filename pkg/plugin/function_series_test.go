package plugin_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

// functionPoints are a series' values by time.
func functionPoints(t *testing.T, f *data.Frame) (function string, points map[time.Time]float64) {
	t.Helper()
	require.Len(t, f.Fields, 2)
	points = make(map[time.Time]float64)
	for i := range f.Rows() {
		points[f.Fields[0].At(i).(time.Time)] = f.Fields[1].At(i).(float64)
	}
	return f.Fields[1].Labels["function"], points
}

// tableOf asks for the table of functions of one step.
func tableOf(t *testing.T, ask func(backend.TimeRange) backend.DataResponse, end time.Time, step time.Duration) map[string]map[string]float64 {
	t.Helper()
	answer := ask(backend.TimeRange{From: end.Add(-step + time.Millisecond), To: end})
	require.NoError(t, answer.Error)
	rows := make(map[string]map[string]float64)
	f := answer.Frames[0]
	names, _ := f.FieldByName("function")
	for i := range f.Rows() {
		row := make(map[string]float64)
		for _, column := range []string{"self", "total", "share"} {
			field, _ := f.FieldByName(column)
			value, err := field.FloatAt(i)
			require.NoError(t, err)
			row[column] = value
		}
		rows[names.At(i).(string)] = row
	}
	return rows
}

// What a series says of a step is what a table of functions says of the same range: over
// ranges, steps and selections.
func TestFunctionSeriesAreTablesOfEachStep(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"minStep": "1s"}), nil)
	random := rand.New(rand.NewPCG(1, 2))
	selectors := []string{`{service_name="checkout"}`, `{service_name=~"checkout|search"}`, `{}`}
	compared := 0
	for n := range 12 {
		step := []time.Duration{10 * time.Second, 15 * time.Second, 20 * time.Second, time.Minute}[random.IntN(4)]
		from := cluster.timeRange.From.Add(time.Duration(random.IntN(60_000)) * time.Millisecond)
		timeRange := backend.TimeRange{From: from, To: from.Add(time.Duration(30+random.IntN(90)) * time.Second)}
		target := map[string]any{"labelSelector": selectors[n%len(selectors)], "functions": []string{`runtime\..*`, `.*`, ""}[n%3]}
		measure, show := []string{"self", "total"}[n%2], []string{"share", "value", "rate"}[n%3]
		t.Run(fmt.Sprint(target, step, measure, show), func(t *testing.T) {
			answer := queryDataEvery(t, datasource, timeRange, step, checkoutTarget(target), checkoutTarget(map[string]any{
				"refId": "B", "queryType": "functionSeries", "measure": measure, "show": show, "limit": 30,
				"labelSelector": target["labelSelector"], "functions": target["functions"],
			}))["B"]
			require.NoError(t, answer.Error)
			tables := make(map[time.Time]map[string]map[string]float64)
			for _, f := range answer.Frames {
				if len(f.Fields) == 0 {
					continue
				}
				function, points := functionPoints(t, f)
				for at, value := range points {
					require.Zero(t, at.UnixMilli()%step.Milliseconds(), "on the grid")
					if len(points) > 1 { // else no whole step may be in the range, and the newest one is shown
						require.False(t, at.Add(-step+time.Millisecond).Before(timeRange.From), "a whole step")
					}
					require.False(t, at.After(timeRange.To))
					if tables[at] == nil {
						tables[at] = tableOf(t, func(r backend.TimeRange) backend.DataResponse {
							return queryData(t, datasource, r, checkoutTarget(map[string]any{
								"queryType": "topFunctions", "limit": 0, "maxNodes": 1 << 16, "labelSelector": target["labelSelector"], "functions": target["functions"],
							}))["A"]
						}, at, step)
					}
					row := tables[at][function]
					want := row[measure]
					switch {
					case show == "rate":
						want = want / step.Seconds() / 1e9
					case show == "share" && measure == "total":
						want = row["share"]
					case show == "share":
						want = -1
						if row["total"] > 0 && row["share"] > 0 {
							want = row["self"] / (row["total"] / row["share"])
						} else if row["self"] == 0 {
							want = 0
						}
					}
					require.InDelta(t, want, value, 1e-9+1e-9*want)
					compared++
				}
			}
		})
	}
	require.Greater(t, compared, 100)
}

// However many steps there are, the metastore is asked once, and each step is read once.
func TestFunctionSeriesShareMetadata(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"minStep": "1s"}), nil)
	before := cluster.Metastore.Requests(0)
	answer := queryDataEvery(t, datasource, cluster.timeRange, 5*time.Second, checkoutTarget(map[string]any{"queryType": "functionSeries"}))["A"]
	require.NoError(t, answer.Error)
	require.Equal(t, 1, cluster.Metastore.Requests(0).QueryMetadata-before.QueryMetadata)
	require.Len(t, answer.Frames, 10, "without a limit")
	require.NotContains(t, answer.Frames[0].Meta.ExecutedQueryString, "\n", "one line for all steps")
}

func TestFunctionSeriesHaveABoundedNumberOfSteps(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"minStep": "1s"}), nil)
	day := backend.TimeRange{From: cluster.timeRange.To.Add(-24 * time.Hour), To: cluster.timeRange.To}
	answer := queryDataEvery(t, datasource, day, 15*time.Second, checkoutTarget(map[string]any{"queryType": "functionSeries"}))["A"]
	require.Contains(t, noticesOf(t, answer), "The step is 23m45s: there are at most 60 steps, each with a call tree of its own.")
	for _, server := range cluster.QueryBackends {
		require.LessOrEqual(t, server.Faults().Requests(), int64(60))
	}
}

// A rule compares one number a function, told apart by the label.
func TestFunctionSeriesAreForRules(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	answer := queryDataWith(t, datasource, cluster.timeRange, map[string]string{backend.FromAlertHeaderName: "true"},
		checkoutTarget(map[string]any{"queryType": "functionSeries", "functions": `runtime\.(mcall|schedule)`}))["A"]
	require.NoError(t, answer.Error)
	require.Len(t, answer.Frames, 2)
	for _, f := range answer.Frames {
		require.Equal(t, data.FrameTypeTimeSeriesMulti, f.Meta.Type)
		require.Equal(t, "percentunit", f.Fields[1].Config.Unit)
		require.Equal(t, f.Fields[1].Labels["function"], f.Fields[1].Config.DisplayNameFromDS)
	}
	long := backend.TimeRange{From: cluster.timeRange.To.Add(-48 * time.Hour), To: cluster.timeRange.To}
	answer = queryDataWith(t, datasource, long, map[string]string{backend.FromAlertHeaderName: "true"}, checkoutTarget(map[string]any{"queryType": "functionSeries"}))["A"]
	require.ErrorContains(t, answer.Error, "maxQueryLength")
	answer = queryData(t, datasource, long, checkoutTarget(map[string]any{"queryType": "functionSeries"}))["A"]
	require.NoError(t, answer.Error)
	require.Contains(t, fmt.Sprint(noticesOf(t, answer)), "Only the newest part is shown")
}

func TestFunctionSeriesThatCannotBe(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, test := range map[string]struct {
		change  map[string]any
		message string
	}{
		"a measure":      {map[string]any{"measure": "mean"}, `measure: "mean" is no measure of a function, allowed are total and self`},
		"what is shown":  {map[string]any{"show": "percent"}, `show: "percent" cannot be shown of a function, allowed are share, rate and value`},
		"no functions":   {map[string]any{"limit": 0}, "limit: 0 functions, allowed are 1 to 100"},
		"too many":       {map[string]any{"limit": 101}, "limit: 101 functions, allowed are 1 to 100"},
		"an expression":  {map[string]any{"functions": "("}, "functions: "},
		"a selector":     {map[string]any{"labelSelector": "{"}, "label_selector: "},
		"too many nodes": {map[string]any{"maxNodes": 1 << 30}, "max_nodes: "},
	} {
		t.Run(name, func(t *testing.T) {
			target := checkoutTarget(map[string]any{"queryType": "functionSeries"})
			for field, value := range test.change {
				target[field] = value
			}
			answer := queryData(t, datasource, cluster.timeRange, target)["A"]
			require.ErrorContains(t, answer.Error, test.message)
			require.EqualValues(t, 400, answer.Status)
		})
	}
	t.Run("nothing there", func(t *testing.T) {
		answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "functionSeries", "labelSelector": `{service_name="nobody"}`}))["A"]
		require.NoError(t, answer.Error)
		require.Len(t, answer.Frames, 1)
		require.Empty(t, answer.Frames[0].Fields)
	})
}

// The default stays total, which alert rules rely on. Where nobody chose it, and no
// function is named, a panel says what it comes to.
func TestFunctionSeriesOfNoNames(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	const roots = "largest totals are those of the roots of stacks"
	for name, test := range map[string]struct {
		change map[string]any
		told   bool
	}{
		"nothing chosen":  {map[string]any{}, true},
		"empty text box":  {map[string]any{"functions": ".*"}, true},
		"total chosen":    {map[string]any{"measure": "total"}, false},
		"self chosen":     {map[string]any{"measure": "self"}, false},
		"functions named": {map[string]any{"functions": `runtime\..*`}, false},
		"nothing there":   {map[string]any{"labelSelector": `{service_name="nobody"}`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			target := checkoutTarget(map[string]any{"queryType": "functionSeries"})
			maps.Copy(target, test.change)
			notices := fmt.Sprint(noticesOf(t, queryData(t, datasource, cluster.timeRange, target)["A"]))
			require.Equal(t, test.told, strings.Contains(notices, roots), notices)
		})
	}
}
