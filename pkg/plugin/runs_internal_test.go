package plugin

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
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

// Requests of one run have as many targets, whatever is in them: each follows its own.
func TestRunsAreOfAsManyTargets(t *testing.T) {
	key := func(targets int, queries ...backend.DataQuery) runKey {
		all := make([]*target, targets)
		for i := range all {
			all[i] = &target{query: queries[i], model: queryModel{Progress: &progressModel{Run: "01234567"}}}
		}
		key, ok := runOf(&backend.QueryDataRequest{Queries: queries}, all)
		require.True(t, ok)
		return key
	}
	never := backend.TimeRange{From: time.UnixMilli(0), To: time.UnixMilli(0)}
	text := "0s 0 0 0" // as the times of a query
	query := func(refID, queryType, json string) backend.DataQuery {
		return backend.DataQuery{RefID: refID, QueryType: queryType, JSON: []byte(json), TimeRange: never}
	}
	five := []backend.DataQuery{query("A", "", ""), query("B", "", ""), query("C", "", ""), query(text, "", ""), query("{}", "", "")}
	six := append([]backend.DataQuery{query("B", "C", "{}")}, five...)
	one := func() runKey { // of six, where the second is the only target
		key, ok := runOf(&backend.QueryDataRequest{Queries: six}, []*target{{query: five[0], model: queryModel{Progress: &progressModel{Run: "01234567"}}}})
		require.True(t, ok)
		return key
	}
	require.NotEqual(t, key(5, five...), one())
}

// A run goes on while its reader is away for a few seconds, as when a browser has many
// requests to send, however often. After ten seconds it ends, and whoever comes back begins
// another.
func TestRunsGoOnBetweenRequests(t *testing.T) {
	for name, test := range map[string]struct {
		away       time.Duration
		executions int
	}{
		"asked again at once":               {away: 0, executions: 1},
		"a slow browser":                    {away: 3 * time.Second, executions: 1},
		"a busy browser":                    {away: 9 * time.Second, executions: 1},
		"a tab that is woken once a minute": {away: time.Minute, executions: 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				all := runs{times: defaultRunTimes(), most: 2}
				defer all.close()
				seen := make(map[string]bool)
				var ended atomic.Int64
				for range 5 {
					one := all.join(t.Context(), runKey{}, time.Hour, nil, func(ctx context.Context, _ *queryfrontend.Watch) []queryfrontend.PanelAnswer {
						<-ctx.Done()
						return nil
					}, func(time.Duration) { ended.Add(1) })
					seen[one.execution] = true
					time.Sleep(time.Second)
					one.leave(t.Context())
					time.Sleep(test.away)
				}
				synctest.Wait()
				require.Len(t, seen, test.executions)
				if test.executions > 1 {
					require.EqualValues(t, test.executions, ended.Load(), "each ended by itself")
					require.Empty(t, all.byKey)
				}
			})
		})
	}
}
