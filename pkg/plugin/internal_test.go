package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// panickingDatasource has a clock that panics, and with it the validation of every
// range.
func panickingDatasource(t *testing.T) *Datasource {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"metastoreAddress": "127.0.0.1:1", "queryBackendAddress": "127.0.0.1:1"})
	require.NoError(t, err)
	instance, err := NewFactory(prometheus.NewRegistry(), memory.NewBudget(4<<30)).NewDatasource(context.Background(), backend.DataSourceInstanceSettings{JSONData: raw})
	require.NoError(t, err)
	d := instance.(*Datasource)
	t.Cleanup(d.Dispose)
	*d.frontend = *queryfrontend.New(d.metastore, d.queryBackend, d.settings.frontend,
		queryfrontend.WithClock(func() time.Time { panic("the clock struck thirteen") }),
		queryfrontend.WithAdmission(gate{limiter: d.limiter, metrics: d.metrics}))
	return d
}

func requirePanicLogged(t *testing.T, lines []LogLine) {
	t.Helper()
	for _, line := range lines {
		if line.Level == "error" && line.Fields["panic"] == "the clock struck thirteen" {
			require.Contains(t, line.Fields["stack"], "panickingDatasource", "the stack is that of the panic")
			return
		}
	}
	require.Fail(t, "no line of the panic", "%v", lines)
}

// Whatever panics fails by itself, and leaves its trace in the log.
func TestPanicsAreContainedAndLogged(t *testing.T) {
	call := func(method, path, body string) func(t *testing.T, d *Datasource) {
		return func(t *testing.T, d *Datasource) {
			status := 0
			var answer struct{ Code string }
			err := d.CallResource(context.Background(), &backend.CallResourceRequest{
				Path: path, URL: path, Method: method, Body: []byte(body), Headers: map[string][]string{"Content-Type": {"application/json"}},
			}, backend.CallResourceResponseSenderFunc(func(part *backend.CallResourceResponse) error {
				status = part.Status
				return json.Unmarshal(part.Body, &answer)
			}))
			require.NoError(t, err)
			require.Equal(t, http.StatusInternalServerError, status)
			require.Equal(t, "internal", answer.Code)
		}
	}
	rpc := func(name, body string) func(t *testing.T, d *Datasource) {
		return call(http.MethodPost, "querier.v1.QuerierService/"+name, body)
	}
	const cpu = `"profile_typeID":"process_cpu:cpu:nanoseconds:cpu:nanoseconds","label_selector":"{}","start":"1","end":"2"`
	for name, ask := range map[string]func(t *testing.T, d *Datasource){
		"a panel": func(t *testing.T, d *Datasource) {
			response, err := d.QueryData(context.Background(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
				RefID: "A", TimeRange: backend.TimeRange{From: time.UnixMilli(1000), To: time.UnixMilli(2000)},
				JSON: []byte(`{"queryType":"profile","profileTypeId":"process_cpu:cpu:nanoseconds:cpu:nanoseconds"}`),
			}}})
			require.NoError(t, err)
			require.ErrorContains(t, response.Responses["A"].Error, "struck thirteen")
			require.EqualValues(t, http.StatusInternalServerError, response.Responses["A"].Status)
			require.Equal(t, backend.ErrorSourcePlugin, response.Responses["A"].ErrorSource)
		},
		"profileTypes":  call(http.MethodGet, "profileTypes", ""),
		"labelNames":    call(http.MethodGet, "labelNames", ""),
		"AnalyzeQuery":  rpc("AnalyzeQuery", `{"start":"1","end":"2"}`),
		"Diff":          rpc("Diff", `{"left":{`+cpu+`},"right":{`+cpu+`}}`),
		"a flame graph": rpc("SelectMergeStacktraces", `{`+cpu+`}`),
		"DOT":           rpc("SelectMergeStacktraces", `{`+cpu+`,"format":"PROFILE_FORMAT_DOT"}`),
		"SelectSeries":  rpc("SelectSeries", `{`+cpu+`,"step":1}`),
		"ProfileTypes":  rpc("ProfileTypes", `{}`),
	} {
		t.Run(name, func(t *testing.T) {
			lines := RecordLogs(t)
			ask(t, panickingDatasource(t))
			requirePanicLogged(t, lines())
		})
	}
}

// A target's time is that of its own answer and frames, not of the targets before it.
func TestATargetsTimeIsItsOwn(t *testing.T) {
	lines := RecordLogs(t)
	d := &Datasource{metrics: newMetrics(prometheus.NewRegistry(), memory.NewBudget(4<<30))}
	const slow = 200 * time.Millisecond
	var targets []*target
	for _, name := range []string{"A", "B", "C"} {
		targets = append(targets, &target{query: backend.DataQuery{RefID: name}, render: func(context.Context, []queryfrontend.PanelAnswer) (data.Frames, error) {
			time.Sleep(slow)
			return nil, errors.New("nothing to see")
		}})
	}
	d.respondAll(context.Background(), targets, backend.Responses{})
	require.Len(t, lines(), 3)
	for _, line := range lines() {
		took, err := time.ParseDuration(line.Fields["took"])
		require.NoError(t, err)
		require.Less(t, took, 2*slow, "target %s", line.Fields["refId"])
	}
}

// The gauge of queries that run counts a query once, however often it is released.
func TestReleasingTwiceCountsOnce(t *testing.T) {
	m := newMetrics(prometheus.NewRegistry(), memory.NewBudget(4<<30))
	limiter := admission.NewLimiter(admission.Limits{Concurrent: 1})
	release, err := gate{limiter: limiter, metrics: m}.Admit(context.Background(), admission.Dashboard)
	require.NoError(t, err)
	release()
	release()
	require.Zero(t, testutil.ToFloat64(m.inFlight.WithLabelValues(admission.Dashboard.String())))
}

// A probe has a goroutine of its own, where a panic would end the process.
func TestAPanickingProbeIsAFailedOne(t *testing.T) {
	lines := RecordLogs(t)
	var s serviceHealth
	s.probe(context.Background(), func() (transport.Probe, error) { panic("out of bounds") })
	require.False(t, s.OK)
	require.Contains(t, s.Error, "out of bounds")
	require.Equal(t, "error", lines()[0].Level)
}

// A filter of functions ends when nobody waits for it any more.
func TestAFilterEndsWithItsCaller(t *testing.T) {
	ctx, leave := context.WithCancel(context.Background())
	tried := 0
	_, err := keepFunctions(ctx, make([]profile.Function, 1000), func(string) bool {
		tried++
		leave()
		return true
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, tried)
	require.EqualValues(t, 499, errorResponse(err).Status)
}
