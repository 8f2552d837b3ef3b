package reportmerge_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/reportmerge"
)

func free(int64) error { return nil }

var all = reportmerge.Options{Start: math.MinInt64, End: math.MaxInt64, FirstPoint: math.MinInt64, Take: free}

func treeReport(stacks map[string]int64) *queryv1.Report {
	b := profile.NewTreeBuilder()
	for leaf, value := range stacks {
		b.AddStack(value, []string{"main", leaf})
	}
	return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{Tree: b.Tree(0).Marshal()}}
}

func TestTreesAreAddedUp(t *testing.T) {
	merged, err := reportmerge.Merge([]*queryv1.Report{
		treeReport(map[string]int64{"a": 1, "b": 2}), treeReport(nil), treeReport(map[string]int64{"b": 3, "c": 4}),
	}, all)
	require.NoError(t, err)
	require.Empty(t, merged.Reports)
	require.Equal(t, treeReport(map[string]int64{"a": 1, "b": 5, "c": 4}).GetTree().GetTree(), merged.Tree.Marshal())
}

// refReport is main with a call of a place in native code.
func refReport(address uint64, value int64) *queryv1.Report {
	return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{
		Tree: []byte{0, 0, 1, 1, 0, 1, 2, byte(value), 0},
		SymbolRefs: &queryv1.SymbolRefTable{Names: []string{"", "main"}, BuildIds: []string{"id"}, BinaryNames: []string{"libc.so.6"},
			UnresolvedBuildId: []uint32{0}, UnresolvedAddress: []uint64{address}},
	}}
}

// Trees of which some have references come to one with references: the same place is one.
func TestTreesWithReferencesAreAddedUp(t *testing.T) {
	merged, err := reportmerge.Merge([]*queryv1.Report{refReport(1, 5), treeReport(map[string]int64{"a": 1}), refReport(2, 3), refReport(1, 4)}, all)
	require.NoError(t, err)
	require.Nil(t, merged.Tree)
	require.Equal(t, []uint64{1, 2}, merged.Refs.Unresolved().GetUnresolvedAddress())
	want := profile.NewTreeBuilder()
	want.AddStack(1, []string{"main", "a"})
	want.AddStack(9, []string{"main", "memcpy", "inlined"})
	want.AddStack(3, []string{"main", "libc.so.6!0x2"})
	require.Equal(t, want.Tree(0).Marshal(), merged.Refs.Named([][]string{{"memcpy", "inlined"}}, 0).Marshal())
}

func labelled(pairs ...string) (labels []*typesv1.LabelPair) {
	for i := 0; i < len(pairs); i += 2 {
		labels = append(labels, &typesv1.LabelPair{Name: pairs[i], Value: pairs[i+1]})
	}
	return labels
}

func seriesReport(series ...*typesv1.Series) *queryv1.Report {
	return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_TIME_SERIES, TimeSeries: &queryv1.TimeSeriesReport{TimeSeries: series}}
}

func points(values ...float64) (points []*typesv1.Point) {
	for i := 0; i < len(values); i += 2 {
		points = append(points, &typesv1.Point{Timestamp: int64(values[i]), Value: values[i+1]})
	}
	return points
}

func TestSeriesAreAddedUp(t *testing.T) {
	o := all
	o.FirstPoint, o.End = 20, 40
	late := points(40, 1)
	late[0].Annotations = []*typesv1.ProfileAnnotation{{Key: "b"}}
	both := points(40, 2)
	both[0].Annotations = []*typesv1.ProfileAnnotation{{Key: "b"}, {Key: "a"}}
	merged, err := reportmerge.Merge([]*queryv1.Report{
		seriesReport(&typesv1.Series{Labels: labelled("pod", "q"), Points: points(10, 5, 20, 1, 30, 2)}, &typesv1.Series{Labels: labelled("pod", "early"), Points: points(10, 1)}),
		seriesReport(&typesv1.Series{Labels: labelled("pod", "p"), Points: late}, &typesv1.Series{Labels: labelled("pod", "q"), Points: points(30, 4, 50, 9)}),
		seriesReport(&typesv1.Series{Labels: labelled("pod", "p"), Points: both}),
	}, o)
	require.NoError(t, err)
	sum := points(40, 3)
	sum[0].Annotations = []*typesv1.ProfileAnnotation{{Key: "a"}, {Key: "b"}}
	want := seriesReport(&typesv1.Series{Labels: labelled("pod", "p"), Points: sum}, &typesv1.Series{Labels: labelled("pod", "q"), Points: points(20, 1, 30, 6)})
	require.True(t, proto.Equal(want, merged.Reports[0]), "%v", merged.Reports[0])
	require.Equal(t, 1.0, late[0].Value, "what is kept is not changed")
}

func heatmapReport(keys, values []string, series ...*queryv1.HeatmapSeries) *queryv1.Report {
	return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_HEATMAP, Heatmap: &queryv1.HeatmapReport{
		HeatmapSeries: series, AttributeTable: &queryv1.AttributeTable{Keys: keys, Values: values},
	}}
}

// Two tables number the same labels and profiles differently.
func TestHeatmapsAreJoined(t *testing.T) {
	o := all
	o.Start, o.End = 10, 30
	merged, err := reportmerge.Merge([]*queryv1.Report{
		heatmapReport([]string{"pod", ""}, []string{"p", "id-1"}, &queryv1.HeatmapSeries{AttributeRefs: []int64{0}, Points: []*queryv1.HeatmapPoint{
			{Timestamp: 20, ProfileId: 1, Value: 5}, {Timestamp: 9, ProfileId: 1, Value: 1}}}),
		heatmapReport([]string{"", "pod", "pod", ""}, []string{"id-2", "a", "p", "id-1"},
			&queryv1.HeatmapSeries{AttributeRefs: []int64{1}, Points: []*queryv1.HeatmapPoint{{Timestamp: 30, ProfileId: 0, Value: 7}, {Timestamp: 31, Value: 1}}},
			&queryv1.HeatmapSeries{AttributeRefs: []int64{2}, Points: []*queryv1.HeatmapPoint{{Timestamp: 10, ProfileId: 0, Value: 3}, {Timestamp: 20, ProfileId: 3, Value: 2}}}),
	}, o)
	require.NoError(t, err)
	report := merged.Reports[0].GetHeatmap()
	type point struct {
		pod, id   string
		at, value int64
	}
	var got []point
	for _, s := range report.GetHeatmapSeries() {
		for _, p := range s.GetPoints() {
			got = append(got, point{report.AttributeTable.Values[s.AttributeRefs[0]], report.AttributeTable.Values[p.ProfileId], p.Timestamp, p.Value})
		}
	}
	require.Equal(t, []point{{"a", "id-2", 30, 7}, {"p", "id-2", 10, 3}, {"p", "id-1", 20, 7}}, got)
}

func TestLookUpsAreUnions(t *testing.T) {
	names := func(texts ...string) *queryv1.Report {
		return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_LABEL_NAMES, LabelNames: &queryv1.LabelNamesReport{LabelNames: texts}}
	}
	values := func(texts ...string) *queryv1.Report {
		return &queryv1.Report{ReportType: queryv1.ReportType_REPORT_LABEL_VALUES, LabelValues: &queryv1.LabelValuesReport{LabelValues: texts}}
	}
	sets := func(pods ...string) *queryv1.Report {
		r := &queryv1.Report{ReportType: queryv1.ReportType_REPORT_SERIES_LABELS, SeriesLabels: new(queryv1.SeriesLabelsReport)}
		for _, pod := range pods {
			r.SeriesLabels.SeriesLabels = append(r.SeriesLabels.SeriesLabels, &typesv1.Labels{Labels: labelled("pod", pod)})
		}
		return r
	}
	merged, err := reportmerge.Merge([]*queryv1.Report{names("b", "c"), values("y"), sets("p", "r"), names("a", "b"), values("x", "y"), sets("p", "q")}, all)
	require.NoError(t, err)
	for i, want := range []*queryv1.Report{names("a", "b", "c"), values("x", "y"), sets("p", "q", "r")} {
		require.True(t, proto.Equal(want, merged.Reports[i]), "%v", merged.Reports[i])
	}
}

func TestWhatCannotBeMergedIsRefused(t *testing.T) {
	broken := errors.New("no room")
	full := all
	full.Take = func(int64) error { return broken }
	for name, test := range map[string]struct {
		report *queryv1.Report
		o      reportmerge.Options
		want   string
	}{
		"pprof":            {&queryv1.Report{ReportType: queryv1.ReportType_REPORT_PPROF}, all, "REPORT_PPROF cannot be merged"},
		"tree":             {&queryv1.Report{ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{Tree: []byte{1}}}, all, "call tree of 1 bytes"},
		"table":            {heatmapReport([]string{"a"}, nil), all, "1 keys and 0 values"},
		"reference":        {heatmapReport(nil, nil, &queryv1.HeatmapSeries{AttributeRefs: []int64{0}}), all, "reference 0 into an attribute table of 0"},
		"negative":         {heatmapReport([]string{"a"}, []string{"b"}, &queryv1.HeatmapSeries{Points: []*queryv1.HeatmapPoint{{ProfileId: -1}}}), all, "reference -1"},
		"references":       {&queryv1.Report{ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{Tree: []byte{0, 0, 1, 7, 0, 0}, SymbolRefs: new(queryv1.SymbolRefTable)}}, all, "reference 7 into a table of 0 names"},
		"bytes":            {&queryv1.Report{ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{Tree: []byte{0, 0}, SymbolRefs: new(queryv1.SymbolRefTable)}}, all, "call tree of 2 bytes"},
		"room for places":  {refReport(1, 1), full, "no room"},
		"room for a tree":  {treeReport(map[string]int64{"a": 1}), full, "no room"},
		"room for series":  {seriesReport(&typesv1.Series{}), full, "no room"},
		"room for points":  {heatmapReport(nil, nil, &queryv1.HeatmapSeries{}), full, "no room"},
		"room for a label": {&queryv1.Report{ReportType: queryv1.ReportType_REPORT_LABEL_NAMES}, full, "no room"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reportmerge.Merge([]*queryv1.Report{test.report}, test.o)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// What is merged in one step, or in two, and in whatever order, is the same.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var reports []*queryv1.Report
		for range rapid.IntRange(2, 6).Draw(t, "parts") {
			reports = append(reports, treeReport(rapid.MapOf(rapid.StringMatching("[a-c]"), rapid.Int64Range(1, 9)).Draw(t, "stacks")))
			s := &typesv1.Series{Labels: labelled("pod", rapid.StringMatching("[pq]").Draw(t, "pod"))}
			for at := range rapid.IntRange(1, 4).Draw(t, "points") {
				s.Points = append(s.Points, &typesv1.Point{Timestamp: int64(at), Value: float64(rapid.IntRange(0, 100).Draw(t, "value"))})
			}
			reports = append(reports, seriesReport(s))
		}
		want, err := reportmerge.Merge(reports, all)
		require.NoError(t, err)
		shuffled := rapid.Permutation(reports).Draw(t, "order")
		first, err := reportmerge.Merge(shuffled[:len(shuffled)/2], all)
		require.NoError(t, err)
		again := append(first.Reports, shuffled[len(shuffled)/2:]...)
		if first.Tree != nil {
			again = append(again, &queryv1.Report{ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{Tree: first.Tree.Marshal()}})
		}
		got, err := reportmerge.Merge(again, all)
		require.NoError(t, err)
		require.Equal(t, want.Tree.Marshal(), got.Tree.Marshal())
		require.True(t, proto.Equal(want.Reports[0], got.Reports[0]))
	})
}

// Reports come from elsewhere: nothing in them is a reason to panic.
func FuzzMerge(f *testing.F) {
	for _, r := range []*queryv1.Report{treeReport(map[string]int64{"a": 1}), seriesReport(&typesv1.Series{Labels: labelled("a", "b"), Points: points(1, 2)}),
		heatmapReport([]string{"a"}, []string{"b"}, &queryv1.HeatmapSeries{AttributeRefs: []int64{0}, Points: []*queryv1.HeatmapPoint{{Value: 1}}}), refReport(1, 1)} {
		encoded, err := r.MarshalVT()
		require.NoError(f, err)
		f.Add(encoded, encoded)
	}
	names, err := treeReport(map[string]int64{"a": 1}).MarshalVT()
	require.NoError(f, err)
	refs, err := refReport(2, 3).MarshalVT()
	require.NoError(f, err)
	f.Add(names, refs)
	f.Fuzz(func(_ *testing.T, a, b []byte) {
		reports := []*queryv1.Report{new(queryv1.Report), new(queryv1.Report)}
		if reports[0].UnmarshalVT(a) != nil || reports[1].UnmarshalVT(b) != nil {
			return
		}
		if merged, err := reportmerge.Merge(reports, all); err == nil && merged.Refs != nil {
			merged.Refs.Named([][]string{{"a", "b"}}, 2)
		}
	})
}
