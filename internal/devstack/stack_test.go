package devstack_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

func TestStartServesEveryNode(t *testing.T) {
	for name, test := range map[string]struct {
		config               devstack.Config
		metastores, backends int
	}{
		"the least": {devstack.Config{}, 1, 1},
		"several":   {devstack.Config{MetastoreNodes: 3, QueryBackends: 4}, 3, 4},
	} {
		t.Run(name, func(t *testing.T) {
			stack, err := devstack.Start(blockstore.New(), test.config)
			require.NoError(t, err)
			defer stack.Close()
			require.Len(t, stack.Metastore.Addresses(), test.metastores)
			require.Len(t, stack.QueryBackends, test.backends)
			require.NotContains(t, stack.QueryBackendAddress(), stack.MetastoreAddress())
		})
	}
}

// The profiles that come with the stack are what the demo and the tests rely on:
// several services, pods and kinds of profiles, native frames, spans and traces.
func TestRecordings(t *testing.T) {
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	store := blockstore.New()
	require.NoError(t, devstack.Load(store, "anonymous", recordings, time.UnixMilli(1_700_000_000_000)))
	require.NotEmpty(t, store.Blocks())

	services, pods, kinds := map[string]bool{}, map[string]bool{}, map[string]bool{}
	native, spans := false, false
	for _, r := range recordings {
		services[r.Service], pods[r.Pod], kinds[string(r.Kind)] = true, true, true
	}
	for _, meta := range store.Blocks() {
		block, err := store.Read(meta.GetId())
		require.NoError(t, err)
		for _, dataset := range block.Datasets {
			if dataset == nil {
				continue // the tenant-wide index
			}
			for _, series := range dataset.Series {
				for _, profile := range series.Profiles {
					for _, sample := range profile.Samples {
						spans = spans || sample.SpanID != 0 && sample.TraceID != [16]byte{}
						for i := range sample.Stack {
							native = native || !sample.Stack[i].Symbolized()
						}
					}
				}
			}
		}
	}
	require.Len(t, services, 3)
	require.GreaterOrEqual(t, len(pods), 6)
	require.GreaterOrEqual(t, len(kinds), 5)
	require.True(t, native, "native frames without names")
	require.True(t, spans, "samples of spans and traces")
}
