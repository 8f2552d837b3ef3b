package queryfrontend_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	"github.com/grafana/pyroscope/api/gen/proto/go/querier/v1/querierv1connect"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/panics"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

func treeReport(tree []byte) *queryv1.Report {
	return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{Tree: tree}}
}

func pprofReport(t testing.TB, p *googlev1.Profile) *queryv1.Report {
	encoded, err := p.MarshalVT()
	require.NoError(t, err)
	return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_PPROF, Pprof: &queryv1.PprofReport{Pprof: encoded}}
}

func seriesReport(series ...*typesv1.Series) *queryv1.Report {
	return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_TIME_SERIES, TimeSeries: &queryv1.TimeSeriesReport{TimeSeries: series}}
}

func points(values ...float64) []*typesv1.Point {
	var all []*typesv1.Point
	for i := 0; i < len(values); i += 2 {
		all = append(all, &typesv1.Point{Timestamp: int64(values[i]), Value: values[i+1]})
	}
	return all
}

func labelsOf(pairs ...string) []*typesv1.LabelPair {
	var all []*typesv1.LabelPair
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, &typesv1.LabelPair{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

// An answer that does not fit its question is an error of whoever sent it, not an
// empty panel or the first thing that came.
func TestAnswersThatDoNotFit(t *testing.T) {
	const middle = (corpusStart + corpusEnd) / 2
	tree := treeReport([]byte{0, 0, 1, 1, 'a', 5, 0})
	askTree := func(f querierv1connect.QuerierServiceHandler) error {
		_, err := f.SelectMergeStacktraces(context.Background(), stackTraces(nil))
		return err
	}
	askSeries := func(f querierv1connect.QuerierServiceHandler) error {
		_, err := f.SelectSeries(context.Background(), connect.NewRequest(&querierv1.SelectSeriesRequest{
			ProfileTypeID: cpuType, LabelSelector: "{}", Start: corpusStart, End: corpusEnd, Step: 15,
		}))
		return err
	}
	askHeatmap := func(f querierv1connect.QuerierServiceHandler) error {
		_, err := f.SelectHeatmap(context.Background(), connect.NewRequest(&querierv1.SelectHeatmapRequest{
			ProfileTypeID: cpuType, LabelSelector: "{}", Start: corpusStart, End: corpusEnd, Step: 15, QueryType: querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_INDIVIDUAL,
		}))
		return err
	}
	heatmap := func(series ...*queryv1.HeatmapSeries) *queryv1.Report {
		return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_HEATMAP, Heatmap: &queryv1.HeatmapReport{HeatmapSeries: series}}
	}
	at := func(times ...int64) *queryv1.HeatmapSeries {
		s := new(queryv1.HeatmapSeries)
		for _, at := range times {
			s.Points = append(s.Points, &queryv1.HeatmapPoint{Timestamp: at, Value: 1})
		}
		return s
	}
	for name, test := range map[string]struct {
		ask     func(querierv1connect.QuerierServiceHandler) error
		reports []*queryv1.Report
		message string
	}{
		"a tree":                     {askTree, []*queryv1.Report{tree}, ""},
		"nothing":                    {askTree, nil, ""},
		"a second tree":              {askTree, []*queryv1.Report{tree, tree}, "a second report of type REPORT_TREE"},
		"series for a tree":          {askTree, []*queryv1.Report{seriesReport()}, "a report of type REPORT_TIME_SERIES, which was not asked for"},
		"both":                       {askTree, []*queryv1.Report{tree, seriesReport()}, "which was not asked for"},
		"no type":                    {askTree, []*queryv1.Report{{Tree: tree.Tree}}, "which was not asked for"},
		"an unknown type":            {askTree, []*queryv1.Report{{ReportType: 77}}, "which was not asked for"},
		"no tree in it":              {askTree, []*queryv1.Report{{ReportType: queryv1.ReportType_REPORT_TREE}}, "with nothing in it"},
		"another thing in it":        {askTree, []*queryv1.Report{{ReportType: queryv1.ReportType_REPORT_TREE, Pprof: new(queryv1.PprofReport)}}, "with nothing in it"},
		"no report":                  {askTree, []*queryv1.Report{nil}, "which was not asked for"},
		"series":                     {askSeries, []*queryv1.Report{seriesReport(&typesv1.Series{Points: points(corpusStart, 1, middle, 0, corpusEnd, 2)})}, ""},
		"a point before":             {askSeries, []*queryv1.Report{seriesReport(&typesv1.Series{Points: points(corpusStart-1, 1)})}, "outside the range"},
		"a point after":              {askSeries, []*queryv1.Report{seriesReport(&typesv1.Series{Points: points(corpusEnd+1, 1)})}, "outside the range"},
		"out of order":               {askSeries, []*queryv1.Report{seriesReport(&typesv1.Series{Points: points(middle, 1, corpusStart, 1)})}, "is not after the one before it"},
		"twice":                      {askSeries, []*queryv1.Report{seriesReport(&typesv1.Series{Points: points(middle, 1, middle, 1)})}, "is not after the one before it"},
		"an overflow":                {askSeries, []*queryv1.Report{seriesReport(&typesv1.Series{Points: points(middle, math.Inf(1))})}, "the value +Inf"},
		"no number":                  {askSeries, []*queryv1.Report{seriesReport(&typesv1.Series{Points: points(middle, math.NaN())})}, "the value NaN"},
		"two series":                 {askSeries, []*queryv1.Report{seriesReport(&typesv1.Series{Labels: labelsOf("a", "x")}, &typesv1.Series{Labels: labelsOf("a", "y")})}, ""},
		"equal series":               {askSeries, []*queryv1.Report{seriesReport(&typesv1.Series{Labels: labelsOf("a", "x")}, &typesv1.Series{Labels: labelsOf("a", "x")})}, `two series of the same labels, {a="x"}`},
		"equal but for the order":    {askSeries, []*queryv1.Report{seriesReport(&typesv1.Series{Labels: labelsOf("a", "x", "b", "y")}, &typesv1.Series{Labels: labelsOf("b", "y", "a", "x")})}, "two series of the same labels"},
		"a heat map":                 {askHeatmap, []*queryv1.Report{heatmap(at(corpusStart, middle, middle, corpusStart))}, ""},
		"a heat map's point after":   {askHeatmap, []*queryv1.Report{heatmap(at(middle, corpusEnd+1))}, "outside the range"},
		"a heat map's point before":  {askHeatmap, []*queryv1.Report{heatmap(at(1))}, "outside the range"},
		"heat maps of equal labels":  {askHeatmap, []*queryv1.Report{heatmap(at(middle), at(middle))}, "two series of the same labels, {}"},
		"a heat map for time series": {askSeries, []*queryv1.Report{heatmap(at(middle))}, "which was not asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newFakeCluster(t)
			cluster.response = &queryv1.InvokeResponse{Reports: test.reports}
			err := test.ask(newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}))
			if test.message == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, connect.CodeInternal, connect.CodeOf(err))
			require.ErrorContains(t, err, "query-backend sent a malformed answer: ")
			require.ErrorContains(t, err, test.message)
		})
	}
}

// A function's name need not be UTF-8, and messages need to: it is replaced where
// answers leave, and the rest of the answer is there.
func TestNamesThatAreNoTextAreReplaced(t *testing.T) {
	const bad, shown = "ma\xffin", `ma` + "\uFFFD" + `in`
	tree := treeReport(append([]byte{0, 0, 1, byte(len(bad))}, append([]byte(bad), 5, 0)...))
	pprof := pprofReport(t, &googlev1.Profile{
		StringTable: []string{"", bad, "cpu", "nanoseconds", "/src/" + bad},
		SampleType:  []*googlev1.ValueType{{Type: 2, Unit: 3}},
		Function:    []*googlev1.Function{{Id: 1, Name: 1, SystemName: 1, Filename: 4}},
		Location:    []*googlev1.Location{{Id: 1, Line: []*googlev1.Line{{FunctionId: 1}}}},
		Sample:      []*googlev1.Sample{{LocationId: []uint64{1}, Value: []int64{7}}},
	})
	side := fmt.Sprintf(`{"profile_typeID":%q,"label_selector":"{}","start":%d,"end":%d`, cpuType, corpusStart, corpusEnd)
	for name, test := range map[string]struct {
		method, body string
		report       *queryv1.Report
	}{
		"flame graph": {"SelectMergeStacktraces", side + `}`, tree},
		"pprof":       {"SelectMergeStacktraces", side + `,"format":"PROFILE_FORMAT_PPROF"}`, pprof},
		"DOT":         {"SelectMergeStacktraces", side + `,"format":"PROFILE_FORMAT_DOT"}`, pprof},
		"old pprof":   {"SelectMergeProfile", side + `}`, pprof},
		"diff":        {"Diff", `{"left":` + side + `},"right":` + side + `}}`, tree},
		"label names": {"LabelNames", fmt.Sprintf(`{"start":%d,"end":%d}`, corpusStart, corpusEnd), &queryv1.Report{
			ReportType: queryv1.ReportType_REPORT_LABEL_NAMES, LabelNames: &queryv1.LabelNamesReport{LabelNames: []string{bad}},
		}},
		"label values": {"LabelValues", fmt.Sprintf(`{"name":"pod","start":%d,"end":%d}`, corpusStart, corpusEnd), &queryv1.Report{
			ReportType: queryv1.ReportType_REPORT_LABEL_VALUES, LabelValues: &queryv1.LabelValuesReport{LabelValues: []string{bad}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newFakeCluster(t)
			cluster.response = &queryv1.InvokeResponse{Reports: []*queryv1.Report{test.report}}
			f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()}, queryfrontend.WithClock(corpusNow))
			request := httptest.NewRequest(http.MethodPost, "/querier.v1.QuerierService/"+test.method, strings.NewReader(test.body))
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Accept", "*/*; allow-utf8-labelnames=true")
			answer := httptest.NewRecorder()
			queryfrontend.NewHandler(f, func(context.Context, *panics.Error) {}).ServeHTTP(answer, request)
			require.Equal(t, http.StatusOK, answer.Code, answer.Body)
			require.Contains(t, answer.Body.String(), shown)
		})
	}
}

func TestRequestsOfGreatLengthAreRefused(t *testing.T) {
	cluster := newFakeCluster(t)
	f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()})
	ctx := context.Background()
	long := strings.Repeat("x", 100_000)
	many := func(n int) []string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprint("label_", i)
		}
		return all
	}
	names := many(200_000)
	traces := func(change func(*querierv1.SelectMergeStacktracesRequest)) func() error {
		return func() error {
			_, err := f.SelectMergeStacktraces(ctx, stackTraces(change))
			return err
		}
	}
	series := func(groupBy []string) func() error {
		return func() error {
			_, err := f.SelectSeries(ctx, connect.NewRequest(&querierv1.SelectSeriesRequest{
				ProfileTypeID: cpuType, LabelSelector: "{}", Start: corpusStart, End: corpusEnd, Step: 15, GroupBy: groupBy,
			}))
			return err
		}
	}
	for name, test := range map[string]struct {
		call    func() error
		message string
	}{
		"selector": {traces(func(r *querierv1.SelectMergeStacktracesRequest) { r.LabelSelector = `{a="` + long + `"}` }), "label_selector: label selectors of"},
		"matchers": {traces(func(r *querierv1.SelectMergeStacktracesRequest) {
			r.LabelSelector = "{" + strings.Repeat(`a="b",`, 300) + "}"
		}), "label_selector: "},
		"expression": {traces(func(r *querierv1.SelectMergeStacktracesRequest) {
			r.LabelSelector = `{a=~"` + strings.Repeat("x{1000}", 40) + `"}`
		}), "is of size"},
		"profile type": {traces(func(r *querierv1.SelectMergeStacktracesRequest) { r.ProfileTypeID = long }), "profile_typeID: a text of 100000 bytes"},
		"spans":        {traces(func(r *querierv1.SelectMergeStacktracesRequest) { r.SpanSelector = many(10_001) }), "span_selector: 10001 entries, at most 10000"},
		"profiles":     {traces(func(r *querierv1.SelectMergeStacktracesRequest) { r.ProfileIdSelector = many(10_001) }), "profile_id_selector: 10001 entries"},
		"call site": {traces(func(r *querierv1.SelectMergeStacktracesRequest) {
			r.StackTraceSelector = &typesv1.StackTraceSelector{CallSite: make([]*typesv1.Location, 2000)}
		}), "call_site: 2000 entries"},
		"a function": {traces(func(r *querierv1.SelectMergeStacktracesRequest) {
			r.StackTraceSelector = &typesv1.StackTraceSelector{CallSite: []*typesv1.Location{{Name: long}}}
		}), "call_site: a text of 100000 bytes"},
		"groups":     {series(many(65)), "group_by: 65 entries, at most 64"},
		"group name": {series([]string{long}), "group_by: a text of 100000 bytes"},
		"label names": {func() error {
			_, err := f.Series(ctx, connect.NewRequest(&querierv1.SeriesRequest{Start: corpusStart, End: corpusEnd, LabelNames: names}))
			return err
		}, "label_names: 200000 entries, at most 256"},
		"label name": {func() error {
			_, err := f.LabelValues(ctx, connect.NewRequest(&typesv1.LabelValuesRequest{Name: long, Start: corpusStart, End: corpusEnd}))
			return err
		}, "name: a text of 100000 bytes"},
		"selectors": {func() error {
			_, err := f.LabelNames(ctx, connect.NewRequest(&typesv1.LabelNamesRequest{Start: corpusStart, End: corpusEnd, Matchers: many(257)}))
			return err
		}, "matchers: 257 entries"},
		"selectors together": {func() error {
			half := `{a="` + long[:40_000] + `"}`
			_, err := f.LabelNames(ctx, connect.NewRequest(&typesv1.LabelNamesRequest{Start: corpusStart, End: corpusEnd, Matchers: []string{half, half}}))
			return err
		}, "matchers: label selectors of 80012 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			err := test.call()
			require.ErrorContains(t, err, test.message)
			require.Equal(t, connect.CodeInvalidArgument, connect.CodeOf(err))
			require.Less(t, len(err.Error()), 2000)
			require.Less(t, time.Since(began), 20*time.Second, "on a busy machine; it was minutes")
			var refusal *queryfrontend.Refusal
			require.ErrorAs(t, err, &refusal)
		})
	}
	require.Zero(t, cluster.calls())
}

// Who joins a run and has less time gets to know what it was waiting for.
func TestWhoLeavesARunKnowsTheStep(t *testing.T) {
	for step, hold := range map[string]func(*fakeCluster, func()){
		"query-backend": func(c *fakeCluster, wait func()) { c.hold = func(context.Context) { wait() } },
		"metastore":     func(c *fakeCluster, wait func()) { c.holdMetadata = wait },
	} {
		t.Run(step, func(t *testing.T) {
			cluster := newFakeCluster(t)
			arrived, answer := make(chan struct{}, 10), make(chan struct{})
			hold(cluster, func() {
				arrived <- struct{}{}
				<-answer
			})
			f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()})
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = f.SelectMergeStacktraces(context.Background(), stackTraces(nil))
			}()
			<-arrived
			ctx, leave := context.WithTimeout(context.Background(), 200*time.Millisecond)
			defer leave()
			_, err := f.SelectMergeStacktraces(ctx, stackTraces(nil))
			require.Equal(t, connect.CodeDeadlineExceeded, connect.CodeOf(err))
			require.ErrorContains(t, err, step+": no answer within ")
			close(answer)
			<-done
		})
	}
}

// What servers say is shown in one line, without what a terminal or a browser could
// take for something else, and not at any length.
func TestMessagesOfOthersAreCutAndCleaned(t *testing.T) {
	for name, test := range map[string]struct{ message, shown string }{
		"a line":         {"no space left", "query-backend: no space left"},
		"lines":          {"no\nspace\r\n\tleft", "query-backend: no space   left"},
		"an escape":      {"\x1b[31mred", "query-backend: \uFFFD[31mred"},
		"another way":    {"a\u202eb", "query-backend: a\uFFFDb"},
		"no text":        {"a\xffb", "query-backend: a\uFFFDb"},
		"a page of HTML": {strings.Repeat("<html>", 10_000), "<html><h"},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newFakeCluster(t)
			cluster.invokeError = status.Error(codes.Internal, test.message)
			_, err := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).SelectMergeStacktraces(context.Background(), stackTraces(nil))
			var coded *connect.Error
			require.ErrorAs(t, err, &coded)
			require.Contains(t, coded.Message(), test.shown)
			require.Less(t, len(coded.Message()), 2000)
		})
	}
	require.Equal(t, 501, len([]rune(queryfrontend.ForeignMessage(strings.Repeat("é", 10_000)))), "the rest is an ellipsis")
}

// Sizes that add up to more than a number holds are the metastore's fault.
func TestAnalyzeQueryOfSizesThatOverflow(t *testing.T) {
	cluster := listing{newFakeCluster(t), func() *metastorev1.QueryMetadataResponse {
		huge := manyBlocks(3)
		for _, block := range huge.Blocks {
			block.Size, block.Datasets[0].Size = math.MaxUint64, math.MaxUint64
		}
		return huge
	}}
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()}, queryfrontend.WithClock(corpusNow))
	_, err := f.AnalyzeQuery(context.Background(), connect.NewRequest(&querierv1.AnalyzeQueryRequest{Start: corpusStart, End: corpusEnd}))
	require.ErrorContains(t, err, "metastore sent a malformed answer")
}

// A DOT graph of values that add up to more than a number holds is an error too.
func TestDOTOfValuesThatOverflow(t *testing.T) {
	p := &googlev1.Profile{
		StringTable: []string{"", "main"},
		SampleType:  []*googlev1.ValueType{{}},
		Function:    []*googlev1.Function{{Id: 1, Name: 1}},
		Location:    []*googlev1.Location{{Id: 1, Line: []*googlev1.Line{{FunctionId: 1}}}},
		Sample:      []*googlev1.Sample{{LocationId: []uint64{1}, Value: []int64{math.MaxInt64}}, {LocationId: []uint64{1}, Value: []int64{2}}},
	}
	_, err := profile.DOT(t.Context(), p, 0)
	require.ErrorContains(t, err, "add up to more than")
	p.Sample[1].Value[0] = math.MinInt64
	_, err = profile.DOT(t.Context(), p, 0)
	require.ErrorContains(t, err, "add up to more than")
}

// Planning that nobody waits for ends, and its place is free.
func TestPlanningEndsWithItsCaller(t *testing.T) {
	blocks := manyBlocks(50_000)
	ctx, leave := context.WithCancel(context.Background())
	cluster := listing{newFakeCluster(t), func() *metastorev1.QueryMetadataResponse {
		leave()
		return blocks
	}}
	released := make(chan struct{})
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()}, queryfrontend.WithClock(corpusNow),
		queryfrontend.WithAdmission(admissionFunc(func() (func(), error) { return func() { close(released) }, nil })))
	_, err := f.SelectMergeStacktraces(ctx, stackTraces(nil))
	require.True(t, errors.Is(err, context.Canceled) || connect.CodeOf(err) == connect.CodeCanceled, "%v", err)
	select {
	case <-released:
	case <-time.After(10 * time.Second):
		require.Fail(t, "the place is not free")
	}
	require.Empty(t, cluster.invokes)
}
