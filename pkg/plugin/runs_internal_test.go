package plugin

import (
	"context"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// A range that ends later today has one step more from time to time. A run goes on with the
// steps that it began with, and so do all who ask for it.
func TestARunKeepsItsSteps(t *testing.T) {
	request := &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A"}}}
	asked := func(ends ...int64) (runKey, []target) {
		one := target{model: queryModel{Progress: &progressModel{Run: "01234567"}}, requests: make([]queryfrontend.PanelRequest, len(ends)), stepped: true}
		one.steps.Ends = ends
		key, ok := runOf(request, []*target{&one})
		require.True(t, ok)
		return key, []target{one}
	}
	all := runs{times: defaultRunTimes(), most: 1}
	defer all.close()
	executed := 0
	join := func(key runKey, asked []target) *run {
		return all.join(t.Context(), key, time.Minute, asked, func(context.Context, *queryfrontend.Watch) []queryfrontend.PanelAnswer {
			executed++
			return nil
		}, nil)
	}
	began := join(asked(1, 2))
	later, of := asked(1, 2, 3)
	same := join(later, of)
	require.Same(t, began, same)
	of[0].follow(same, 0)
	require.Equal(t, []int64{1, 2}, of[0].steps.Ends)
	require.Len(t, of[0].requests, 2)
	<-began.done
	require.Equal(t, 1, executed)
}
