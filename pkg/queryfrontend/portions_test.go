package queryfrontend_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

// A watchedCluster calls whoever looks whenever a portion was read.
type watchedCluster struct {
	*slicedCluster
	mu       sync.Mutex
	requests []*queryv1.InvokeRequest
	look     func()
}

func (c *watchedCluster) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	response, err := c.slicedCluster.Invoke(ctx, r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, r)
	if c.look != nil {
		c.look()
	}
	return response, err
}

// Whatever is in the store, and whether answers are kept: what is read in portions comes to
// the same as what is read at once, to the byte; pictures only grow, and are what they say.
func TestAnswersInPortionsAreThoseOfBlocks(t *testing.T) {
	const first = int64(1_790_000_000_000)
	queries := slicedPanels()
	pictures, portions, reused := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := &watchedCluster{slicedCluster: newSlicedCluster(t, first)}
		defer c.backend.Stop()
		clock := queryfrontend.WithClock(func() time.Time { return time.UnixMilli(c.now) })
		config := queryfrontend.Config{Tenants: []string{"tenant-a", "tenant-b"}, Limits: queryfrontend.DefaultLimits()}
		names := new(learningSymbolizer)
		options := []queryfrontend.Option{clock, queryfrontend.WithSymbolizer(names)}
		if rapid.Bool().Draw(t, "kept") {
			looks := time.UnixMilli(first)
			options = append(options, queryfrontend.WithSlices(slicecache.New(1<<20, func() time.Time { return looks })))
		}
		watched, plain := queryfrontend.New(c, c, config, options...), queryfrontend.New(c, c, config, clock, queryfrontend.WithSymbolizer(names))
		watched.TakeForSlow()

		q := rapid.SampledFrom(queries).Draw(t, "query")
		for range rapid.IntRange(1, 4).Draw(t, "refreshes") {
			end := c.now - rapid.SampledFrom([]int64{0, 1, 15_000, 100_000}).Draw(t, "before now")
			request := q(end-3_600_000, end)
			c.look = nil
			want := plain.Panels(context.Background(), request)[0]
			require.NoError(t, want.Err)

			w := queryfrontend.NewWatch()
			var done uint64
			var total int64
			c.requests = nil
			c.look = func() {
				sight := w.Look(context.Background())[0]
				if !sight.Ready {
					return
				}
				pictures++
				require.GreaterOrEqual(t, sight.Progress.Done, done)
				require.LessOrEqual(t, sight.Progress.Done, sight.Progress.Total)
				require.GreaterOrEqual(t, sight.Answer.Tree.Total(), total)
				require.LessOrEqual(t, sight.Answer.Tree.Total(), want.Tree.Total())
				done, total = sight.Progress.Done, sight.Answer.Tree.Total()
			}
			got := watched.WatchPanels(context.Background(), w, request)[0]
			require.NoError(t, got.Err)
			require.Equal(t, written(t, want), written(t, got))
			portions += len(c.requests)
			for _, a := range got.Answers {
				reused += a.Summary.ReusedSlices
			}
			c.look = nil
			c.change()
			names.learn(t)
		}
	})
	require.Positive(t, pictures)
	require.Positive(t, portions)
	require.Positive(t, reused, "no portion was ever kept")
}

// slicedPanels are some of all kinds of panels.
func slicedPanels() (all []func(start, end int64) queryfrontend.PanelRequest) {
	for _, selector := range []string{`{}`, `{service_name="x"}`, `{__tenant_id__="tenant-b",pod="p"}`} {
		for _, of := range panelKinds() {
			all = append(all, func(start, end int64) (request queryfrontend.PanelRequest) {
				of(&request, selector, start, end)
				return request
			})
		}
	}
	return all
}

// The newest blocks are read first. Where a portion cannot be read, all is read at once.
func TestThePortionsOfAQuery(t *testing.T) {
	for name, failing := range map[string]error{"all can be read": nil, "one cannot": status.Error(codes.Internal, "a disk is broken")} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				c := &watchedCluster{slicedCluster: &slicedCluster{t: t, now: 1_790_000_000_000, deleted: make(map[string]bool), store: blockstore.New()}}
				var err error
				c.backend, err = querybackend.New(querybackend.Config{Blocks: c.store})
				require.NoError(t, err)
				require.NoError(t, c.backend.Start())
				defer c.backend.Stop()
				for i := range int64(20) {
					c.ingest(c.now - 60_000*i - 100_000)
					c.store.Cut()
				}
				f := queryfrontend.New(c, c, queryfrontend.Config{Tenants: []string{"tenant-a", "tenant-b"}, Limits: queryfrontend.DefaultLimits()},
					queryfrontend.WithClock(func() time.Time { return time.UnixMilli(c.now) }))
				f.TakeForSlow()
				request := queryfrontend.PanelRequest{Tree: &querierv1.SelectMergeStacktracesRequest{
					ProfileTypeID: slicedType, LabelSelector: "{}", Start: c.now - 3_600_000, End: c.now}}
				want := f.Panels(context.Background(), request)[0]
				require.NoError(t, want.Err)
				require.Len(t, c.requests, 1, "nobody looks")

				c.requests, c.failing = nil, failing
				got := f.WatchPanels(context.Background(), queryfrontend.NewWatch(), request)[0]
				require.NoError(t, got.Err)
				require.Equal(t, written(t, want), written(t, got))
				if failing != nil {
					return
				}
				require.Greater(t, len(c.requests), 4)
				oldest := int64(math.MaxInt64)
				for _, r := range c.requests {
					first, last := c.timesOf(t, r)
					require.LessOrEqual(t, last, oldest)
					oldest = min(oldest, first)
				}
			})
		})
	}
}

// timesOf is when the blocks of a request begin and end. A plan does not tell.
func (c *slicedCluster) timesOf(t require.TestingT, r *queryv1.InvokeRequest) (first, last int64) {
	decoded, err := queryplan.Decode(r)
	require.NoError(t, err)
	metadata := make(map[string]*metastorev1.BlockMeta)
	for _, b := range c.store.Blocks() {
		metadata[b.GetId()] = b
	}
	first = math.MaxInt64
	var visit func(n *queryv1.QueryNode)
	visit = func(n *queryv1.QueryNode) {
		for _, b := range n.GetBlocks() {
			require.Contains(t, metadata, b.GetId())
			first, last = min(first, metadata[b.GetId()].GetMinTime()), max(last, metadata[b.GetId()].GetMaxTime())
		}
		for _, child := range n.GetChildren() {
			visit(child)
		}
	}
	visit(decoded.GetQueryPlan().GetRoot())
	return first, last
}
