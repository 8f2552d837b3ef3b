package querybackend_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/corpus"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A recording is one Invoke of the corpus that was answered.
type recording struct {
	name     string
	request  *queryv1.InvokeRequest
	response *queryv1.InvokeResponse
}

func recordings(t *testing.T) []recording {
	t.Helper()
	cases, err := corpus.Cases()
	require.NoError(t, err)
	var all []recording
	for _, c := range cases {
		invokes, err := c.Invokes()
		require.NoError(t, err)
		for _, invoke := range invokes {
			if invoke.Response != nil {
				all = append(all, recording{name: c.Name, request: invoke.Request, response: invoke.Response})
			}
		}
	}
	require.Greater(t, len(all), 30, "the corpus is there")
	return all
}

// A replay is a query-backend that answers one call after the other.
type replay struct {
	queryv1.UnimplementedQueryBackendServiceServer
	mu      sync.Mutex
	answers []*queryv1.InvokeResponse
}

func (r *replay) Invoke(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	answer := r.answers[0]
	r.answers = r.answers[1:]
	return answer, nil
}

// mergeRecorded sends a recorded request to a server whose peers answer with
// parts, one each, and returns its reports.
func mergeRecorded(t *testing.T, r recording, parts ...*queryv1.Report) []*queryv1.Report {
	t.Helper()
	peer := &replay{}
	var children []*queryv1.QueryNode
	for _, part := range parts {
		peer.answers = append(peer.answers, &queryv1.InvokeResponse{Reports: []*queryv1.Report{part}})
		children = append(children, readNode())
	}
	s, c := start(t, newStorage())
	s.SetPeers(serve(t, peer))
	response, err := c.Invoke(testContext(t), &queryv1.InvokeRequest{
		Tenant: r.request.Tenant, StartTime: r.request.StartTime, EndTime: r.request.EndTime, LabelSelector: r.request.LabelSelector,
		Query: r.request.Query, Options: r.request.Options, QueryPlan: &queryv1.QueryPlan{Root: mergeNode(children...)},
	})
	require.NoError(t, err)
	return response.Reports
}

func TestConformance(t *testing.T) {
	all := recordings(t)
	t.Run("recorded reports pass unchanged", func(t *testing.T) { recordedReportsPassUnchanged(t, all) })
	t.Run("halves merge", func(t *testing.T) { halvesMerge(t, all) })
	t.Run("profiles merge", func(t *testing.T) { profilesMerge(t, all) })
	t.Run("bytes fetched", func(t *testing.T) { bytesFetched(t, all) })
}

func recordedReportsPassUnchanged(t *testing.T, all []recording) {
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			got := mergeRecorded(t, r, proto.CloneOf(r.response.Reports[0]))
			requireEqual(t, r.response.Reports, got)
		})
	}
}

// The halves of a recorded report merge into what was recorded. Truncated
// trees are left out: merging truncates again, and so would the real one.
func halvesMerge(t *testing.T, all []recording) {
	merged := map[queryv1.ReportType]int{}
	for _, r := range all {
		recorded := r.response.Reports[0]
		left, right, ok := halve(t, recorded)
		if !ok {
			continue
		}
		merged[recorded.ReportType]++
		t.Run(r.name, func(t *testing.T) {
			requireEqual(t, r.response.Reports, mergeRecorded(t, r, left, right))
		})
	}
	for report, least := range map[queryv1.ReportType]int{
		queryv1.ReportType_REPORT_TREE:                5,
		queryv1.ReportType_REPORT_TIME_SERIES:         5,
		queryv1.ReportType_REPORT_TIME_SERIES_COMPACT: 1,
		queryv1.ReportType_REPORT_HEATMAP:             2,
		queryv1.ReportType_REPORT_LABEL_NAMES:         3,
		queryv1.ReportType_REPORT_LABEL_VALUES:        3,
		queryv1.ReportType_REPORT_SERIES_LABELS:       1,
	} {
		require.GreaterOrEqual(t, merged[report], least, "halved reports of type %s", report)
	}
}

// A profile merged with itself has twice the values, stack by stack.
func profilesMerge(t *testing.T, all []recording) {
	for _, r := range all {
		recorded := r.response.Reports[0]
		if recorded.ReportType != queryv1.ReportType_REPORT_PPROF {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			got := mergeRecorded(t, r, proto.CloneOf(recorded), proto.CloneOf(recorded))
			want := pprofStacks(t, recorded.Pprof.Pprof)
			require.NotEmpty(t, want)
			for stack := range want {
				want[stack] *= 2
			}
			require.Equal(t, want, pprofStacks(t, got[0].Pprof.Pprof))
		})
	}
}

// halve deals a report's contents out to two reports.
func halve(t *testing.T, r *queryv1.Report) (left, right *queryv1.Report, ok bool) {
	t.Helper()
	left, right = proto.CloneOf(r), proto.CloneOf(r)
	switch r.ReportType {
	case queryv1.ReportType_REPORT_TREE:
		whole, err := profile.UnmarshalTree(r.Tree.Tree)
		require.NoError(t, err)
		if limit := r.Tree.Query.MaxNodes; limit > 0 && int64(whole.Len()-1) > limit {
			return nil, nil, false
		}
		left.Tree.Tree, right.Tree.Tree = halveTree(whole)
	case queryv1.ReportType_REPORT_TIME_SERIES:
		for i := range r.TimeSeries.TimeSeries {
			deal(&left.TimeSeries.TimeSeries[i].Points, &right.TimeSeries.TimeSeries[i].Points)
		}
	case queryv1.ReportType_REPORT_TIME_SERIES_COMPACT:
		for i := range r.TimeSeriesCompact.TimeSeries {
			deal(&left.TimeSeriesCompact.TimeSeries[i].Points, &right.TimeSeriesCompact.TimeSeries[i].Points)
		}
	case queryv1.ReportType_REPORT_HEATMAP:
		for i := range r.Heatmap.HeatmapSeries {
			deal(&left.Heatmap.HeatmapSeries[i].Points, &right.Heatmap.HeatmapSeries[i].Points)
		}
	case queryv1.ReportType_REPORT_LABEL_NAMES:
		deal(&left.LabelNames.LabelNames, &right.LabelNames.LabelNames)
	case queryv1.ReportType_REPORT_LABEL_VALUES:
		deal(&left.LabelValues.LabelValues, &right.LabelValues.LabelValues)
	case queryv1.ReportType_REPORT_SERIES_LABELS:
		deal(&left.SeriesLabels.SeriesLabels, &right.SeriesLabels.SeriesLabels)
	default:
		return nil, nil, false
	}
	return left, right, true
}

// deal leaves every other element to the left, the others to the right.
func deal[E any](left, right *[]E) {
	var a, b []E
	for i := range *left {
		if i%2 == 0 {
			a = append(a, (*left)[i])
		} else {
			b = append(b, (*right)[i])
		}
	}
	*left, *right = a, b
}

// halveTree deals out the stacks, and splits each value as well.
func halveTree(whole *profile.Tree) (left, right []byte) {
	a, b := profile.NewTreeBuilder(), profile.NewTreeBuilder()
	var path []string
	for i, self := range whole.Self {
		path = append(path[:whole.Level[i]], whole.Names[whole.Name[i]])
		share := self / 3
		if i%2 == 0 {
			share = self
		}
		a.AddStack(share, path[1:])
		b.AddStack(self-share, path[1:])
	}
	return a.Tree(0).Marshal(), b.Tree(0).Marshal()
}

func requireEqual(t *testing.T, want, got []*queryv1.Report) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.Empty(t, diffJSON(t, want[i], got[i]))
	}
}

// diffJSON is empty if the messages are equal, byte for byte.
func diffJSON(t *testing.T, want, got proto.Message) string {
	t.Helper()
	deterministic := proto.MarshalOptions{Deterministic: true}
	a, err := deterministic.Marshal(want)
	require.NoError(t, err)
	b, err := deterministic.Marshal(got)
	require.NoError(t, err)
	if string(a) == string(b) {
		return ""
	}
	return "want " + protojson.Format(want) + "\ngot " + protojson.Format(got)
}
