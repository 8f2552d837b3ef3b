package plugin

import (
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// A range that ends later today has one step more from time to time. What was read of the
// steps before is not shown as that of others.
func TestOtherStepsAreAnotherRun(t *testing.T) {
	request := &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A"}}}
	keyOf := func(ends ...int64) runKey {
		one := &target{model: queryModel{Progress: &progressModel{Run: "01234567"}}, requests: make([]queryfrontend.PanelRequest, len(ends))}
		one.steps.Ends = ends
		key, ok := runOf(request, []*target{one})
		require.True(t, ok)
		return key
	}
	require.Equal(t, keyOf(1, 2), keyOf(1, 2))
	require.NotEqual(t, keyOf(1, 2), keyOf(1, 2, 3))
	require.NotEqual(t, keyOf(1, 2), keyOf(2, 3))
}
