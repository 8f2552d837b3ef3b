package profile_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// flameGraphAnswer has the fields that answers with a flame graph share.
type flameGraphRequest struct {
	MaxNodes int64  `json:"maxNodes"`
	Format   string `json:"format"`
}

// requireProto compares messages, and shows them as JSON where they differ.
func requireProto(t testing.TB, want, got proto.Message) {
	t.Helper()
	if !proto.Equal(want, got) {
		require.Equal(t, protojson.Format(want), protojson.Format(got))
	}
}

func TestRecordedFlameGraphs(t *testing.T) {
	for _, c := range corpusCases(t, "SelectMergeStacktraces", "SelectMergeSpanProfile") {
		var request flameGraphRequest
		require.NoError(t, json.Unmarshal(c.Request, &request))
		answer := into(t, c.Response, &querierv1.SelectMergeStacktracesResponse{})
		if answer.Flamegraph == nil {
			require.NotEmpty(t, request.Format)
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			var wire []byte
			for _, reports := range c.reports(t) {
				wire = reports[0].Tree.Tree
			}
			tree, err := profile.UnmarshalTree(wire)
			require.NoError(t, err)
			requireProto(t, answer.Flamegraph, profile.FlameGraph(tree, request.MaxNodes))
		})
	}
}

func TestRecordedTreeAnswer(t *testing.T) {
	c := corpusCaseNamed(t, "SelectMergeStacktraces", "stacktraces_tree")
	answer := into(t, c.Response, &querierv1.SelectMergeStacktracesResponse{})
	require.Equal(t, c.reports(t)[0][0].Tree.Tree, answer.Tree)
}

func values(levels []*querierv1.Level) [][]int64 {
	var all [][]int64
	for _, l := range levels {
		all = append(all, l.Values)
	}
	return all
}

func TestFlameGraphOfNothing(t *testing.T) {
	got := profile.FlameGraph(&profile.Tree{}, 10)
	requireProto(t, &querierv1.FlameGraph{
		Names:  []string{"total"},
		Levels: []*querierv1.Level{{Values: []int64{0, 0, 0, 0}}},
	}, got)
}

func TestFlameGraphLimitsNodes(t *testing.T) {
	tree := treeOf(map[string]int64{"a": 5, "a;big": 10, "a;s1": 1, "a;s2": 1, "b": 2, "c": 9})
	got := profile.FlameGraph(tree, 3)
	// The third largest total is 9: a (17), a;big (10), c (9).
	require.Equal(t, []string{"total", "other", "c", "a", "big"}, got.Names)
	require.Equal(t, [][]int64{
		{0, 28, 0, 0},
		{0, 17, 5, 3, 0, 9, 9, 2, 0, 2, 2, 1},
		{5, 10, 10, 4, 0, 2, 2, 1},
	}, values(got.Levels))
	require.EqualValues(t, 28, got.Total)
	require.EqualValues(t, 10, got.MaxSelf)
}

func TestFlameGraphShowsOtherAsALastLeaf(t *testing.T) {
	tree := treeOf(map[string]int64{"other;x": 3, "z": 4, "a": 1})
	got := profile.FlameGraph(tree, 0)
	require.Equal(t, []string{"total", "other", "z", "a"}, got.Names)
	require.Equal(t, [][]int64{
		{0, 8, 0, 0},
		{0, 1, 1, 3, 0, 4, 4, 2, 0, 3, 3, 1},
	}, values(got.Levels))
}

func TestFlameGraphNamesTotalAndEmpty(t *testing.T) {
	got := profile.FlameGraph(treeOf(map[string]int64{"total": 1, "a;": 2}), 0)
	require.Equal(t, []string{"total", "a", ""}, got.Names, `a function called "total" shares the root's name, one without a name does not`)
}

func FuzzFlameGraph(f *testing.F) {
	for _, values := range []map[string]int64{{"a;b": 1, "a;c": 2, "other;x": 3}, {"total": 1, "a;": 2}} {
		f.Add(treeOf(values).Marshal(), int64(2))
		f.Add(treeOf(values).Marshal(), int64(0))
	}
	f.Fuzz(func(t *testing.T, b []byte, maxNodes int64) {
		tree, err := profile.UnmarshalTree(b)
		if err != nil {
			return
		}
		got := profile.FlameGraph(tree, maxNodes)
		require.Equal(t, tree.Total(), got.Total)
		requireLevels(t, got.Levels, 4, 0, int64(len(got.Names)))

		requireTruncated(t, tree, maxNodes)
	})
}

// requireLevels checks that nodes lie side by side, within the level above, and
// have a name.
func requireLevels(t testing.TB, levels []*querierv1.Level, width, start int, names int64) {
	t.Helper()
	for i, l := range levels {
		require.Zero(t, len(l.Values)%width)
		var sum int64
		for v := l.Values; len(v) > 0; v = v[width:] {
			require.GreaterOrEqual(t, v[start], int64(0))
			require.GreaterOrEqual(t, v[start+1], v[start+2])
			require.Less(t, v[width-1], names)
			sum += v[start+1]
		}
		if i > 0 {
			var above int64
			for v := levels[i-1].Values; len(v) > 0; v = v[width:] {
				above += v[start+1] - v[start+2]
			}
			require.Equal(t, above, sum, "level %d holds what the one above does not hold itself", i)
		}
	}
}

func requireTruncated(t testing.TB, tree *profile.Tree, maxNodes int64) {
	t.Helper()
	cut := profile.Truncate(tree, maxNodes)
	requireSound(t, cut)
	require.Equal(t, tree.Total(), cut.Total())
	require.LessOrEqual(t, len(profile.FlameGraph(cut, 0).Levels), len(profile.FlameGraph(tree, 0).Levels)+1)
}
