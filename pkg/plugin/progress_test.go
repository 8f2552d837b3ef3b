package plugin_test

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

const someRun = "0f8fad5bd9cb469fa16570867728950e"

// startFineCluster is a cluster with the recorded profiles again and again, in many blocks.
func startFineCluster(t testing.TB) cluster {
	t.Helper()
	store, err := fineStore()
	require.NoError(t, err)
	return startFineClusterOf(t, store)
}

func startFineClusterOf(t testing.TB, store *blockstore.Store) cluster {
	t.Helper()
	stack, err := devstack.Start(store, devstack.Config{MetastoreNodes: 1, QueryBackends: 3})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	return cluster{Stack: stack, timeRange: backend.TimeRange{From: firstProfile.Add(-time.Minute), To: firstProfile.Add(fineTimes*fineApart + time.Minute)}}
}

const fineTimes, fineApart = 6, 2 * time.Minute

// fineStore is made once: nobody changes it.
var fineStore = sync.OnceValues(func() (*blockstore.Store, error) {
	recordings, err := devstack.Recordings()
	if err != nil {
		return nil, err
	}
	store := blockstore.New()
	for i := range fineTimes {
		if err := devstack.Load(store, "anonymous", recordings, firstProfile.Add(time.Duration(i)*fineApart)); err != nil {
			return nil, err
		}
	}
	return store, nil
})

// inRun is a target of a run.
func inRun(change map[string]any) map[string]any {
	target := checkoutTarget(map[string]any{"progress": map[string]any{"run": someRun}})
	maps.Copy(target, change)
	return target
}

// slowDown makes a query-backend take about so long for the flame graph of checkout.
func slowDown(t testing.TB, cluster cluster, takes time.Duration) {
	t.Helper()
	answer := queryData(t, newDatasource(t, cluster.settings(nil), nil), cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile"}))["A"]
	require.NoError(t, answer.Error)
	bytes := 0.0
	for _, stat := range answer.Frames[0].Meta.Stats {
		if stat.DisplayName == "Bytes fetched" {
			bytes = stat.Value
		}
	}
	require.Positive(t, bytes)
	for _, server := range cluster.QueryBackends {
		server.Faults().SetPace(int64(bytes / takes.Seconds() / float64(len(cluster.QueryBackends))))
	}
}

// A viewer asks for the same targets again and again, as the front end does.
type viewer struct {
	datasource *plugin.Datasource
	request    *backend.QueryDataRequest
}

func view(t testing.TB, datasource *plugin.Datasource, cluster cluster, targets ...map[string]any) viewer {
	t.Helper()
	request := new(backend.QueryDataRequest)
	for _, target := range targets {
		raw, err := json.Marshal(target)
		require.NoError(t, err)
		request.Queries = append(request.Queries, backend.DataQuery{RefID: target["refId"].(string), TimeRange: cluster.timeRange, Interval: 15 * time.Second, JSON: raw})
	}
	return viewer{datasource, request}
}

func (v viewer) poll(ctx context.Context, t testing.TB) backend.Responses {
	t.Helper()
	response, err := v.datasource.QueryData(ctx, v.request)
	require.NoError(t, err)
	return response.Responses
}

// progressIn is how much of an answer there is, nil where it is whole.
func progressIn(t testing.TB, answer backend.DataResponse) *frame.Progress {
	t.Helper()
	require.NoError(t, answer.Error)
	if len(answer.Frames) == 0 || answer.Frames[0].Meta == nil {
		return nil
	}
	custom, err := json.Marshal(answer.Frames[0].Meta.Custom)
	require.NoError(t, err)
	var in struct {
		Progress *frame.Progress `json:"progress"`
	}
	_ = json.Unmarshal(custom, &in) // other frames have other things there
	return in.Progress
}

// shown is what people see of an answer, without what it cost. Names are numbered in any
// order.
func shown(t testing.TB, answer backend.DataResponse) string {
	t.Helper()
	require.NoError(t, answer.Error)
	for _, f := range answer.Frames {
		if f.Meta != nil {
			f.Meta.Stats, f.Meta.ExecutedQueryString = nil, ""
		}
		for i, field := range f.Fields {
			if c := field.Config; c != nil && c.TypeConfig != nil && c.TypeConfig.Enum != nil {
				names := make([]string, field.Len())
				for row := range names {
					names[row] = c.TypeConfig.Enum.Text[field.At(row).(data.EnumItemIndex)]
				}
				f.Fields[i] = data.NewField(field.Name, nil, names)
			}
		}
	}
	text, err := json.Marshal(answer)
	require.NoError(t, err)
	return string(text)
}

// What takes long is seen before it is whole, grows, and is in the end what it would have
// been at once.
func TestPicturesUntilTheAnswerIsWhole(t *testing.T) {
	cluster := startFineCluster(t)
	targets, wants := make(map[string]map[string]any), make(map[string]string)
	for _, queryType := range []string{"profile", "metrics", "both", "topFunctions", "diff", "heatmap"} {
		fields := map[string]any{"queryType": queryType, "diff": map[string]any{"labelSelector": `{service_name="frontend"}`}}
		targets[queryType] = inRun(fields)
		// Without a run: on a busy machine, a poll of one could be answered with a picture.
		wants[queryType] = shown(t, queryData(t, newDatasource(t, cluster.settings(nil), nil), cluster.timeRange, checkoutTarget(fields))["A"])
	}
	slowDown(t, cluster, time.Second)
	for queryType, target := range targets {
		t.Run(queryType, func(t *testing.T) {
			want := wants[queryType]
			datasource := newDatasource(t, cluster.settings(nil), nil)
			datasource.HurryRuns(10, time.Minute, 10)
			v := view(t, datasource, cluster, target)
			pictures, last := 0, frame.Progress{}
			for {
				answer := v.poll(t.Context(), t)["A"]
				p := progressIn(t, answer)
				if p == nil {
					require.True(t, want == shown(t, answer), "the last picture is another than that of a query at once") // they are too long to print
					break
				}
				if p.Total == 0 {
					continue // not known yet
				}
				require.GreaterOrEqual(t, p.Done, last.Done)
				require.LessOrEqual(t, p.Done, p.Total)
				last = *p
				if len(answer.Frames[0].Fields) == 0 {
					continue // nothing new
				}
				pictures++
				require.Len(t, noticesOf(t, answer), 1)
				require.Regexp(t, `^\d+ % of \S+ (k|M)B, newest first(, about \d+ s left)?$`, noticesOf(t, answer)[0])
				require.Equal(t, data.NoticeSeverityInfo, answer.Frames[0].Meta.Notices[0].Severity)
			}
			require.GreaterOrEqual(t, pictures, 2)
			t.Logf("%d pictures", pictures)
		})
	}
}

// Each target has its own progress; the request goes on until all are whole.
func TestTargetsOfARunEndTogether(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Second)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	datasource.HurryRuns(10, time.Minute, 10)
	v := view(t, datasource, cluster,
		inRun(map[string]any{"queryType": "profile"}),
		inRun(map[string]any{"refId": "B", "queryType": "profile", "labelSelector": `{service_name="nobody"}`}),
		inRun(map[string]any{"refId": "C", "queryType": "profile", "profileTypeId": "what"}))
	wholeBefore := false
	for {
		answers := v.poll(t.Context(), t)
		require.Len(t, answers, 3)
		require.ErrorContains(t, answers["C"].Error, "what")
		a, b := progressIn(t, answers["A"]), progressIn(t, answers["B"])
		if a == nil {
			require.Nil(t, b)
			break
		}
		wholeBefore = wholeBefore || b == nil
	}
	require.True(t, wholeBefore, "what is whole is shown as such while the others are not")
}

// inFlight is how many calls the query-backends work on.
func inFlight(cluster cluster) (n int64) {
	for _, server := range cluster.QueryBackends {
		n += server.Faults().InFlight()
	}
	return n
}

func requests(cluster cluster) (n int64) {
	for _, server := range cluster.QueryBackends {
		n += server.Faults().Requests()
	}
	return n
}

// A reader who leaves, a data source that is changed and a run that nobody asks for take
// the calls along, at once.
func TestRunsEndOnTheCluster(t *testing.T) {
	for name, test := range map[string]struct {
		idle time.Duration
		end  func(cancel context.CancelFunc, datasource *plugin.Datasource)
	}{
		"the reader leaves": {idle: time.Minute, end: func(cancel context.CancelFunc, _ *plugin.Datasource) { cancel() }},
		"settings change":   {idle: time.Minute, end: func(_ context.CancelFunc, d *plugin.Datasource) { d.Dispose() }},
		"nobody asks":       {idle: 10 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := startFineCluster(t)
			slowDown(t, cluster, time.Minute)
			lines := plugin.RecordLogs(t)
			datasource := newDatasource(t, cluster.settings(nil), nil)
			datasource.HurryRuns(10, test.idle, 10)
			v := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile"}))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var polling sync.WaitGroup
			if test.end == nil {
				v.poll(ctx, t)
			} else {
				polling.Go(func() { v.poll(ctx, t) })
				awaitCall(t, cluster)
				test.end(cancel, datasource)
			}
			left := time.Now()
			for inFlight(cluster) > 0 {
				require.Less(t, time.Since(left), 2*time.Second)
				time.Sleep(time.Millisecond)
			}
			t.Logf("the calls ended within %s", time.Since(left))
			polling.Wait()
			require.Eventually(t, func() bool { return len(lines()) == 1 }, time.Second, time.Millisecond)
			require.Equal(t, "Query was cancelled", lines()[0].Message)
		})
	}
}

// What one reader's query has found is not given to another, nor for another query.
func TestRunsBelongToWhoBeganThem(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Minute)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	datasource.HurryRuns(100, time.Minute, 10)
	v := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile"}))
	v.request.PluginContext = backend.PluginContext{OrgID: 1, User: &backend.User{Login: "ada"}} //nolint:staticcheck // see runOf
	v.poll(t.Context(), t)
	begun := datasource.Runs()
	require.Equal(t, 1, begun)
	v.poll(t.Context(), t)
	require.Equal(t, 1, datasource.Runs(), "the same reader comes back")

	for name, change := range map[string]func(*backend.QueryDataRequest){
		"another user":         func(r *backend.QueryDataRequest) { r.PluginContext.User = &backend.User{Login: "bob"} },
		"nobody":               func(r *backend.QueryDataRequest) { r.PluginContext.User = nil },
		"another organization": func(r *backend.QueryDataRequest) { r.PluginContext.OrgID = 2 }, //nolint:staticcheck // see runOf
		"another query": func(r *backend.QueryDataRequest) {
			r.Queries = view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile", "maxNodes": 7})).request.Queries
		},
		"another range": func(r *backend.QueryDataRequest) {
			r.Queries = append([]backend.DataQuery(nil), r.Queries...)
			r.Queries[0].TimeRange.From = r.Queries[0].TimeRange.From.Add(time.Millisecond)
		},
		"another step": func(r *backend.QueryDataRequest) {
			r.Queries = append([]backend.DataQuery(nil), r.Queries...)
			r.Queries[0].Interval++
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := datasource.Runs()
			other := *v.request
			change(&other)
			viewer{datasource, &other}.poll(t.Context(), t)
			require.Equal(t, before+1, datasource.Runs())
		})
	}
}

// There are so many runs, and who comes then waits for the whole.
func TestRunsAreBounded(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Second)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	datasource.HurryRuns(10, time.Minute, 1)
	first := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile"}))
	require.NotNil(t, progressIn(t, first.poll(t.Context(), t)["A"]))
	second := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile", "progress": map[string]any{"run": someRun + "-2"}}))
	require.Nil(t, progressIn(t, second.poll(t.Context(), t)["A"]))
	require.Equal(t, 1, datasource.Runs())
	for progressIn(t, first.poll(t.Context(), t)["A"]) != nil {
		require.Equal(t, 1, datasource.Runs())
	}
	require.Zero(t, datasource.Runs(), "an answer is handed over once")
}

// Whoever cannot see that an answer is a part gets the whole, whatever they ask for.
func TestRulesAndExpressionsGetWholeAnswers(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, 300*time.Millisecond)
	for reader, header := range map[string]string{"an alert rule": backend.FromAlertHeaderName, "an expression": "http_X-Grafana-From-Expr"} {
		t.Run(reader, func(t *testing.T) {
			datasource := newDatasource(t, cluster.settings(nil), nil)
			datasource.HurryRuns(100, time.Minute, 10)
			v := view(t, datasource, cluster, inRun(map[string]any{"queryType": "metrics"}))
			v.request.Headers = map[string]string{header: "true"}
			answer := v.poll(t.Context(), t)["A"]
			require.Nil(t, progressIn(t, answer))
			require.NotEmpty(t, answer.Frames)
			require.NotZero(t, answer.Frames[0].Rows())
			require.Zero(t, datasource.Runs())
		})
	}
}

func TestRunIdsAreChecked(t *testing.T) {
	cluster := startFineCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	before := requests(cluster)
	long := make([]byte, 1<<20)
	for i := range long {
		long[i] = 'a'
	}
	for name, test := range map[string]struct {
		progress any
		want     string
	}{
		"too long":      {map[string]any{"run": string(long)}, "progress.run"},
		"too short":     {map[string]any{"run": "1"}, "progress.run"},
		"empty":         {map[string]any{"run": ""}, "progress.run"},
		"missing":       {map[string]any{}, "progress.run"},
		"a number":      {map[string]any{"run": 12345678}, "progress.run"},
		"null":          {map[string]any{"run": nil}, "progress.run"},
		"a list":        {map[string]any{"run": []string{someRun}}, "progress.run"},
		"odd letters":   {map[string]any{"run": "abcdefgh\nijk"}, "progress.run"},
		"text":          {someRun, `progress: it must be {"run": "<an id>"}`},
		"unknown field": {map[string]any{"run": someRun, "walk": 1}, `progress: it must be {"run": "<an id>"}`},
	} {
		t.Run(name, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile", "progress": test.progress}))["A"]
			require.ErrorContains(t, answer.Error, test.want)
			require.Equal(t, backend.StatusBadRequest, answer.Status)
			require.Less(t, len(answer.Error.Error()), 2000)
		})
	}
	require.Equal(t, before, requests(cluster))
}

// Of runs that were left nothing stays: no goroutine, no memory.
func TestRunsLeaveNothing(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, 300*time.Millisecond)
	ignore := goleak.IgnoreCurrent()
	datasource, budget := newDatasourceWithin(t, cluster.settings(nil), 4<<30)
	datasource.HurryRuns(100, 20*time.Millisecond, 10)
	kinds := []string{"profile", "metrics", "both", "topFunctions", "diff", "heatmap"}
	for i := range 60 {
		v := view(t, datasource, cluster, inRun(map[string]any{
			"queryType": kinds[i%len(kinds)], "diff": map[string]any{"timeShift": "1m"}, "progress": map[string]any{"run": someRun + string(rune('a'+i%26)) + string(rune('a'+i/26))},
		}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(5+i%7*60)*time.Millisecond)
		for range i % 4 {
			_, _ = v.datasource.QueryData(ctx, v.request)
		}
		cancel()
	}
	require.Eventually(t, func() bool { return datasource.Runs() == 0 && budget.Used() == 0 }, 10*time.Second, 10*time.Millisecond)
	datasource.Dispose()
	goleak.VerifyNone(t, ignore)
}

// Of two requests of a run, one that is cancelled leaves the other alone.
func TestALeavingRequestIsNotTheLast(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Minute)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	datasource.HurryRuns(1, time.Minute, 10)
	v := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile"}))
	ctx, cancel := context.WithCancel(t.Context())
	var staying, leaving sync.WaitGroup
	staying.Go(func() { require.NotNil(t, progressIn(t, v.poll(t.Context(), t)["A"])) })
	awaitCall(t, cluster)
	leaving.Go(func() { require.Error(t, v.poll(ctx, t)["A"].Error) })
	time.Sleep(20 * time.Millisecond)
	cancel()
	leaving.Wait()
	require.Equal(t, 1, datasource.Runs())
	staying.Wait()
	require.Positive(t, inFlight(cluster))
}

// Whoever asks sees which answers are of one execution: it is another one in another
// process, and where a run was begun anew since nobody asked for it.
func TestAnswersSayOfWhichExecutionTheyAre(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Minute)
	seen := make(map[string]bool)
	for range 2 {
		datasource := newDatasource(t, cluster.settings(nil), nil)
		datasource.HurryRuns(100, 100*time.Millisecond, 10)
		v := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile"}), inRun(map[string]any{"refId": "B", "queryType": "metrics"}))
		for range 2 { // after that, nobody asks
			var execution string
			for range 3 {
				answers := v.poll(t.Context(), t)
				a, b := progressIn(t, answers["A"]), progressIn(t, answers["B"])
				require.NotEmpty(t, a.Execution)
				require.Equal(t, a.Execution, b.Execution)
				require.True(t, execution == "" || execution == a.Execution)
				execution = a.Execution
			}
			require.False(t, seen[execution])
			seen[execution] = true
			require.Eventually(t, func() bool { return datasource.Runs() == 0 }, 2*time.Second, time.Millisecond)
		}
	}
	require.Len(t, seen, 4)
}

// The same query in two panels, and for two readers, is executed once: each has a run of its
// own, and the same picture of what is read.
func TestRunsOfTheSameQueryShareItsExecution(t *testing.T) {
	cluster := startFineCluster(t)
	slowDown(t, cluster, time.Minute)
	ask := func(readers ...viewer) int64 { // how many requests it takes, once all have begun
		before := requests(cluster)
		ctx, cancel := context.WithCancel(t.Context())
		var polling sync.WaitGroup
		for _, v := range readers {
			polling.Go(func() {
				for ctx.Err() == nil {
					v.poll(ctx, t)
				}
			})
		}
		awaitCall(t, cluster)
		for last := int64(-1); last != requests(cluster); time.Sleep(500 * time.Millisecond) {
			last = requests(cluster)
		}
		cancel()
		polling.Wait()
		require.Eventually(t, func() bool { return inFlight(cluster) == 0 }, time.Second, time.Millisecond)
		return requests(cluster) - before
	}
	reader := func(datasource *plugin.Datasource, run, login string) viewer {
		v := view(t, datasource, cluster, inRun(map[string]any{"queryType": "profile", "progress": map[string]any{"run": run}}))
		v.request.PluginContext = backend.PluginContext{OrgID: 1, User: &backend.User{Login: login}} //nolint:staticcheck // see runOf
		return v
	}
	fresh := func() *plugin.Datasource {
		datasource := newDatasource(t, cluster.settings(map[string]any{"cacheMaxBytes": 0}), nil)
		datasource.HurryRuns(10, time.Minute, 10)
		return datasource
	}
	one := ask(reader(fresh(), "one-panel", "ada"))
	datasource := fresh()
	require.Equal(t, one, ask(reader(datasource, "one-panel", "ada"), reader(datasource, "other-panel", "ada"), reader(datasource, "one-panel", "bob")))
}
