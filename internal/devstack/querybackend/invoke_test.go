package querybackend_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
)

func TestInvokeRefuses(t *testing.T) {
	b := labelsBlock()
	_, c := start(t, newStorage(b))
	set := func(change func(*metastorev1.Dataset)) func(*queryv1.InvokeRequest) {
		return func(r *queryv1.InvokeRequest) { change(r.QueryPlan.Root.Blocks[0].Datasets[0]) }
	}
	for name, change := range map[string]func(*queryv1.InvokeRequest){
		"no plan":                func(r *queryv1.InvokeRequest) { r.QueryPlan = nil },
		"no root":                func(r *queryv1.InvokeRequest) { r.QueryPlan.Root = nil },
		"no node type":           func(r *queryv1.InvokeRequest) { r.QueryPlan.Root.Type = queryv1.QueryNode_UNKNOWN },
		"unknown node type":      func(r *queryv1.InvokeRequest) { r.QueryPlan.Root.Type = 7 },
		"no blocks":              func(r *queryv1.InvokeRequest) { r.QueryPlan.Root.Blocks = nil },
		"no tenant":              func(r *queryv1.InvokeRequest) { r.Tenant = nil },
		"another tenant":         func(r *queryv1.InvokeRequest) { r.Tenant = []string{"other", "acm"} },
		"no query":               func(r *queryv1.InvokeRequest) { r.Query = nil },
		"no query type":          func(r *queryv1.InvokeRequest) { r.Query[0].QueryType = 0 },
		"unknown query type":     func(r *queryv1.InvokeRequest) { r.Query[0].QueryType = 99 },
		"two queries of a type":  func(r *queryv1.InvokeRequest) { r.Query = append(r.Query, r.Query[0]) },
		"selector":               func(r *queryv1.InvokeRequest) { r.LabelSelector = `{a=` },
		"selector's expression":  func(r *queryv1.InvokeRequest) { r.LabelSelector = `{a=~"("}` },
		"tenant not in table":    set(func(d *metastorev1.Dataset) { d.Tenant = 99 }),
		"negative tenant":        set(func(d *metastorev1.Dataset) { d.Tenant = -1 }),
		"name not in table":      set(func(d *metastorev1.Dataset) { d.Name = math.MaxInt32 }),
		"unknown format":         set(func(d *metastorev1.Dataset) { d.Format = 2 }),
		"dataset not in block":   set(func(d *metastorev1.Dataset) { d.Name, d.TableOfContents = 0, []uint64{7} }),
		"empty string table":     func(r *queryv1.InvokeRequest) { r.QueryPlan.Root.Blocks[0].StringTable = nil },
		"other tenant's set too": func(r *queryv1.InvokeRequest) { r.QueryPlan.Root.Blocks = append(r.QueryPlan.Root.Blocks, only(b, 3)) },
		"other tenant's index":   func(r *queryv1.InvokeRequest) { r.QueryPlan.Root.Blocks = append(r.QueryPlan.Root.Blocks, only(b, 4)) },
	} {
		for _, merge := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, merge %t", name, merge), func(t *testing.T) {
				r := request(readNode(only(b, 0)), treeOf(&queryv1.TreeQuery{}))
				change(r)
				if merge {
					r.QueryPlan = &queryv1.QueryPlan{Root: mergeNode(r.GetQueryPlan().GetRoot())}
				}
				_, err := c.Invoke(testContext(t), r)
				require.Equal(t, codes.InvalidArgument.String(), status.Code(err).String(), "%v", err)
			})
		}
	}
}

// Several queries share one request, and are answered in their order.
func TestSeveralQueries(t *testing.T) {
	b := treeBlock()
	_, c := start(t, newStorage(b))
	queries := []*queryv1.Query{
		namesOf(), treeOf(&queryv1.TreeQuery{}), timeSeriesOf(&queryv1.TimeSeriesQuery{Step: 1}),
		pprofOf(&queryv1.PprofQuery{}), heatmapOf(individual()), compactOf(&queryv1.TimeSeriesQuery{Step: 1}),
	}
	for name, root := range map[string]*queryv1.QueryNode{
		"read":  readNode(only(b, 0)),
		"merge": mergeNode(mergeNode(readNode(only(b, 0)), readNode(only(b, 0)))),
	} {
		t.Run(name, func(t *testing.T) {
			together, err := c.Invoke(testContext(t), request(root, queries...))
			require.NoError(t, err)
			require.Len(t, together.Reports, len(queries))
			for i, query := range queries {
				alone, err := c.Invoke(testContext(t), request(root, query))
				require.NoError(t, err)
				requireEqual(t, alone.Reports, together.Reports[i:i+1])
			}
		})
	}
}

func TestDiagnostics(t *testing.T) {
	a, b := block("a", labelsBlock().Datasets[0], labelsBlock().Datasets[1]), treeBlock()
	b.Meta.Shard, b.Meta.CompactionLevel = 3, 2
	s, err := querybackend.New(querybackend.Config{Name: "backend-1", Blocks: newStorage(a, b)})
	require.NoError(t, err)
	require.NoError(t, s.Start())
	t.Cleanup(s.Stop)
	c := client(t, s.Addr())

	root := mergeNode(readNode(only(a, 0, 1), only(b, 0)), readNode(only(a, 0)))
	r := request(root, treeOf(&queryv1.TreeQuery{}))
	response, err := c.Invoke(testContext(t), r)
	require.NoError(t, err)
	bytes := 3*a.Meta.Size + b.Meta.Size
	requireSame(t, &queryv1.ExecutionNode{Stats: &queryv1.ExecutionStats{BytesFetched: bytes}}, response.Diagnostics.ExecutionNode)

	r.Options = &queryv1.InvokeOptions{CollectDiagnostics: true}
	response, err = c.Invoke(testContext(t), r)
	require.NoError(t, err)
	node := response.Diagnostics.ExecutionNode
	clearTimes(t, node)
	requireSame(t, &queryv1.ExecutionNode{
		Type: queryv1.QueryNode_MERGE, Executor: "backend-1", Stats: &queryv1.ExecutionStats{BytesFetched: bytes},
		Children: []*queryv1.ExecutionNode{
			{Type: queryv1.QueryNode_READ, Executor: "backend-1", Stats: &queryv1.ExecutionStats{
				BytesFetched: 2*a.Meta.Size + b.Meta.Size, BlocksRead: 2, DatasetsProcessed: 3,
				BlockExecutions: []*queryv1.BlockExecution{
					{BlockId: "a", DatasetsProcessed: 2, Size: a.Meta.Size},
					{BlockId: "b", DatasetsProcessed: 1, Size: b.Meta.Size, Shard: 3, CompactionLevel: 2},
				},
			}},
			{Type: queryv1.QueryNode_READ, Executor: "backend-1", Stats: &queryv1.ExecutionStats{
				BytesFetched: a.Meta.Size, BlocksRead: 1, DatasetsProcessed: 1,
				BlockExecutions: []*queryv1.BlockExecution{{BlockId: "a", DatasetsProcessed: 1, Size: a.Meta.Size}},
			}},
		},
	}, node)
}

// clearTimes checks that all times are sound, and removes them.
func clearTimes(t *testing.T, n *queryv1.ExecutionNode) {
	t.Helper()
	require.Positive(t, n.StartTimeNs)
	require.GreaterOrEqual(t, n.EndTimeNs, n.StartTimeNs)
	n.StartTimeNs, n.EndTimeNs = 0, 0
	for _, b := range n.Stats.BlockExecutions {
		require.Positive(t, b.StartTimeNs)
		require.GreaterOrEqual(t, b.EndTimeNs, b.StartTimeNs)
		b.StartTimeNs, b.EndTimeNs = 0, 0
	}
	for _, child := range n.Children {
		clearTimes(t, child)
	}
}

func requireSame(t *testing.T, want, got proto.Message) {
	t.Helper()
	require.Empty(t, diffJSON(t, want, got))
}

// A block that is gone is left out, as compaction may remove one meanwhile.
func TestMissingBlock(t *testing.T) {
	b := treeBlock()
	_, c := start(t, newStorage(b))
	gone := block("gone", dataset("acme", "shop"))
	response, err := c.Invoke(testContext(t), request(readNode(only(gone, 0), only(b, 0)), treeOf(&queryv1.TreeQuery{MaxNodes: 1})))
	require.NoError(t, err)
	require.Len(t, response.Reports, 1)
	require.Equal(t, b.Meta.Size, response.Diagnostics.ExecutionNode.Stats.BytesFetched)

	response, err = c.Invoke(testContext(t), request(readNode(only(gone, 0)), treeOf(&queryv1.TreeQuery{})))
	require.NoError(t, err)
	require.Empty(t, response.Reports)
}

type brokenStorage struct{}

func (brokenStorage) Read(string) (*blockstore.Block, error) { return nil, errors.New("disk on fire") }

func TestStorageFails(t *testing.T) {
	_, c := start(t, brokenStorage{})
	_, err := c.Invoke(testContext(t), request(readNode(only(treeBlock(), 0)), treeOf(&queryv1.TreeQuery{})))
	require.Equal(t, codes.Internal.String(), status.Code(err).String())
	require.ErrorContains(t, err, "disk on fire")
}

func TestMergeOfNothing(t *testing.T) {
	_, c := start(t, newStorage())
	response, err := c.Invoke(testContext(t), request(mergeNode(), treeOf(&queryv1.TreeQuery{})))
	require.NoError(t, err)
	require.Empty(t, response.Reports)
}

// Children go to the peers in turn, and to nobody else.
func TestChildrenGoToPeersInTurn(t *testing.T) {
	b := treeBlock()
	root, c := start(t, newStorage(b))
	var peers []*querybackend.Server
	var addresses []string
	for range 3 {
		peer, _ := start(t, newStorage(b))
		peers = append(peers, peer)
		addresses = append(addresses, peer.Addr())
	}
	root.SetPeers(addresses...)
	leaf := readNode(only(b, 0))
	_, err := c.Invoke(testContext(t), request(mergeNode(leaf, leaf, leaf, leaf, leaf, leaf), treeOf(&queryv1.TreeQuery{})))
	require.NoError(t, err)
	require.Equal(t, int64(1), root.Faults().Requests())
	for _, peer := range peers {
		require.Equal(t, int64(2), peer.Faults().Requests())
	}
}

// What one peer cannot do for now, another one does.
func TestChildrenTryAnotherPeer(t *testing.T) {
	b := treeBlock()
	root, c := start(t, newStorage(b))
	sound, _ := start(t, newStorage(b))
	busy, _ := start(t, newStorage(b))
	dead, _ := start(t, newStorage(b))
	dead.Stop()
	root.SetPeers(busy.Addr(), dead.Addr(), sound.Addr())
	r := request(mergeNode(readNode(only(b, 0))), treeOf(&queryv1.TreeQuery{}))

	busy.Faults().Fail(codes.ResourceExhausted, 1, 1)
	_, err := c.Invoke(testContext(t), r)
	require.NoError(t, err)
	require.Equal(t, int64(1), busy.Faults().Requests())
	require.Equal(t, int64(1), sound.Faults().Requests())

	sound.Faults().Fail(codes.Unavailable, 1, 1)
	_, err = c.Invoke(testContext(t), r)
	require.Contains(t, []codes.Code{codes.Unavailable, codes.ResourceExhausted}, status.Code(err), "all have failed")
}

// Any other error of a child is that of the request, and stops the others.
func TestChildFails(t *testing.T) {
	b := treeBlock()
	root, c := start(t, newStorage(b))
	failing, _ := start(t, newStorage(b))
	hanging, _ := start(t, newStorage(b))
	failing.Faults().Fail(codes.DataLoss, 1, 1)
	hanging.Faults().SetHang(true)
	root.SetPeers(hanging.Addr(), failing.Addr())
	leaf := readNode(only(b, 0))
	_, err := c.Invoke(testContext(t), request(mergeNode(leaf, leaf), treeOf(&queryv1.TreeQuery{})))
	require.Equal(t, codes.DataLoss.String(), status.Code(err).String())
	require.NoError(t, hanging.Faults().AwaitInFlight(testContext(t), 0))
}

// Cancelling a call cancels what its children do on other servers.
func TestCancellationReachesChildren(t *testing.T) {
	b := treeBlock()
	root, c := start(t, newStorage(b))
	peer, _ := start(t, newStorage(b))
	root.SetPeers(peer.Addr())
	peer.Faults().SetHang(true)
	ctx, cancel := context.WithCancel(testContext(t))
	done := invokeAsync(ctx, c, request(mergeNode(readNode(only(b, 0))), treeOf(&queryv1.TreeQuery{})))
	require.NoError(t, peer.Faults().AwaitInFlight(testContext(t), 1))
	cancel()
	require.Equal(t, codes.Canceled, status.Code(<-done))
	require.NoError(t, peer.Faults().AwaitInFlight(testContext(t), 0))
	require.NoError(t, root.Faults().AwaitInFlight(testContext(t), 0))
}

// deadlines notes the deadlines of the calls that it gets.
type deadlines struct {
	replay
	seen chan bool
}

func (d *deadlines) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	_, ok := ctx.Deadline()
	d.seen <- ok
	return d.replay.Invoke(ctx, r)
}

func TestDeadlineReachesChildren(t *testing.T) {
	root, c := start(t, newStorage())
	peer := &deadlines{replay: replay{answers: []*queryv1.InvokeResponse{{}, {}}}, seen: make(chan bool, 2)}
	root.SetPeers(serve(t, peer))
	r := request(mergeNode(readNode()), treeOf(&queryv1.TreeQuery{}))
	_, err := c.Invoke(testContext(t), r)
	require.NoError(t, err)
	require.True(t, <-peer.seen)
	_, err = c.Invoke(context.Background(), r)
	require.NoError(t, err)
	require.False(t, <-peer.seen)
}
