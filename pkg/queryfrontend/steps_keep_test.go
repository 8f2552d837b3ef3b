package queryfrontend_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

// stepRequests are the requests for a call tree of each step.
func stepRequests(f *queryfrontend.Frontend, start, end int64, seconds float64, tree *querierv1.SelectMergeStacktracesRequest) []queryfrontend.PanelRequest {
	steps, ok := f.Steps(start, end, seconds, 60, false)
	if !ok {
		return nil
	}
	requests := make([]queryfrontend.PanelRequest, len(steps.Ends))
	for i, to := range steps.Ends {
		of := tree.CloneVT()
		of.Start, of.End = steps.Start(i), to
		requests[i] = queryfrontend.PanelRequest{Tree: of, OneOfMany: true}
	}
	return requests
}

// steppedQuery asks for the tree of each step, and writes them down.
func steppedQuery(seconds float64, tree *querierv1.SelectMergeStacktracesRequest) slicedQuery {
	return func(t *rapid.T, f *queryfrontend.Frontend, start, end int64) (string, uint64) {
		var written strings.Builder
		var reused uint64
		for _, panel := range f.Panels(context.Background(), stepRequests(f, start, end, seconds, tree)...) {
			require.NoError(t, panel.Err)
			fmt.Fprintf(&written, "%d: %q\n", panel.Scope.End, panel.Tree.Marshal())
			for _, a := range panel.Answers {
				reused += a.Summary.ReusedBytes
			}
		}
		return written.String(), reused
	}
}

// Steps are whole steps of the clock: at a refresh, those that nothing was written into or
// compacted are answered as before. What a store goes through, who asks for which tenant,
// and queries that are alike but for one thing: answers are those of no cache, to the byte.
func TestKeptStepsAreThoseOfBlocks(t *testing.T) {
	var queries []slicedQuery
	few := int64(2)
	for _, selector := range []string{`{}`, `{service_name="x"}`, `{service_name="x",__tenant_id__="tenant-a"}`, `{__tenant_id__="tenant-b",pod="p"}`} {
		for _, seconds := range []float64{15, 60, 300} {
			tree := &querierv1.SelectMergeStacktracesRequest{ProfileTypeID: slicedType, LabelSelector: selector}
			small := tree.CloneVT()
			small.MaxNodes = &few
			queries = append(queries, steppedQuery(seconds, tree), steppedQuery(seconds, small))
		}
	}
	requireSameWithCache(t, queries, 0, 0, 1, 15_000)
}

// A countingBackend counts requests, and says that blocks were gone when it is told to.
type countingBackend struct {
	*slicedCluster
	requests atomic.Int64
	cut      atomic.Int64 // fetched too little, so often
	spoilt   atomic.Int64 // the tree cannot be read, so often
}

func (c *countingBackend) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	c.requests.Add(1)
	response, err := c.slicedCluster.Invoke(ctx, r)
	if err == nil && c.cut.Add(-1) >= 0 {
		response.Diagnostics.ExecutionNode.Stats.BytesFetched = 0
	}
	if err == nil && c.spoilt.Add(-1) >= 0 {
		response.Reports[0].Tree.Tree = []byte{1, 2, 0xff}
	}
	return response, err
}

// write writes one profile, of native code without symbols if it is wanted, and cuts the
// segment.
func (c *countingBackend) write(t *testing.T, at int64, native bool) {
	t.Helper()
	f := &pprof.Function{ID: 1, Name: "main"}
	location := &pprof.Location{ID: 1, Line: []pprof.Line{{Function: f}}}
	cpu := &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}
	p := &pprof.Profile{
		SampleType: []*pprof.ValueType{cpu}, PeriodType: cpu, Period: 1, Function: []*pprof.Function{f}, Location: []*pprof.Location{location},
		Sample: []*pprof.Sample{{Value: []int64{1}, Location: []*pprof.Location{location}}},
	}
	if native {
		p.Mapping = []*pprof.Mapping{{ID: 1, BuildID: "aa", File: "/usr/lib/libone.so"}}
		p.Location[0].Mapping, p.Location[0].Line, p.Location[0].Address = p.Mapping[0], nil, 5
	}
	require.NoError(t, c.store.Ingest(blockstore.IngestRequest{
		Tenant: "tenant-a", Labels: map[string]string{"__name__": "process_cpu", "service_name": "x"}, Time: time.UnixMilli(at), Profile: p,
	}))
	c.store.Cut()
}

// A refresh reads the steps that are new, and those of which a block was replaced, each
// with one request; what was not whole is read again.
func TestRefreshesReadNewSteps(t *testing.T) {
	for name, native := range map[string]bool{"names": false, "native code": true} {
		t.Run(name, func(t *testing.T) { requireNewStepsAreRead(t, native) })
	}
}

func requireNewStepsAreRead(t *testing.T, native bool) {
	const step = 60_000
	c := &countingBackend{slicedCluster: &slicedCluster{now: 1_790_000_040_000 / step * step, deleted: make(map[string]bool),
		store: blockstore.New(blockstore.WithSegmentDuration(10 * time.Second))}}
	var err error
	c.backend, err = querybackend.New(querybackend.Config{Blocks: c.store})
	require.NoError(t, err)
	require.NoError(t, c.backend.Start())
	t.Cleanup(c.backend.Stop)
	f := queryfrontend.New(c, c, queryfrontend.Config{Tenants: []string{"tenant-a"}, Limits: queryfrontend.DefaultLimits()},
		queryfrontend.WithClock(func() time.Time { return time.UnixMilli(c.now) }),
		queryfrontend.WithSlices(slicecache.New(1<<20, time.Now)))
	ask := func() int {
		before := c.requests.Load()
		tree := &querierv1.SelectMergeStacktracesRequest{ProfileTypeID: slicedType, LabelSelector: "{}"}
		panels := f.Panels(context.Background(), stepRequests(f, c.now-10*step, c.now, 60, tree)...)
		require.Len(t, panels, 10)
		for _, panel := range panels {
			require.NoError(t, panel.Err)
			require.EqualValues(t, 1, panel.Tree.Total())
			require.Equal(t, native, panel.Tree.Names[panel.Tree.Name[1]] == "libone.so!0x5")
		}
		return int(c.requests.Load() - before)
	}
	passed := func() {
		c.now += step
		c.write(t, c.now-step/2, native)
	}
	for range 10 {
		passed()
	}
	require.Equal(t, 10, ask(), "all are read the first time")
	require.Zero(t, ask(), "and none the second time")
	passed()
	require.Equal(t, 1, ask(), "one step is new")
	c.cut.Store(1)
	passed()
	require.Equal(t, 1, ask())
	require.Equal(t, 1, ask(), "what was not whole was not kept")
	require.Zero(t, ask())
	c.spoilt.Store(1)
	passed()
	tree := &querierv1.SelectMergeStacktracesRequest{ProfileTypeID: slicedType, LabelSelector: "{}"}
	panels := f.Panels(context.Background(), stepRequests(f, c.now-10*step, c.now, 60, tree)...)
	require.ErrorContains(t, panels[9].Err, "malformed")
	require.Equal(t, 1, ask(), "what cannot be shown was not kept")
	require.Zero(t, ask())
	c.store.Compact()
	require.Equal(t, 10, ask(), "all blocks were replaced")
	require.Zero(t, ask())
}
