package queryfrontend_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/cluster/metastoreclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
	"github.com/pyrofront/pyrofront/pkg/cluster/querybackendclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

const (
	troubledCPU      = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
	troubledSelector = `{service_name="checkout"}`
)

var troubledFrom = time.UnixMilli(1_700_000_000_000)

// A troubled is a stack whose blocks come to harm between the metadata and the reading.
type troubled struct {
	store    *blockstore.Store
	stack    *devstack.Stack
	frontend *queryfrontend.Frontend
	// metastore and backend are the clients that it asks, with what happens between.
	metastore queryfrontend.Metastore
	backend   queryfrontend.QueryBackend
	// afterMetadata is called with each answer of the metastore, on which number it is.
	afterMetadata func(n int64)
	asked         atomic.Int64
	invoked       atomic.Int64
}

func newTroubled(t *testing.T) *troubled {
	t.Helper()
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	c := &troubled{store: blockstore.New(), afterMetadata: func(int64) {}}
	require.NoError(t, devstack.Load(c.store, "anonymous", recordings, troubledFrom))
	c.stack, err = devstack.Start(c.store, devstack.Config{MetastoreNodes: 1, QueryBackends: 2})
	require.NoError(t, err)
	t.Cleanup(c.stack.Close)
	metastore, err := metastoreclient.NewClient(transport.Config{Address: address(t, c.stack.MetastoreAddress())})
	require.NoError(t, err)
	backend, err := querybackendclient.NewClient(transport.Config{Address: address(t, c.stack.QueryBackendAddress())})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, metastore.Close())
		require.NoError(t, backend.Close())
	})
	limits := queryfrontend.DefaultLimits()
	limits.MaxQueryLookback = 0
	c.metastore, c.backend = troubledMetastore{metastore, c}, troubledBackend{backend, c}
	c.frontend = queryfrontend.New(c.metastore, c.backend, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: limits})
	return c
}

func address(t *testing.T, text string) naming.Address {
	t.Helper()
	a, err := naming.ParseAddress(text)
	require.NoError(t, err)
	return a
}

type troubledMetastore struct {
	*metastoreclient.Client
	c *troubled
}

func (m troubledMetastore) QueryMetadata(ctx context.Context, r *metastorev1.QueryMetadataRequest) ([]byte, error) {
	answer, err := m.Client.QueryMetadata(ctx, r)
	m.c.afterMetadata(m.c.asked.Add(1))
	return answer, err
}

type troubledBackend struct {
	*querybackendclient.Client
	c *troubled
}

func (b troubledBackend) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	b.c.invoked.Add(1)
	return b.Client.Invoke(ctx, r)
}

func (c *troubled) fail(named bool, ids ...string) {
	for _, server := range c.stack.QueryBackends {
		server.Faults().FailBlocks(named, ids...)
	}
}

func (c *troubled) tree(partial bool) queryfrontend.PanelAnswer {
	nodes := int64(1 << 16)
	return c.frontend.Panels(context.Background(), queryfrontend.PanelRequest{Partial: partial, Tree: &querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID: troubledCPU, LabelSelector: troubledSelector, MaxNodes: &nodes,
		Start: troubledFrom.Add(-time.Minute).UnixMilli(), End: troubledFrom.Add(time.Hour).UnixMilli(),
	}})[0]
}

// totals are the sums of the blocks that hold the profiles, by block, from what was put
// in.
func (c *troubled) totals(t *testing.T) map[string]int64 {
	t.Helper()
	totals := make(map[string]int64)
	for _, meta := range c.store.Blocks() {
		block, err := c.store.Read(meta.GetId())
		require.NoError(t, err)
		for _, dataset := range block.Datasets {
			if dataset == nil || dataset.Service != "checkout" {
				continue
			}
			for _, series := range dataset.Series {
				if !slices.ContainsFunc(series.Labels, func(l *typesv1.LabelPair) bool {
					return l.GetName() == "__profile_type__" && l.GetValue() == troubledCPU
				}) {
					continue
				}
				for _, p := range series.Profiles {
					for _, s := range p.Samples {
						totals[meta.GetId()] += s.Value
					}
				}
			}
		}
	}
	return totals
}

func total(t *testing.T, panel queryfrontend.PanelAnswer) int64 {
	t.Helper()
	require.NoError(t, panel.Err)
	return panel.Tree.Total()
}

func sum(totals map[string]int64, without ...string) (all int64) {
	for id, n := range totals {
		if !slices.Contains(without, id) {
			all += n
		}
	}
	return all
}

// A block that is compacted after the metastore has listed it, and deleted before it is
// read, is read from what replaced it. An error tells of it, or bytes that are not
// fetched.
func TestWhatReplacedABlockIsRead(t *testing.T) {
	for name, happens := range map[string]func(c *troubled, ids []string){
		"the reading fails":          func(c *troubled, ids []string) { c.store.Compact(); c.fail(true, ids...) },
		"fails, and names no block":  func(c *troubled, ids []string) { c.store.Compact(); c.fail(false, ids...) },
		"is silently left out":       func(c *troubled, _ []string) { c.store.Compact(); c.store.Compact() },
		"some are silently left out": func(c *troubled, _ []string) { c.store.Compact(); c.store.Compact(); c.store.Compact() },
	} {
		t.Run(name, func(t *testing.T) {
			c := newTroubled(t)
			totals := c.totals(t)
			require.Greater(t, len(totals), 3)
			c.afterMetadata = func(n int64) {
				if n == 1 {
					happens(c, slices.Collect(maps.Keys(totals)))
				}
			}
			panel := c.tree(false)
			require.Equal(t, sum(totals), total(t, panel))
			require.Nil(t, panel.Answers[0].Missing)
			require.False(t, panel.Answers[0].Short)
			require.EqualValues(t, 2, c.asked.Load())
			require.EqualValues(t, 2, c.invoked.Load())
		})
	}
}

// Where the index goes on listing a block that is not there, the answer says that it is
// short.
func TestAShortAnswerSaysSo(t *testing.T) {
	c := newTroubled(t)
	gone := slices.Sorted(maps.Keys(c.totals(t)))[0]
	c.store.Lose(gone)
	for _, partial := range []bool{false, true} {
		panel := c.tree(partial)
		require.NoError(t, panel.Err)
		require.True(t, panel.Answers[0].Short)
	}
	require.EqualValues(t, 4, c.asked.Load(), "the metastore is asked again once for each")
	require.EqualValues(t, 2, c.invoked.Load(), "nothing is read twice")
}

func TestBlocksThatCannotBeRead(t *testing.T) {
	for _, named := range []bool{true, false} {
		for _, many := range []int{1, 2} {
			t.Run(fmt.Sprintf("%d blocks, named %v", many, named), func(t *testing.T) {
				c := newTroubled(t)
				totals := c.totals(t)
				bad := slices.Sorted(maps.Keys(totals))[1 : 1+many]
				c.fail(named, bad...)

				panel := c.tree(false)
				require.ErrorContains(t, panel.Err, "the object storage fails on purpose")
				require.Equal(t, connect.CodeUnknown, connect.CodeOf(panel.Err))
				require.EqualValues(t, 1, c.invoked.Load(), "what fails the same way is not read again")

				c.invoked.Store(0)
				panel = c.tree(true)
				require.Equal(t, sum(totals, bad...), total(t, panel))
				missing := panel.Answers[0].Missing
				require.NotNil(t, missing)
				require.Equal(t, many, missing.Blocks)
				require.Equal(t, len(totals), missing.Of)
				require.Greater(t, missing.Bytes, uint64(0))
				require.Less(t, missing.Bytes, missing.OfBytes)
				require.ErrorContains(t, missing.Err, "the object storage fails on purpose")
				from, to := c.times(bad)
				require.Equal(t, []int64{from, to}, []int64{missing.Start, missing.End})
				require.LessOrEqual(t, c.invoked.Load(), int64(17))
				if named {
					require.LessOrEqual(t, c.invoked.Load(), int64(1+many))
				}
			})
		}
	}
}

func (c *troubled) times(ids []string) (from, to int64) {
	for _, meta := range c.store.Blocks() {
		if slices.Contains(ids, meta.GetId()) {
			if from == 0 || meta.GetMinTime() < from {
				from = meta.GetMinTime()
			}
			to = max(to, meta.GetMaxTime())
		}
	}
	return from, to
}

func TestNothingToReadIsAnErrorToo(t *testing.T) {
	for _, named := range []bool{true, false} {
		c := newTroubled(t)
		c.fail(named, slices.Collect(maps.Keys(c.totals(t)))...)
		panel := c.tree(true)
		require.ErrorContains(t, panel.Err, "the object storage fails on purpose")
		require.LessOrEqual(t, c.invoked.Load(), int64(17))
	}
}

// What another request would meet as well is not tried again.
func TestOnlyErrorsOfBlocksAreLookedInto(t *testing.T) {
	for _, code := range []codes.Code{codes.InvalidArgument, codes.Unimplemented, codes.PermissionDenied, codes.Unauthenticated, codes.FailedPrecondition} {
		t.Run(code.String(), func(t *testing.T) {
			c := newTroubled(t)
			for _, server := range c.stack.QueryBackends {
				server.Faults().Fail(code, 1, 1)
			}
			require.Error(t, c.tree(true).Err)
			require.EqualValues(t, 1, c.asked.Load())
			require.EqualValues(t, 1, c.invoked.Load())
		})
	}
}

// A failure that passes is found out by reading again.
func TestAFailureThatPassesLeavesNothingOut(t *testing.T) {
	c := newTroubled(t)
	totals := c.totals(t)
	c.fail(false, slices.Collect(maps.Keys(totals))...)
	c.afterMetadata = func(n int64) {
		if n == 2 {
			c.fail(false)
		}
	}
	panel := c.tree(true)
	require.Equal(t, sum(totals), total(t, panel))
	require.Nil(t, panel.Answers[0].Missing)
}
