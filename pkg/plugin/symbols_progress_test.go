package plugin_test

import (
	"slices"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/debuginfod"
)

// Pictures of native code have names as soon as those are there. What they cost is that of
// all pictures together, and the answer that of a query at once.
func TestPicturesOfNativeCodeHaveNames(t *testing.T) {
	const profiles = 20
	store := blockstore.New()
	for i := range profiles {
		require.NoError(t, store.Ingest(blockstore.IngestRequest{
			Tenant: "anonymous", Labels: map[string]string{"service_name": "thumbnails"}, Profile: debuginfod.Profile(8e9), Time: firstProfile.Add(time.Duration(i) * time.Minute),
		}))
		store.Cut()
	}
	stack, err := devstack.Start(store, devstack.Config{MetastoreNodes: 1, QueryBackends: 1})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	c := cluster{Stack: stack, timeRange: backend.TimeRange{From: firstProfile.Add(-time.Minute), To: firstProfile.Add(profiles * time.Minute)}}
	settings := c.settings(map[string]any{"debuginfodUrls": []string{startDebuginfod(t)}, "symbolTimeout": "1m"})
	target := inRun(map[string]any{"queryType": "profile", "labelSelector": thumbnails})

	plain := queryData(t, newDatasource(t, settings, nil), c.timeRange, checkoutTarget(map[string]any{"queryType": "profile", "labelSelector": thumbnails}))["A"]
	require.NoError(t, plain.Error)
	symbolBytes := statOf(plain.Frames[0], "Symbol bytes fetched")
	require.Positive(t, symbolBytes)
	stack.QueryBackends[0].Faults().SetPace(int64(statOf(plain.Frames[0], "Bytes fetched")))
	want := shown(t, plain)

	datasource := newDatasource(t, settings, nil)
	datasource.HurryRuns(10, time.Minute, 10)
	v := view(t, datasource, c, target)
	named := 0
	for {
		answer := v.poll(t.Context(), t)["A"]
		p := progressIn(t, answer)
		if p != nil {
			if len(answer.Frames[0].Fields) > 0 && slices.Contains(labelsOfFrame(t, answer.Frames[0]), "halve_row") {
				named++
			}
			continue
		}
		frame := answer.Frames[0]
		require.EqualValues(t, 3, statOf(frame, "Native addresses named"))
		require.Equal(t, symbolBytes, statOf(frame, "Symbol bytes fetched"), "though the first picture fetched them")
		require.EqualValues(t, 3, statOf(frame, "Native addresses"), "of all portions")
		require.Equal(t, want, shown(t, answer))
		break
	}
	require.Positive(t, named)
}
