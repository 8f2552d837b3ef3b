package frame_test

import (
	"flag"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// go test ./pkg/frame -run TestGolden -update
var update = flag.Bool("update", false, "write the golden files anew")

// The golden files are all that Grafana gets of a frame. What goes in is what a
// real cluster answered, and a little that was made up where that has none.
func TestGolden(t *testing.T) {
	tree := unmarshalTree(t, recordedTrees(t, "stacktraces_tree")[0])
	flameGraph, summary := frame.FlameGraph(tree, cpu)
	empty, _ := frame.FlameGraph(&profile.Tree{}, cpu)

	halves := recordedTrees(t, "diff_halves")
	left, right := unmarshalTree(t, halves[0]), unmarshalTree(t, halves[1])
	difference, err := profile.NewDiffTree(left, right, 128)
	require.NoError(t, err)

	twoLabels := answer(t, "timeseries_group_two", &querierv1.SelectSeriesResponse{}).GetSeries()
	withExemplars := answer(t, "timeseries_exemplars", &querierv1.SelectSeriesResponse{}).GetSeries()
	heatmap := answer(t, "heatmap_individual_exemplars", &querierv1.SelectHeatmapResponse{}).GetSeries()
	annotations, _ := frame.Annotations(annotated(), time.Unix(1_800_000_000, 0))
	graph := frame.PlanGraph(planNodes(), planEdges())
	top := profile.TopFunctions(tree)[:12]

	for name, f := range map[string]*data.Frame{
		"flamegraph":           flameGraph,
		"flamegraph_empty":     empty,
		"diff":                 frame.Diff(difference, cpu),
		"diff_functions":       frame.ChangedFunctions(profile.DiffFunctions(left, right), left.Total(), right.Total(), cpu, 10),
		"series":               frame.Series(twoLabels, cpu, frame.Rate{Step: 2 * time.Minute})[0],
		"series_average":       frame.Series(twoLabels, cpu, frame.Rate{Step: 2 * time.Minute, Average: true})[0],
		"series_empty":         frame.Series(nil, cpu, frame.Rate{Step: time.Minute})[0],
		"exemplars":            frame.Exemplars(withExemplars, cpu, frame.Rate{Step: 5 * time.Minute}, ""),
		"exemplars_traces":     frame.Exemplars(traced(), cpu, frame.Rate{Step: 10 * time.Second}, "tempo"),
		"exemplars_heatmap":    frame.HeatmapExemplars(heatmap, cpu, "tempo"),
		"annotations":          annotations,
		"top_functions":        frame.TopFunctions(top, summary.Total, cpu),
		"top_functions_share":  frame.TopFunctions(top, summary.Total, cpu, frame.MeasureShare),
		"top_functions_empty":  frame.TopFunctions(nil, 0, cpu),
		"top_functions_none":   frame.TopFunctions(nil, 0, cpu, frame.MeasureShare),
		"series_once_a_minute": frame.Series(onceAMinute(), cpu, frame.Rate{Step: 15 * time.Second})[0],
		"function_series":      frame.FunctionSeries(functionShares(), cpu, time.Minute, frame.FunctionShare)[0],
		"heatmap":              frame.Heatmap(heatmap, cpu, 5*time.Minute)[0],
		"plan_nodes":           graph[0],
		"plan_edges":           graph[1],
		"plan_table":           frame.PlanTable(planNodes()),
	} {
		t.Run(name, func(t *testing.T) {
			experimental.CheckGoldenJSONFrame(t, "testdata/golden", name, f, *update)
		})
	}
}

// functionShares are a function's share of three steps, of which one had no profiles.
func functionShares() []*typesv1.Series {
	return []*typesv1.Series{{Labels: []*typesv1.LabelPair{{Name: "function", Value: "main.work"}}, Points: []*typesv1.Point{
		{Timestamp: 1_795_373_000_000, Value: 0.25}, {Timestamp: 1_795_373_060_000}, {Timestamp: 1_795_373_180_000, Value: 1},
	}}}
}

// onceAMinute is a series with an outage of five minutes.
func onceAMinute() []*typesv1.Series {
	s := &typesv1.Series{Labels: []*typesv1.LabelPair{{Name: "pod", Value: "checkout-0"}}}
	for _, minute := range []int64{0, 1, 2, 7, 8} {
		s.Points = append(s.Points, &typesv1.Point{Timestamp: 1_795_373_000_000 + minute*60_000, Value: 3e9})
	}
	return []*typesv1.Series{s}
}

// traced is a series with exemplars as spans have them.
func traced() []*typesv1.Series {
	return []*typesv1.Series{{
		Labels: []*typesv1.LabelPair{{Name: "service_name", Value: "checkout"}},
		Points: []*typesv1.Point{{Timestamp: 1_795_373_000_000, Value: 3e9, Exemplars: []*typesv1.Exemplar{
			{
				Timestamp: 1_795_372_995_000, Value: 2_000_000_000,
				ProfileId: "a0aa7a36-fe7d-4262-b447-fcfd55ce4575",
				SpanId:    "00f067aa0ba902b7", TraceId: "4bf92f3577b34da6a3ce929d0e0e4736",
				Labels: []*typesv1.LabelPair{{Name: "pod", Value: "checkout-0"}, {Name: "__name__", Value: "process_cpu"}},
			},
			{Timestamp: 1_795_372_992_000, Value: 1_000_000_000, Labels: []*typesv1.LabelPair{{Name: "spanId", Value: "a label"}}},
		}}},
	}}
}

func annotated() []*typesv1.Series {
	point := func(at int64, key string, values ...string) *typesv1.Point {
		p := &typesv1.Point{Timestamp: at, Value: 1}
		for _, v := range values {
			p.Annotations = append(p.Annotations, &typesv1.ProfileAnnotation{Key: key, Value: v})
		}
		return p
	}
	const throttled, sampled = "pyroscope.ingest.throttled", "pyroscope.ingest.sampled"
	limit := `{"body":{"periodType":"hour","periodLimitMb":1536,"limitResetTime":1795374000}}`
	return []*typesv1.Series{{Points: []*typesv1.Point{
		point(1_795_373_000_000, throttled, limit),
		point(1_795_373_060_000, throttled, limit, "no JSON"),
		point(1_795_373_120_000, sampled,
			`{"body":{"source":{"usageGroup":"checkout","probability":0.25}}}`,
			`{"body":{"source":{"usageGroup":"checkout","probability":1}}}`,
			`{"body":{}}`),
		point(1_795_373_180_000, "something.else", "hello"),
		point(1_795_373_240_000, throttled, `{"body":{"periodType":"day","periodLimitMb":0.5,"limitResetTime":1900000000}}`),
	}}}
}

func planNodes() []queryplan.ExplainedNode {
	return []queryplan.ExplainedNode{
		{ID: "0", Type: "MERGE", Title: "Merge 2", Blocks: 5, Datasets: 7, EstimatedBytes: 3 << 20,
			Execution: &queryplan.NodeExecution{Executor: "backend-0", Duration: 41 * time.Millisecond, FetchedBytes: 1 << 20}},
		{ID: "0.0", Type: "READ", Title: "Read 4 blocks", Subtitle: "checkout", Blocks: 4, Datasets: 6, EstimatedBytes: 2 << 20,
			Execution: &queryplan.NodeExecution{Executor: "backend-1", Duration: 1500 * time.Microsecond, BlocksRead: 4, DatasetsRead: 6, FetchedBytes: 1 << 20}},
		{ID: "0.1", Type: "READ", Title: "Read 1 block", Blocks: 1, Datasets: 1, EstimatedBytes: 1 << 20,
			Execution: &queryplan.NodeExecution{Executor: "backend-2", Duration: time.Second, Error: "deadline exceeded"}},
		{ID: "0.2", Type: "READ", Title: "Read nothing yet", EstimatedBytes: 500},
		{ID: "0.3", Type: "MERGE", Title: "Merge 0"},
	}
}

func planEdges() []queryplan.ExplainedEdge {
	return []queryplan.ExplainedEdge{
		{Source: "0.0", Target: "0"}, {Source: "0.1", Target: "0"},
		{Source: "0.2", Target: "0"}, {Source: "0.3", Target: "0"},
	}
}
