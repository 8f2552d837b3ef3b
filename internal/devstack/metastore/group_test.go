package metastore_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var everything = &metastorev1.QueryMetadataRequest{TenantId: []string{"t"}, EndTime: 1000, Query: "{}"}

// namedLeader reads the leader from the details of a refusal.
func namedLeader(t *testing.T, err error) (id, address string) {
	t.Helper()
	s := status.Convert(err)
	require.Equal(t, codes.Unavailable, s.Code(), err)
	details := s.Proto().GetDetails()
	if len(details) == 0 {
		return "", ""
	}
	require.Len(t, details, 1)
	require.Equal(t, "type.googleapis.com/raft_node.RaftNode", details[0].TypeUrl)
	fields := map[protowire.Number]string{}
	for b := details[0].Value; len(b) > 0; {
		number, kind, n := protowire.ConsumeTag(b)
		require.Equal(t, protowire.BytesType, kind)
		value, m := protowire.ConsumeString(b[n:])
		require.Positive(t, m)
		fields[number] = value
		b = b[n+m:]
	}
	return fields[1], fields[2]
}

func startGroup(t *testing.T, n int) (*metastore.Group, []metastorev1.MetadataQueryServiceClient) {
	t.Helper()
	g, err := metastore.StartGroup(oneService, n)
	require.NoError(t, err)
	t.Cleanup(g.Close)
	var clients []metastorev1.MetadataQueryServiceClient
	for _, address := range g.Addresses() {
		clients = append(clients, metastorev1.NewMetadataQueryServiceClient(dial(t, address)))
	}
	return g, clients
}

func TestLeader(t *testing.T) {
	g, clients := startGroup(t, 3)
	for _, leader := range []int{0, 2, 1} {
		require.NoError(t, g.MoveLeader(leader))
		require.Equal(t, leader, g.Leader())
		for i, c := range clients {
			answer, err := c.QueryMetadata(t.Context(), everything)
			if i == leader {
				require.NoError(t, err)
				require.Len(t, answer.Blocks, 1)
				continue
			}
			id, address := namedLeader(t, err)
			require.Equal(t, []string{"metastore-0", "metastore-1", "metastore-2"}[leader], id)
			require.Equal(t, g.Addresses()[leader], address)
		}
	}
	for i := range clients {
		require.Equal(t, metastore.Requests{QueryMetadata: 3, Refused: 2}, g.Requests(i))
	}
}

func TestNoLeader(t *testing.T) {
	g, clients := startGroup(t, 2)
	g.NoLeader()
	require.Equal(t, -1, g.Leader())
	for _, c := range clients {
		_, err := c.QueryMetadataLabels(t.Context(), &metastorev1.QueryMetadataLabelsRequest{TenantId: []string{"t"}, Query: "{}"})
		id, address := namedLeader(t, err)
		require.Empty(t, id+address, "no leader is known")
	}
	require.Equal(t, metastore.Requests{QueryMetadataLabels: 1, Refused: 1}, g.Requests(1))
	require.NoError(t, g.MoveLeader(1))
	_, err := clients[1].QueryMetadata(t.Context(), everything)
	require.NoError(t, err)
}

func TestStopAndRestart(t *testing.T) {
	g, clients := startGroup(t, 2)
	_, err := clients[0].QueryMetadata(t.Context(), everything)
	require.NoError(t, err)

	require.NoError(t, g.Stop(0))
	require.NoError(t, g.Stop(0), "stopping twice")
	_, err = clients[0].QueryMetadata(t.Context(), everything)
	require.Equal(t, codes.Unavailable, status.Code(err))
	_, err = clients[1].QueryMetadata(t.Context(), everything)
	id, _ := namedLeader(t, err)
	require.Equal(t, "metastore-0", id, "no election happens by itself")

	addresses := g.Addresses()
	require.NoError(t, g.Restart(0))
	require.NoError(t, g.Restart(0), "restarting twice")
	require.Equal(t, addresses, g.Addresses())
	_, err = metastorev1.NewMetadataQueryServiceClient(dial(t, addresses[0])).QueryMetadata(t.Context(), everything)
	require.NoError(t, err)
	require.Equal(t, 2, g.Requests(0).QueryMetadata, "a stopped node counts nothing")
}

func TestGroupErrors(t *testing.T) {
	_, err := metastore.StartGroup(oneService, 0)
	require.ErrorContains(t, err, "at least 1")
	g, _ := startGroup(t, 1)
	for _, i := range []int{-1, 1} {
		require.ErrorContains(t, g.MoveLeader(i), "no metastore node")
		require.ErrorContains(t, g.Stop(i), "no metastore node")
		require.ErrorContains(t, g.Restart(i), "no metastore node")
		require.Zero(t, g.Requests(i))
	}
}

// TestConcurrentUse moves the leader and stops nodes while clients ask.
func TestConcurrentUse(t *testing.T) {
	g, clients := startGroup(t, 2)
	var wg sync.WaitGroup
	for _, c := range clients {
		wg.Go(func() {
			for range 20 {
				if _, err := c.QueryMetadata(t.Context(), everything); err != nil && status.Code(err) != codes.Unavailable {
					t.Errorf("unexpected error: %v", err)
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 10 {
			if err := g.MoveLeader(i % 2); err != nil {
				t.Error(err)
			}
			g.NoLeader()
			_ = g.Requests(0)
		}
		if err := g.Stop(1); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
}

// TestOverStore asks a metastore about a block store that it shares with
// writers: each request sees the index as it is then.
func TestOverStore(t *testing.T) {
	store := blockstore.New()
	server := metastore.NewServer(store)
	at := time.UnixMilli(1795374000000)
	request := &metastorev1.QueryMetadataRequest{
		TenantId: []string{"t"}, StartTime: at.UnixMilli(), EndTime: at.UnixMilli(),
		Query: `{service_name="a",__profile_type__="goroutine:goroutine:count:goroutine:count"}`, Labels: []string{"service_name"},
	}
	ask := func() []*metastorev1.BlockMeta {
		answer, err := server.QueryMetadata(t.Context(), request)
		require.NoError(t, err)
		return answer.Blocks
	}
	require.Empty(t, ask())

	count := &profile.ValueType{Type: "goroutine", Unit: "count"}
	for _, tenant := range []string{"t", "u"} {
		require.NoError(t, store.Ingest(blockstore.IngestRequest{
			Tenant: tenant, Labels: map[string]string{"service_name": "a"}, Time: at,
			Profile: &profile.Profile{PeriodType: count, SampleType: []*profile.ValueType{count}, Sample: []*profile.Sample{{Value: []int64{1}}}},
		}))
	}
	store.Cut()
	segments := ask()
	ids, sets := decode(t, segments)
	require.Len(t, ids, 1)
	require.Equal(t, [][]string{{"service_name", "a"}}, sets[ids[0]])
	stats, err := server.GetTenant(t.Context(), &metastorev1.GetTenantRequest{TenantId: "t"})
	require.NoError(t, err)
	require.False(t, stats.Stats.DataIngested, "segments are not counted")

	store.Compact()
	compacted := ask()
	require.Len(t, compacted, 1)
	require.EqualValues(t, 1, compacted[0].CompactionLevel)
	stats, err = server.GetTenant(t.Context(), &metastorev1.GetTenantRequest{TenantId: "t"})
	require.NoError(t, err)
	require.True(t, stats.Stats.DataIngested)
}
