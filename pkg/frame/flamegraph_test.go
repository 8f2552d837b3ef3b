package frame_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// wire is a node as the wire has it.
func wire(name string, self, children uint64) []byte {
	b := binary.AppendUvarint(nil, uint64(len(name)))
	b = append(b, name...)
	b = binary.AppendUvarint(b, self)
	return binary.AppendUvarint(b, children)
}

func TestFlameGraphIsTheRecordedAnswer(t *testing.T) {
	// In these cases the query-frontend had nothing more to leave out, so that
	// the levels of its answer are the tree that the query-backends sent. But it
	// put the nodes named "other" behind their siblings; here they are in order.
	for _, name := range []string{
		"stacktraces_default_nodes", "stacktraces_0_0", "stacktraces_0_1", "stacktraces_1_0",
		"stacktraces_half", "stacktraces_call_site", "stacktraces_span", "span_profile",
	} {
		t.Run(name, func(t *testing.T) {
			trees := recordedTrees(t, name)
			require.Len(t, trees, 1)
			f, summary := frame.FlameGraph(unmarshalTree(t, trees[0]), cpu)

			want := answer(t, name, &querierv1.SelectMergeStacktracesResponse{}).GetFlamegraph()
			wantRows, wantOther := splitOther(rowsOfLevels(t, want))
			gotRows, gotOther := splitOther(flameRows(t, f))
			require.Equal(t, wantRows, gotRows)
			require.ElementsMatch(t, wantOther, gotOther)
			require.Equal(t, want.GetTotal(), summary.Total)
			require.Equal(t, f.Rows(), summary.Nodes)
		})
	}
}

func splitOther(rows []flameRow) (functions, other []flameRow) {
	for _, r := range rows {
		if r.label == "other" {
			other = append(other, r)
		} else {
			functions = append(functions, r)
		}
	}
	return functions, other
}

func TestFlameGraphSummary(t *testing.T) {
	tree := slices.Concat(
		wire("", 1, 2),
		wire("other", 10, 0),
		wire("main", 2, 2),
		wire("other", 20, 0),
		wire("another", 4, 0))
	f, summary := frame.FlameGraph(unmarshalTree(t, tree), cpu)
	require.Equal(t, frame.TreeSummary{Nodes: 5, Total: 37, Other: 30}, summary)
	require.Equal(t, []flameRow{
		{0, 37, 1, "total"},
		{1, 26, 2, "main"},
		{2, 4, 4, "another"},
		{2, 20, 20, "other"},
		{1, 10, 10, "other"},
	}, flameRows(t, f))
	require.Equal(t, "ns", field(t, f, "value").Config.Unit)
	require.Equal(t, "ns", field(t, f, "self").Config.Unit)
}

// Grafana's panel fails on a flame graph without rows, and draws this one.
func TestFlameGraphOfNothing(t *testing.T) {
	for _, tree := range [][]byte{nil, {}, wire("", 0, 0)} {
		f, summary := frame.FlameGraph(unmarshalTree(t, tree), cpu)
		require.Equal(t, []flameRow{{0, 0, 0, "total"}}, flameRows(t, f))
		require.Equal(t, frame.TreeSummary{Nodes: 1}, summary)
	}
}

func TestFlameGraphOfADeepStack(t *testing.T) {
	const depth = 100_000
	tree := wire("", 0, 1)
	for range depth - 1 {
		tree = append(tree, wire("recurse", 0, 1)...)
	}
	tree = append(tree, wire("recurse", 7, 0)...)
	f, summary := frame.FlameGraph(unmarshalTree(t, tree), cpu)
	require.Equal(t, frame.TreeSummary{Nodes: depth + 1, Total: 7}, summary)
	require.Equal(t, int64(depth), cell[int64](t, f, "level", depth))
	require.Equal(t, int64(7), cell[int64](t, f, "value", 0))
}

// An enum's index has 16 bits. With more names than that the labels must not
// wrap round.
func TestFlameGraphOfManyFunctions(t *testing.T) {
	const enumHolds = 1 << 16
	for functions, want := range map[int]data.FieldType{
		enumHolds - 1: data.FieldTypeEnum, // and the root makes 65,536
		enumHolds:     data.FieldTypeString,
		100_000:       data.FieldTypeString,
	} {
		t.Run(fmt.Sprint(functions), func(t *testing.T) {
			tree := wire("", 0, uint64(functions))
			for i := functions; i > 0; i-- {
				tree = append(tree, wire(fmt.Sprintf("f%06d", i), 1, 0)...)
			}
			f, _ := frame.FlameGraph(unmarshalTree(t, tree), cpu)
			require.Equal(t, want, field(t, f, "label").Type())
			require.Equal(t, "total", labelAt(t, f, 0))
			for i := 1; i <= functions; i++ {
				if got, want := labelAt(t, f, i), fmt.Sprintf("f%06d", i); got != want {
					t.Fatalf("row %d is %q, want %q", i, got, want)
				}
			}
		})
	}
}

func TestFlameGraphLabelsAreText(t *testing.T) {
	long := strings.Repeat("long", 10_000)
	tree := slices.Concat(wire("", 0, 3), wire(long, 1, 0), wire("bad\xFFname", 1, 0), wire("", 1, 0))
	f, _ := frame.FlameGraph(unmarshalTree(t, tree), cpu)
	require.Equal(t, []flameRow{
		{0, 3, 0, "total"}, {1, 1, 1, ""}, {1, 1, 1, "bad\uFFFDname"}, {1, 1, 1, long},
	}, flameRows(t, f))
}

// Frames are JSON and Arrow, which hold text only: what is no text in a name is
// shown as such, in every kind of flame graph.
func TestNamesThatAreNoText(t *testing.T) {
	tree := []byte{0, 0, 1, 2, 'f', 0xFF, 1, 0}
	graph, _ := frame.FlameGraph(unmarshalTree(t, tree), cpu)
	diffTree, err := profile.NewDiffTree(unmarshalTree(t, tree), unmarshalTree(t, tree), 16)
	require.NoError(t, err)
	for _, f := range []*data.Frame{graph, frame.Diff(diffTree, cpu)} {
		require.Equal(t, "f\uFFFD", flameRows(t, f)[1].label)
	}
}
