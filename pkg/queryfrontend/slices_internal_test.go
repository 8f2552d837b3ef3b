package queryfrontend

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/reportmerge"
)

// totalsOf are the totals of a tree's call paths, but those of what was cut.
func totalsOf(tree *profile.Tree) map[string]int64 {
	totals := make(map[string]int64)
	var path []string
	for i := range tree.Len() {
		path = append(path[:tree.Level[i]], tree.Names[tree.Name[i]])
		for end := range path {
			if key := path[1 : end+1]; !slices.Contains(key, "other") {
				totals[strings.Join(key, ";")] += tree.Self[i]
			}
		}
	}
	return totals
}

// cutParts cuts call trees of parts to so many nodes each, and what they come to to others.
func cutParts(t require.TestingT, parts []*profile.Tree, each, all int64) (merged, cut *profile.Tree) {
	var reports []*queryv1.Report
	for _, part := range parts {
		reports = append(reports, &queryv1.Report{ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{Tree: profile.Truncate(part, each).Marshal()}})
	}
	m, err := reportmerge.Merge(reports, reportmerge.Options{Take: func(int64) error { return nil }})
	require.NoError(t, err)
	return m.Tree, profile.Truncate(m.Tree, all)
}

// A plan cuts each leaf's call tree to the nodes that are asked for, and the merged one
// again. What comes of slices, which are asked for more, shows no call path with less than
// what comes of as many leaves, and in all as much, once both are cut.
func TestSlicesAreCutNoWorseThanLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		maxNodes := rapid.Int64Range(1, 20).Draw(t, "nodes")
		var parts []*profile.Tree
		for range rapid.IntRange(1, 5).Draw(t, "parts") {
			b := profile.NewTreeBuilder()
			for range rapid.IntRange(0, 60).Draw(t, "stacks") {
				stack := rapid.SliceOfN(rapid.StringMatching("[a-h]"), 1, 5).Draw(t, "stack")
				b.AddStack(rapid.Int64Range(1, 1000).Draw(t, "value"), stack)
			}
			parts = append(parts, b.Tree(0))
		}
		uncut, leaves := cutParts(t, parts, maxNodes, maxNodes)
		sliced, fromSlices := cutParts(t, parts, sliceNodes*maxNodes, maxNodes)
		ofSlices := totalsOf(sliced)
		for path, total := range totalsOf(uncut) {
			require.GreaterOrEqual(t, ofSlices[path], total, path)
		}
		require.Equal(t, uncut.Total(), fromSlices.Total(), "nothing is lost")
		require.GreaterOrEqual(t, shown(fromSlices, maxNodes), shown(leaves, maxNodes))
	})
}

// shown is the sum of the totals of the largest call paths, as many as are asked for.
func shown(tree *profile.Tree, maxNodes int64) (sum int64) {
	var totals []int64
	for path, total := range totalsOf(tree) {
		if path != "" {
			totals = append(totals, total)
		}
	}
	slices.Sort(totals)
	slices.Reverse(totals)
	for _, total := range totals[:min(len(totals), int(maxNodes))] {
		sum += total
	}
	return sum
}

// A range of whole steps, on the grid of the query, holds what was asked for with room on
// both sides.
func TestWholeSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.Int64Range(1, 1000).Draw(t, "step")
		grid := rapid.Int64Range(100_000, 200_000).Draw(t, "grid")
		first := rapid.Int64Range(100_000, 200_000).Draw(t, "first")
		last := first + rapid.Int64Range(0, 5000).Draw(t, "length")
		start, end := wholeSteps(grid, step, first, last)
		require.Zero(t, (start-grid)%step)
		require.Zero(t, (end-grid)%step)
		require.Less(t, start, first)
		require.Greater(t, end, last)
		require.LessOrEqual(t, first-start, step, fmt.Sprint(start))
		require.LessOrEqual(t, end-last, step)
	})
}
