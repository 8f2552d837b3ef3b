package plugin_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// A block is read for each step that it has profiles of: segments, which are shorter than a
// step, once, and what they are compacted to as often as there are steps.
func TestWhatFunctionSeriesCost(t *testing.T) {
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	const parts = 6
	for name, test := range map[string]struct {
		compactions int
		least, most float64 // bytes fetched, in flame graphs of the range
	}{
		"segments":        {0, 0.8, 1},
		"compacted twice": {2, 12, 14},
	} {
		t.Run(name, func(t *testing.T) {
			store := blockstore.New(blockstore.WithSegmentDuration(500 * time.Millisecond))
			for i := range parts {
				require.NoError(t, devstack.Load(store, "anonymous", recordings, firstProfile.Add(time.Duration(i)*150*time.Second)))
			}
			for range test.compactions {
				store.Compact()
			}
			stack, err := devstack.Start(store, devstack.Config{MetastoreNodes: 1, QueryBackends: 1})
			require.NoError(t, err)
			t.Cleanup(stack.Close)
			c := cluster{Stack: stack, store: store, timeRange: backend.TimeRange{From: firstProfile, To: firstProfile.Add(parts * 150 * time.Second)}}
			datasource := newDatasource(t, c.settings(map[string]any{"minStep": "1s"}), nil)
			fetched := func(queryType string) float64 {
				answer := queryDataEvery(t, datasource, c.timeRange, time.Minute, checkoutTarget(map[string]any{"queryType": queryType}))["A"]
				require.NoError(t, answer.Error)
				return statOf(answer.Frames[0], "Bytes fetched")
			}
			times := fetched("functionSeries") / fetched("profile")
			t.Logf("%.2f flame graphs", times)
			require.GreaterOrEqual(t, times, test.least)
			require.LessOrEqual(t, times, test.most)
		})
	}
}

func statOf(f *data.Frame, name string) float64 {
	for _, stat := range f.Meta.Stats {
		if stat.DisplayName == name {
			return stat.Value
		}
	}
	return 0
}

// Many steps are one query to the cluster's owner, and so never all at once.
func TestFewStepsAreReadAtOnce(t *testing.T) {
	cluster := startCluster(t)
	cluster.store.Compact() // so that each step has something to read
	var running, most, all atomic.Int64
	address := serveBackend(t, func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		now := running.Add(1)
		defer running.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		all.Add(1)
		time.Sleep(10 * time.Millisecond)
		return &queryv1.InvokeResponse{}, nil
	})
	datasource := newDatasource(t, cluster.settings(map[string]any{"queryBackendAddress": address, "minStep": "1s"}), nil)
	answer := queryDataEvery(t, datasource, cluster.timeRange, 5*time.Second, checkoutTarget(map[string]any{"queryType": "functionSeries"}))["A"]
	require.NoError(t, answer.Error)
	require.GreaterOrEqual(t, all.Load(), int64(8))
	require.EqualValues(t, 4, most.Load())
}
