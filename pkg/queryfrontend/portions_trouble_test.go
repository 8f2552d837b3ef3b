package queryfrontend_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

// A watchedTrouble is a troubled whose queries are read in portions, and kept. What
// answers a request can be changed on the way.
type watchedTrouble struct {
	*troubled
	budget *memory.Budget
	mu     sync.Mutex
	number int
	change func(number int, response *queryv1.InvokeResponse) (*queryv1.InvokeResponse, error)
}

func newWatchedTrouble(t *testing.T, kept bool) *watchedTrouble {
	c := &watchedTrouble{troubled: newTroubled(t), budget: memory.NewBudget(1 << 30)}
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	for i := range 3 {
		c.store.Compact() // segments are not kept
		require.NoError(t, devstack.Load(c.store, "anonymous", recordings, troubledFrom.Add(time.Duration(i+1)*5*time.Minute)))
	}
	c.forget(kept)
	return c
}

// forget begins anew with a frontend that has kept nothing, and knows nothing of the pace.
func (c *watchedTrouble) forget(kept bool) {
	limits := queryfrontend.DefaultLimits()
	limits.MaxQueryLookback = 0
	options := []queryfrontend.Option{queryfrontend.WithMemory(c.budget)}
	if kept {
		options = append(options, queryfrontend.WithSlices(slicecache.New(1<<24, time.Now)))
	}
	c.frontend = queryfrontend.New(c.metastore, c, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: limits}, options...)
	c.frontend.TakeForSlow()
}

func (c *watchedTrouble) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	response, err := c.backend.Invoke(ctx, r)
	c.mu.Lock()
	c.number++
	n, change := c.number, c.change
	c.mu.Unlock()
	if change == nil || err != nil {
		return response, err
	}
	return change(n, response)
}

func (c *watchedTrouble) watch(partial bool) queryfrontend.PanelAnswer {
	c.mu.Lock()
	c.number = 0
	c.mu.Unlock()
	ctx, scope := memory.WithScope(context.Background())
	defer scope.Close()
	nodes := int64(1 << 16)
	return c.frontend.WatchPanels(ctx, queryfrontend.NewWatch(), queryfrontend.PanelRequest{Partial: partial, Tree: &querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID: troubledCPU, LabelSelector: troubledSelector, MaxNodes: &nodes,
		Start: troubledFrom.Add(-time.Hour).UnixMilli(), End: troubledFrom.Add(time.Hour).UnixMilli(),
	}})[0]
}

// Whatever comes to harm while portions are read: the answer is that of what is there, or
// says what is missing, and of what is wrong nothing is kept.
func TestTroubleWhilePortionsAreRead(t *testing.T) {
	for name, harm := range map[string]func(c *watchedTrouble, ids []string){
		"replaced":           func(c *watchedTrouble, _ []string) { c.store.Compact(); c.store.Compact() },
		"replaced, and fail": func(c *watchedTrouble, ids []string) { c.store.Compact(); c.fail(true, ids...) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newWatchedTrouble(t, true)
			before := c.totals(t)
			c.change = func(n int, response *queryv1.InvokeResponse) (*queryv1.InvokeResponse, error) {
				if n == 1 {
					final := slices.DeleteFunc(c.store.Blocks(), func(b *metastorev1.BlockMeta) bool { return b.GetCompactionLevel() < blockstore.MaxCompactionLevel })
					for _, b := range final {
						delete(before, b.GetId()) // they stay
					}
					harm(c, slices.Collect(maps.Keys(before)))
				}
				return response, nil
			}
			want := sum(c.totals(t))
			for range 3 {
				panel := c.watch(true)
				require.Equal(t, want, total(t, panel))
				require.Nil(t, panel.Answers[0].Missing)
				require.False(t, panel.Answers[0].Short)
				c.change = nil
			}
			require.Zero(t, c.budget.Used())
		})
	}
	t.Run("lost", func(t *testing.T) {
		c := newWatchedTrouble(t, true)
		totals := c.totals(t)
		gone := slices.Sorted(maps.Keys(totals))[0]
		c.store.Lose(gone)
		for range 2 {
			panel := c.watch(true)
			require.True(t, panel.Answers[0].Short)
			require.Equal(t, sum(totals, gone), total(t, panel))
		}
	})
	t.Run("damaged", func(t *testing.T) {
		c := newWatchedTrouble(t, true)
		totals := c.totals(t)
		bad := slices.Sorted(maps.Keys(totals))[:2]
		c.fail(true, bad...)
		require.Error(t, c.watch(false).Err)
		panel := c.watch(true)
		require.Equal(t, sum(totals, bad...), total(t, panel))
		require.Equal(t, 2, panel.Answers[0].Missing.Blocks)
		c.fail(true)
		for range 2 {
			require.Equal(t, sum(totals), total(t, c.watch(false)))
		}
		require.Zero(t, c.budget.Used())
	})
}

// Absurd answers to portions: an error that says so, or the right answer. The next one is
// right, and is put together of what was kept.
func TestAbsurdAnswersToPortions(t *testing.T) {
	stats := func(bytes uint64) func(*queryv1.InvokeResponse) {
		return func(r *queryv1.InvokeResponse) {
			r.Diagnostics = &queryv1.Diagnostics{ExecutionNode: &queryv1.ExecutionNode{Stats: &queryv1.ExecutionStats{BytesFetched: bytes}}}
		}
	}
	c := newWatchedTrouble(t, true)
	totals := c.totals(t)
	for name, test := range map[string]struct {
		spoil func(*queryv1.InvokeResponse)
		fails bool
	}{
		"nothing fetched":    {spoil: stats(0)},
		"all fetched":        {spoil: stats(math.MaxUint64)},
		"no diagnostics":     {spoil: func(r *queryv1.InvokeResponse) { r.Diagnostics = nil }},
		"no node":            {spoil: func(r *queryv1.InvokeResponse) { r.Diagnostics = new(queryv1.Diagnostics) }},
		"a nil report":       {spoil: func(r *queryv1.InvokeResponse) { r.Reports = append(r.Reports, nil) }, fails: true},
		"two reports":        {spoil: func(r *queryv1.InvokeResponse) { r.Reports = append(r.Reports, r.Reports...) }, fails: true},
		"another type":       {spoil: func(r *queryv1.InvokeResponse) { r.Reports[0].ReportType = queryv1.ReportType_REPORT_PPROF }, fails: true},
		"an empty tree":      {spoil: func(r *queryv1.InvokeResponse) { r.Reports[0].Tree = nil }, fails: true},
		"bytes of no tree":   {spoil: func(r *queryv1.InvokeResponse) { r.Reports[0].Tree.Tree = []byte{1, 2, 0xff, 0xff} }, fails: true},
		"a tree without end": {spoil: func(r *queryv1.InvokeResponse) { r.Reports[0].Tree.Tree = r.Reports[0].Tree.Tree[:7] }, fails: true},
		"a deep plan": {spoil: func(r *queryv1.InvokeResponse) {
			root := &queryv1.ExecutionNode{Type: queryv1.QueryNode_READ, Stats: &queryv1.ExecutionStats{BytesFetched: math.MaxUint64}}
			for range 100_000 {
				root = &queryv1.ExecutionNode{Type: queryv1.QueryNode_MERGE, Stats: &queryv1.ExecutionStats{BytesFetched: math.MaxUint64}, Children: []*queryv1.ExecutionNode{root, nil}}
			}
			r.Diagnostics = &queryv1.Diagnostics{ExecutionNode: root}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c.forget(true)
			c.change = func(_ int, response *queryv1.InvokeResponse) (*queryv1.InvokeResponse, error) {
				response = response.CloneVT()
				test.spoil(response)
				return response, nil
			}
			panel := c.watch(true)
			if test.fails {
				require.ErrorContains(t, panel.Err, "malformed")
			} else {
				require.Equal(t, sum(totals), total(t, panel))
			}
			c.change = nil
			for range 3 {
				panel = c.watch(true)
				require.Equal(t, sum(totals), total(t, panel))
			}
			require.Positive(t, panel.Answers[0].Summary.ReusedSlices)
			require.Zero(t, c.budget.Used())
		})
	}
}

// Portions may take more memory than the whole: where one is refused memory, be it while its
// answer is received, all is read at once.
func TestWithoutMemoryForPortionsAllIsReadAtOnce(t *testing.T) {
	c := newWatchedTrouble(t, false)
	totals := c.totals(t)
	c.change = func(n int, response *queryv1.InvokeResponse) (*queryv1.InvokeResponse, error) {
		if n == 2 { // as its client says
			return nil, fmt.Errorf("query-backend: %w", c.budget.Open().Take(t.Context(), 2*c.budget.Limit()))
		}
		return response, nil
	}
	require.Equal(t, sum(totals), total(t, c.watch(false)))
	require.Zero(t, c.budget.Used())
}

// A cluster that has too much to do is not asked for the whole after a portion.
func TestABusyClusterIsNotAskedForTheWhole(t *testing.T) {
	c := newWatchedTrouble(t, false)
	c.change = func(int, *queryv1.InvokeResponse) (*queryv1.InvokeResponse, error) {
		return nil, status.Error(codes.ResourceExhausted, "busy")
	}
	require.ErrorContains(t, c.watch(true).Err, "busy")
	require.LessOrEqual(t, c.number, 13, "the portions")
	require.Zero(t, c.budget.Used())
}
