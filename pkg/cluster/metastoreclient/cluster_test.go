package metastoreclient_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/pyrofront/pyrofront/internal/grpctest"
	"github.com/pyrofront/pyrofront/pkg/cluster/metastoreclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Bounds of waiting for a condition; no test waits that long unless it fails.
const (
	waitLimit = 10 * time.Second
	poll      = time.Millisecond
)

// cluster is a metastore of a test: real gRPC servers, one of which leads.
type cluster struct {
	nodes  []*node
	leader atomic.Int64 // its index; -1: none
	// follow is set when nodes that do not lead answer all the same, as Pyroscope's do.
	follow atomic.Bool
	// names, when set, is which node another one takes for the leader.
	names func(from *node) *node
	// name makes the id and the address by which a node is named.
	name func(n *node) (id, address string)
}

// node is a server. It answers with its index as the compaction level of a block.
type node struct {
	metastorev1.UnimplementedMetadataQueryServiceServer
	metastorev1.UnimplementedTenantServiceServer
	cluster *cluster
	index   int
	address string
	calls   atomic.Int64
	failing atomic.Int64 // how many calls it still turns away
	server  *grpc.Server
}

func newCluster(t testing.TB, ips ...string) *cluster {
	t.Helper()
	c := &cluster{name: func(n *node) (string, string) { return n.address, n.address }}
	for i, ip := range ips {
		n := &node{cluster: c, index: i}
		n.start(t, net.JoinHostPort(ip, "0"))
		c.nodes = append(c.nodes, n)
	}
	return c
}

func (n *node) start(t testing.TB, address string) {
	t.Helper()
	n.server = grpc.NewServer()
	metastorev1.RegisterMetadataQueryServiceServer(n.server, n)
	metastorev1.RegisterTenantServiceServer(n.server, n)
	grpc_health_v1.RegisterHealthServer(n.server, health.NewServer())
	n.address = grpctest.Serve(t, n.server, address)
}

func (c *cluster) addresses() string {
	text := ""
	for _, n := range c.nodes {
		text += "," + n.address
	}
	return text[1:]
}

func (c *cluster) calls() (sum int64) {
	for _, n := range c.nodes {
		sum += n.calls.Load()
	}
	return sum
}

// notLeader is the error of a node that does not lead.
func (n *node) notLeader() error {
	s := status.New(codes.Unavailable, "node is not the leader")
	var leader *node
	if i := n.cluster.leader.Load(); i >= 0 {
		leader = n.cluster.nodes[i]
	}
	if n.cluster.names != nil {
		leader = n.cluster.names(n)
	}
	if leader == nil {
		return s.Err()
	}
	p := s.Proto()
	p.Details = append(p.Details, detail(n.cluster.name(leader)))
	return status.FromProto(p).Err()
}

func detail(id, address string) *anypb.Any {
	var b []byte
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	b = protowire.AppendString(b, id)
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	b = protowire.AppendString(b, address)
	return &anypb.Any{TypeUrl: "type.googleapis.com/raft_node.RaftNode", Value: b}
}

func (n *node) QueryMetadata(_ context.Context, r *metastorev1.QueryMetadataRequest) (*metastorev1.QueryMetadataResponse, error) {
	n.calls.Add(1)
	if n.failing.Load() > 0 {
		n.failing.Add(-1)
		return nil, status.Error(codes.Unavailable, "starting")
	}
	if int(n.cluster.leader.Load()) != n.index && !n.cluster.follow.Load() {
		return nil, n.notLeader()
	}
	if len(r.GetTenantId()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "no tenant")
	}
	return &metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{{CompactionLevel: uint32(n.index)}}}, nil
}

func (n *node) QueryMetadataLabels(context.Context, *metastorev1.QueryMetadataLabelsRequest) (*metastorev1.QueryMetadataLabelsResponse, error) {
	n.calls.Add(1)
	return &metastorev1.QueryMetadataLabelsResponse{}, nil
}

func (n *node) GetTenant(context.Context, *metastorev1.GetTenantRequest) (*metastorev1.GetTenantResponse, error) {
	n.calls.Add(1)
	if int(n.cluster.leader.Load()) != n.index && !n.cluster.follow.Load() {
		return nil, n.notLeader()
	}
	return &metastorev1.GetTenantResponse{Stats: &metastorev1.TenantStats{DataIngested: true}}, nil
}

// leaders records what the client learns.
type leaders struct {
	transport.Nobody
	mu  sync.Mutex
	all []string
	// hedges are calls on the client's own account: of those that took long on a busy machine.
	hedges atomic.Int64
}

func (l *leaders) Hedge(string) { l.hedges.Add(1) }

func (l *leaders) Leader(endpoint string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, endpoint)
}

func client(t testing.TB, c transport.Config) *metastoreclient.Client {
	t.Helper()
	cl, err := metastoreclient.NewClient(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cl.Close()) })
	return cl
}

// ask returns the index of the node that answered.
func ask(ctx context.Context, c *metastoreclient.Client) (int, error) {
	encoded, err := c.QueryMetadata(ctx, &metastorev1.QueryMetadataRequest{TenantId: []string{"anonymous"}})
	if err != nil {
		return -1, err
	}
	r := new(metastorev1.QueryMetadataResponse)
	if err := r.UnmarshalVT(encoded); err != nil {
		return -1, err
	}
	return int(r.GetBlocks()[0].GetCompactionLevel()), nil
}

// at parses an address that is right.
func at(address string) naming.Address {
	a, err := naming.ParseAddress(address)
	if err != nil {
		panic(err)
	}
	return a
}
