package queryplan_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// A plan can be made without some blocks, and says of all others what they are. So does
// its request.
func TestPlansWithoutBlocks(t *testing.T) {
	store := blocksOf(
		testBlock{id: "1", sets: []testSet{set("a", cpu)}},
		testBlock{id: "2", sets: []testSet{set("a", cpu)}},
		testBlock{id: "3", sets: []testSet{set("a", cpu), set("b", cpu)}})
	for name, test := range map[string]struct{ skip, want []string }{
		"none":   {nil, []string{"1", "2", "3"}},
		"one":    {[]string{"2"}, []string{"1", "3"}},
		"others": {[]string{"9"}, []string{"1", "2", "3"}},
		"all":    {[]string{"1", "2", "3"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := queryplan.Build(query(tree, equal("service_name", "a")), encode(t, &metastorev1.QueryMetadataResponse{Blocks: store.Blocks}),
				queryplan.Options{Skip: func(id string) bool { return slices.Contains(test.skip, id) }, LeafBlocks: 1, FanIn: 2})
			require.NoError(t, err)
			var ids []string
			var bytes uint64
			for _, b := range plan.Blocks() {
				ids, bytes = append(ids, b.ID), bytes+b.Bytes
				for _, meta := range store.Blocks {
					if meta.GetId() == b.ID {
						require.Equal(t, []int64{meta.GetMinTime(), meta.GetMaxTime()}, []int64{b.Start, b.End})
					}
				}
			}
			require.ElementsMatch(t, test.want, ids)
			require.Equal(t, plan.Summary().Bytes, bytes)
			require.LessOrEqual(t, plan.Summary().LeastBytes, bytes)
			require.ElementsMatch(t, test.want, slices.Collect(maps.Keys(queryplan.BlocksOf(plan.Request()))))
		})
	}
}
