package plugin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

// rendered is what the tests look at of a flamebearer.
type rendered struct {
	Version     int
	Flamebearer struct {
		Names             []string
		Levels            [][]int64
		NumTicks, MaxSelf int64
	}
	Metadata              struct{ Format, Units, Name string }
	Timeline              *renderedTimeline
	Groups                map[string]*renderedTimeline
	LeftTicks, RightTicks int64
}

type renderedTimeline struct {
	StartTime, DurationDelta int64
	Samples                  []uint64
}

func (t *renderedTimeline) sum() (sum uint64) {
	for _, v := range t.Samples {
		sum += v
	}
	return sum
}

func (c cluster) render(pairs ...string) url.Values {
	query := url.Values{
		"query": {cpuType + `{service_name="checkout"}`},
		"from":  {fmt.Sprint(c.timeRange.From.UnixMilli())},
		"until": {fmt.Sprint(c.timeRange.To.Unix())},
	}
	for i := 0; i < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return query
}

// The flame graph, the timeline and the groups of an answer are of the same data.
func TestRender(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)

	var answer rendered
	require.Equal(t, http.StatusOK, callResource(t, datasource, "pyroscope/render", cluster.render("groupBy", "pod"), &answer))
	require.Equal(t, 1, answer.Version)
	require.Equal(t, "single", answer.Metadata.Format)
	require.Equal(t, "samples", answer.Metadata.Units)
	require.Equal(t, "total", answer.Flamebearer.Names[0])
	require.NotZero(t, answer.Flamebearer.NumTicks)
	require.Equal(t, uint64(answer.Flamebearer.NumTicks), answer.Timeline.sum(), "the timeline is of what the flame graph is of")
	require.Len(t, answer.Groups, 2)
	require.Equal(t, answer.Timeline.sum(), answer.Groups["checkout-0"].sum()+answer.Groups["checkout-1"].sum())
	require.Equal(t, int64(15), answer.Timeline.DurationDelta)

	var few rendered
	callResource(t, datasource, "pyroscope/render", cluster.render("max-nodes", "5"), &few)
	require.Equal(t, answer.Flamebearer.NumTicks, few.Flamebearer.NumTicks)
	require.Contains(t, few.Flamebearer.Names, "other")
	require.Less(t, len(few.Flamebearer.Names), 10)
	require.Nil(t, few.Groups)

	var none rendered
	callResource(t, datasource, "pyroscope/render", cluster.render("query", cpuType+`{service_name="nope"}`), &none)
	require.Zero(t, none.Flamebearer.NumTicks)
	require.NotEmpty(t, none.Timeline.Samples)
	require.Zero(t, none.Timeline.sum())
}

func TestRenderFormats(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)

	status, dot := callRaw(t, datasource, http.MethodGet, "pyroscope/render?"+cluster.render("format", "dot", "max-nodes", "10").Encode(), nil)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, string(dot), "digraph")
	status, dot = callRaw(t, datasource, http.MethodGet, "pyroscope/render?"+cluster.render("format", "dot", "query", cpuType+`{service_name="nope"}`).Encode(), nil)
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, dot)

	_, raw := callRaw(t, datasource, http.MethodGet, "pyroscope/render?"+cluster.render("format", "pprof").Encode(), nil)
	merged, err := profile.ParseData(raw)
	require.NoError(t, err)
	var total int64
	for _, s := range merged.Sample {
		total += s.Value[0]
	}
	var answer rendered
	callResource(t, datasource, "pyroscope/render", cluster.render(), &answer)
	require.Equal(t, answer.Flamebearer.NumTicks, total)
}

// A form in the body is as good as parameters in the URL.
func TestRenderOfAForm(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	_, want := callRaw(t, datasource, http.MethodGet, "pyroscope/render?"+cluster.render().Encode(), nil)
	status, got := callRaw(t, datasource, http.MethodPost, "pyroscope/render", []byte(cluster.render().Encode()))
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, string(want), string(got))
}

func TestRenderDiff(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	half := cluster.timeRange.From.Add(cluster.timeRange.Duration() / 2)
	query := url.Values{
		"leftQuery": {cpuType + `{service_name="checkout"}`}, "rightQuery": {cpuType + `{service_name="search"}`},
		"leftFrom": {fmt.Sprint(cluster.timeRange.From.UnixMilli())}, "leftUntil": {fmt.Sprint(half.UnixMilli())},
		"rightFrom": {fmt.Sprint(half.UnixMilli())}, "rightUntil": {fmt.Sprint(cluster.timeRange.To.UnixMilli())},
	}
	var answer rendered
	require.Equal(t, http.StatusOK, callResource(t, datasource, "pyroscope/render-diff", query, &answer))
	require.Equal(t, "double", answer.Metadata.Format)
	require.Equal(t, answer.Flamebearer.NumTicks, answer.LeftTicks+answer.RightTicks)
	require.NotZero(t, answer.LeftTicks)
	require.NotZero(t, answer.RightTicks)
	require.Len(t, answer.Flamebearer.Levels[0], 7)
	require.Nil(t, answer.Timeline)
}

func TestOldLabelValues(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	values := func(label string) (values []string) {
		query := cluster.render("label", label)
		query.Del("query")
		require.Equal(t, http.StatusOK, callResource(t, datasource, "pyroscope/label-values", query, &values))
		return values
	}
	require.Equal(t, []string{"checkout", "frontend", "search"}, values("service_name"))
	require.Contains(t, values("__name__"), cpuType)
	require.Equal(t, []string{}, values("nope"))
	// Without a range it is the last hour, in which these profiles are not.
	var none []string
	require.Equal(t, http.StatusOK, callResource(t, datasource, "pyroscope/label-values", url.Values{"label": {"pod"}}, &none))
	require.Equal(t, []string{}, none)
}

func TestRenderRefuses(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, test := range map[string]struct {
		path    string
		query   url.Values
		message string
	}{
		"no query":             {"render", cluster.render("query", ""), "query is missing: it must be like process_cpu"},
		"no profile type":      {"render", cluster.render("query", `{service_name="checkout"}`), "has no profile type"},
		"a wrong profile type": {"render", cluster.render("query", `cpu{}`), `profile type "cpu" has 1 parts`},
		"a type by pattern":    {"render", cluster.render("query", `{__name__=~"process_cpu.*"}`), "must name one profile type"},
		"a broken selector":    {"render", cluster.render("query", cpuType+`{`), "query: label selector"},
		"no start":             {"render", cluster.render("from", ""), "from is missing"},
		"a wrong start":        {"render", cluster.render("from", "yesterday"), `from: "yesterday" is not a time`},
		"a wrong end":          {"render", cluster.render("until", "now-1"), `until: "now-1" is not a time`},
		"from after until":     {"render", cluster.render("from", "now", "until", "now-1h"), "is after the end time"},
		"nodes":                {"render", cluster.render("max-nodes", "many"), `max-nodes: "many" is not a number of nodes`},
		"too many nodes":       {"render", cluster.render("maxNodes", "99999999"), "max"},
		"a format":             {"render", cluster.render("format", "html"), "allowed are json, dot and pprof"},
		"an aggregation":       {"render", cluster.render("aggregation", "median"), "allowed are sum and avg"},
		"two groups":           {"render", url.Values{"groupBy": {"pod", "region"}, "query": {cpuType}, "from": {"now-1h"}}, "one is allowed"},
		"two types": {"render-diff", url.Values{"leftQuery": {cpuType}, "rightQuery": {heapType}, "leftFrom": {"now-1h"}, "rightFrom": {"now-1h"}},
			"profile types must be the same"},
		"half a comparison": {"render-diff", url.Values{"leftQuery": {cpuType}, "leftFrom": {"now-1h"}}, "rightQuery is missing"},
		"no label":          {"label-values", nil, "label is missing"},
		"a form":            {"render?from=%zz", nil, "invalid URL escape"},
	} {
		t.Run(name, func(t *testing.T) {
			path := "pyroscope/" + test.path
			if test.query != nil {
				path += "?" + test.query.Encode()
			}
			status, body := callRaw(t, datasource, http.MethodGet, path, nil)
			var answer struct{ Code, Message string }
			require.NoError(t, json.Unmarshal(body, &answer))
			require.Equal(t, http.StatusBadRequest, status)
			require.Equal(t, "invalid_argument", answer.Code)
			require.Contains(t, answer.Message, test.message)
		})
	}
	status, _ := callRaw(t, datasource, http.MethodGet, "pyroscope/nope", nil)
	require.Equal(t, http.StatusNotFound, status)
}

func callRaw(t testing.TB, datasource backend.CallResourceHandler, method, target string, form []byte) (status int, body []byte) {
	t.Helper()
	request := &backend.CallResourceRequest{Path: target, Method: method, URL: target, Body: form}
	if parsed, err := url.Parse(target); err == nil {
		request.Path = parsed.Path
	}
	if form != nil {
		request.Headers = map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}}
	}
	require.NoError(t, datasource.CallResource(context.Background(), request, backend.CallResourceResponseSenderFunc(func(part *backend.CallResourceResponse) error {
		status = part.Status
		body = append(body, part.Body...)
		return nil
	})))
	return status, body
}
