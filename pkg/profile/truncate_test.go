package profile_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// The same query was recorded without a limit that matters, and with limits of
// 512 and 128 nodes. Query-backends cut the parts before they merge them, so
// only the totals are comparable.
func TestTruncateKeepsRecordedTotals(t *testing.T) {
	whole := recordedTree(t, "stacktraces_default_nodes")
	for name, maxNodes := range map[string]int64{"stacktraces_0_0": 512, "stacktraces_tree": 128} {
		t.Run(name, func(t *testing.T) {
			require.Greater(t, int64(whole.Len()), maxNodes)
			got := profile.Truncate(whole, maxNodes)
			requireSound(t, got)
			require.Equal(t, recordedTree(t, name).Total(), got.Total())
			require.Less(t, got.Len(), whole.Len())
		})
	}
}

func recordedTree(t testing.TB, name string) *profile.Tree {
	t.Helper()
	c := corpusCaseNamed(t, "SelectMergeStacktraces", name)
	tree, err := profile.UnmarshalTree(c.reports(t)[0][0].Tree.Tree)
	require.NoError(t, err)
	return tree
}

func TestTruncate(t *testing.T) {
	for name, tc := range map[string]struct {
		stacks   map[string]int64
		maxNodes int64
		want     map[string]int64
	}{
		"no limit":             {map[string]int64{"a": 1, "b": 2}, 0, map[string]int64{"a": 1, "b": 2}},
		"not exceeded":         {map[string]int64{"a": 1, "b": 2}, 2, map[string]int64{"a": 1, "b": 2}},
		"into a new other":     {map[string]int64{"a": 1, "b": 2, "z": 3, "zz": 9}, 1, map[string]int64{"other": 6, "zz": 9}},
		"other comes last":     {map[string]int64{"a": 9, "b": 2, "z": 3}, 1, map[string]int64{"a": 9, "other": 5}},
		"into other of before": {map[string]int64{"a": 9, "b": 2, "other": 3, "other;x": 1, "z": 1}, 1, map[string]int64{"a": 9, "other": 6, "other;other": 1}},
		"subtrees go whole":    {map[string]int64{"a": 9, "b;c;d": 2, "b;c": 2}, 1, map[string]int64{"a": 9, "other": 4}},
		"below a kept node":    {map[string]int64{"a;x": 1, "a;y": 1, "a": 3}, 1, map[string]int64{"a": 3, "a;other": 2}},
		"equals are all kept":  {map[string]int64{"a": 2, "b": 2, "c": 2, "d": 1}, 2, map[string]int64{"a": 2, "b": 2, "c": 2, "other": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			got := profile.Truncate(treeOf(tc.stacks), tc.maxNodes)
			requireSound(t, got)
			require.Equal(t, tc.want, stacks(got))
		})
	}
}

func TestTruncateOnlyEverGathersValues(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"a", "b", "n", "other", "p", "z"}
	for range 200 {
		b := profile.NewTreeBuilder()
		for range 60 {
			stack := make([]string, 1+random.IntN(6))
			for i := range stack {
				stack[i] = names[random.IntN(len(names))]
			}
			b.AddStack(1+random.Int64N(100), stack)
		}
		maxNodes := 1 + random.Int64N(40)
		whole, cut := b.Tree(0), b.Tree(maxNodes)
		requireSound(t, cut)
		require.Equal(t, whole.Total(), cut.Total())
		before, after := totals(whole), totals(cut)
		for stack, total := range after {
			if !strings.HasSuffix(stack, "other") {
				require.Equal(t, before[stack], total, "%s of %s", stack, fmt.Sprint(before))
			}
		}
	}
}

// totals is every call path's total.
func totals(tree *profile.Tree) map[string]int64 {
	all := map[string]int64{}
	var path []string
	rows := make([]profile.Node, tree.Len())
	for row, n := range tree.Rows() {
		rows[row] = n
	}
	for _, n := range rows[1:] {
		path = append(path[:n.Level-1], tree.Names[n.Name])
		all[strings.Join(path, ";")] = n.Total
	}
	return all
}
