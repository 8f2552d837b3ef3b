package attacktest_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

// Requests that no editor writes. Each has an answer or an error of the one who asks, in time.
func TestOddRequests(t *testing.T) {
	honest := startCluster(t)
	v := startVictim(t)
	from := source(honest, "honest")
	now := time.Now().UnixMilli()
	connectJSON := map[string][]string{"Content-Type": {"application/json"}}
	api := func(method, body string) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			status, _, text, err := v.call(ctx, from, "querier.v1.QuerierService/"+method, connectJSON, []byte(body))
			return fmt.Sprint(status, " ", text), err
		}
	}
	series := func(start, end, step string) func(context.Context) (string, error) {
		return api("SelectSeries", fmt.Sprintf(`{"profileTypeID":%q,"labelSelector":"{}","start":%s,"end":%s,"step":%s}`, cpuType, start, end, step))
	}
	panel := func(fields map[string]any, change func(*backend.DataQuery)) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			q := query(time.Hour, fields)
			if change != nil {
				change(&q)
			}
			response, err := v.ask(ctx, from, q)
			if err != nil {
				return "", err
			}
			r := response.Responses["A"]
			if r.Error != nil {
				return fmt.Sprint(int(r.Status), " ", r.Error), nil
			}
			return fmt.Sprint(200, " ", len(r.Frames), " frames"), nil
		}
	}
	raw := func(body string) func(context.Context) (string, error) {
		return panel(nil, func(q *backend.DataQuery) { q.JSON = []byte(body) })
	}
	between := func(from, to time.Time) func(*backend.DataQuery) {
		return func(q *backend.DataQuery) { q.TimeRange = backend.TimeRange{From: from, To: to} }
	}
	a, b := fmt.Sprint(now-3_600_000), fmt.Sprint(now)
	for name, ask := range map[string]func(context.Context) (string, error){
		"step NaN":               series(a, b, `"NaN"`),
		"step Infinity":          series(a, b, `"Infinity"`),
		"step -Infinity":         series(a, b, `"-Infinity"`),
		"step 0":                 series(a, b, `0`),
		"step -0":                series(a, b, `-0.0`),
		"step 1e-300":            series(a, b, `1e-300`),
		"step 1e300":             series(a, b, `1e300`),
		"step 9223372036854775":  series(a, b, `9223372036854775.807`),
		"all times":              series("-9223372036854775808", "9223372036854775807", "15"),
		"the end of time":        series("9223372036854775806", "9223372036854775807", "15"),
		"the start of time":      series("-9223372036854775808", "-9223372036854775807", "15"),
		"around 0":               series("-1", "1", "15"),
		"0":                      series("0", "0", "15"),
		"backwards":              series(b, a, "15"),
		"heat map of all times":  api("SelectHeatmap", fmt.Sprintf(`{"profileTypeID":%q,"labelSelector":"{}","start":0,"end":"9223372036854775807","step":1e-9,"queryType":"HEATMAP_QUERY_TYPE_INDIVIDUAL"}`, cpuType)),
		"series of all times":    api("Series", `{"start":"-9223372036854775808","end":"9223372036854775807"}`),
		"nested 100,000 deep":    api("SelectSeries", strings.Repeat(`{"a":`, 100_000)),
		"lists 100,000 deep":     api("SelectSeries", `{"groupBy":`+strings.Repeat(`[`, 100_000)),
		"unknown, nested":        api("SelectSeries", `{"what":`+strings.Repeat(`[`, 90_000)+strings.Repeat(`]`, 90_000)+`}`),
		"a panel nested":         raw(strings.Repeat(`{"diff":`, 100_000)),
		"a panel of lists":       raw(`{"queryType":"profile","groupBy":` + strings.Repeat(`[`, 9_000) + strings.Repeat(`]`, 9_000) + `}`),
		"a panel of null":        raw(`null`),
		"a panel of a list":      raw(`[]`),
		"a panel of nothing":     raw(``),
		"a panel of numbers":     raw(`{"queryType":1,"profileTypeId":2,"labelSelector":3,"groupBy":4,"limit":"1e999","maxNodes":"NaN"}`),
		"max nodes 1e18":         panel(map[string]any{"maxNodes": 1e18}, nil),
		"max nodes below 0":      panel(map[string]any{"maxNodes": -1}, nil),
		"a limit of 2^63":        panel(map[string]any{"queryType": "metrics", "limit": "9223372036854775808"}, nil),
		"a limit below 0":        panel(map[string]any{"queryType": "metrics", "limit": -5}, nil),
		"group by odd names":     panel(map[string]any{"queryType": "metrics", "groupBy": []string{"", " ", "ü", "a b", "\x00", "{{x}}", "🔥", "__name__", strings.Repeat("x", 500)}}, nil),
		"group by one twice":     panel(map[string]any{"queryType": "metrics", "groupBy": []string{"pod", "pod"}}, nil),
		"a Unicode selector":     panel(map[string]any{"labelSelector": `{pod="\u202e🔥\ufeff", ünïcode="x"}`}, nil),
		"a quoted name":          panel(map[string]any{"labelSelector": `{"a.b"="c", "ü"=~".*"}`}, nil),
		"an expression":          panel(map[string]any{"labelSelector": `{pod=~"((((x{10}){10}){10}){10}){10}"}`}, nil),
		"expressions":            panel(map[string]any{"labelSelector": `{pod=~"` + strings.Repeat("(x+x+)+", 100) + `y"}`}, nil),
		"functions":              panel(map[string]any{"queryType": "topFunctions", "functions": strings.Repeat("(x+x+)+", 100) + "y"}, nil),
		"legend":                 panel(map[string]any{"queryType": "metrics", "legendFormat": strings.Repeat("{{", 50_000)}, nil),
		"legend of legends":      panel(map[string]any{"queryType": "metrics", "legendFormat": strings.Repeat("{{x}}", 500_000)}, nil),
		"all of a panel's times": panel(nil, between(time.Unix(0, math.MinInt64), time.Unix(0, math.MaxInt64))),
		"no times":               panel(nil, between(time.Time{}, time.Time{})),
		"a far future":           panel(map[string]any{"queryType": "metrics"}, between(time.Unix(1<<40, 0), time.Unix(1<<40+3600, 0))),
		"backwards in a panel":   panel(map[string]any{"queryType": "metrics"}, between(time.Now(), time.Now().Add(-time.Hour))),
		"an interval below 0":    panel(map[string]any{"queryType": "metrics"}, func(q *backend.DataQuery) { q.Interval = -1 << 62 }),
		"an interval of 1 ns":    panel(map[string]any{"queryType": "heatmap"}, func(q *backend.DataQuery) { q.Interval, q.MaxDataPoints = 1, 1<<62 }),
		"an endless interval":    panel(map[string]any{"queryType": "metrics"}, func(q *backend.DataQuery) { q.Interval, q.MaxDataPoints = math.MaxInt64, -1 }),
		"a diff of all times":    panel(map[string]any{"queryType": "diff", "diff": map[string]any{"from": "0", "to": "9223372036854775807"}}, nil),
		"call sites":             api("SelectMergeStacktraces", fmt.Sprintf(`{"profileTypeID":%q,"labelSelector":"{}","start":%s,"end":%s,"stackTraceSelector":{"callSite":[{"name":%q}]}}`, cpuType, a, b, strings.Repeat("n", 900_000))),
		"a variable":             panel(map[string]any{"labelSelector": `{pod="$pod"}`}, nil),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*timeout)
			defer cancel()
			began := time.Now()
			said, err := ask(ctx)
			t.Logf("%s: %.250s", time.Since(began).Round(time.Millisecond), said)
			if v.Exited() {
				v.restart(t)
				t.Fatal("the process died")
			}
			require.NoError(t, err)
			if !strings.HasSuffix(said, "REPORT_TREE, which was not asked for") { // it is all that this cluster can say
				require.Regexp(t, `^(200|400) `, said)
			}
			require.NotContains(t, said, "panic")
			require.Less(t, len(said), 5_000)
			requireInTime(t, time.Since(began))
		})
	}
	v.requireHonest(t, honest)
}

// A hundred viewers of one query leave before it ends, but for one.
func TestViewersLeave(t *testing.T) {
	c := startCluster(t)
	c.say(answers{hang: 2 * time.Second})
	v := startVictim(t)
	from := source(c, "viewers")
	q := query(time.Hour, nil)
	var group sync.WaitGroup
	outcomes := make([]string, 100)
	for i := range outcomes {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 2*timeout)
			defer cancel()
			if i > 0 {
				time.AfterFunc(time.Duration(10*i)*time.Millisecond, cancel)
			}
			response, err := v.ask(ctx, from, q)
			if err == nil {
				err = response.Responses["A"].Error
			}
			outcomes[i] = fmt.Sprint(err)
		})
	}
	group.Wait()
	require.Equal(t, "<nil>", outcomes[0])
	require.Equal(t, 1, c.asked())
}
