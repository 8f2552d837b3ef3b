package frame_test

import (
	"slices"
	"testing"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/pyrofront/pyrofront/internal/corpus"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// recorded is one call of the conformance corpus.
func recorded(tb testing.TB, name string) corpus.Case {
	tb.Helper()
	cases, err := corpus.Cases()
	require.NoError(tb, err)
	i := slices.IndexFunc(cases, func(c corpus.Case) bool { return c.Name == name })
	require.GreaterOrEqual(tb, i, 0, "no recorded call %q", name)
	return cases[i]
}

// answer decodes the recorded answer to the client.
func answer[M proto.Message](tb testing.TB, name string, m M) M {
	tb.Helper()
	m, err := corpus.Decode(recorded(tb, name).Response, m)
	require.NoError(tb, err)
	return m
}

// recordedTrees are the call trees that the query-backends sent for a call.
func recordedTrees(tb testing.TB, name string) (trees [][]byte) {
	tb.Helper()
	invokes, err := recorded(tb, name).Invokes()
	require.NoError(tb, err)
	for _, invoke := range invokes {
		for _, r := range invoke.Response.GetReports() {
			if r.GetTree() != nil {
				trees = append(trees, r.GetTree().GetTree())
			}
		}
	}
	return trees
}

func unmarshalTree(tb testing.TB, b []byte) *profile.Tree {
	tb.Helper()
	t, err := profile.UnmarshalTree(b)
	require.NoError(tb, err)
	return t
}

// rowsOfLevels are the rows of a flame graph answer's levels, depth first, of
// which an item is a gap before it, a total, a self value and a name. Only
// answers in which no node has the value 0 can be read like this.
func rowsOfLevels(tb testing.TB, g *querierv1.FlameGraph) []flameRow {
	tb.Helper()
	l := flameLevels{names: g.GetNames()}
	for _, level := range g.GetLevels() {
		l.levels = append(l.levels, level.GetValues())
	}
	return flameRows(tb, l.frame())
}
