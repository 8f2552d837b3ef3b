package metastoreclient_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

func TestLeaderIsLearntOnce(t *testing.T) {
	c := newCluster(t, "127.0.0.1", "127.0.0.1", "127.0.0.1")
	c.leader.Store(2)
	l := &leaders{}
	cl := client(t, transport.Config{Address: at(c.addresses()), Observer: l})
	got, err := ask(t.Context(), cl)
	require.NoError(t, err)
	require.Equal(t, 2, got)
	require.LessOrEqual(t, c.calls(), int64(2), "a wrong node names the right one")
	require.Empty(t, l.all, "the first leader is no change")

	before := c.calls()
	for range 50 {
		_, err := ask(t.Context(), cl)
		require.NoError(t, err)
	}
	require.LessOrEqual(t, c.calls()-before, int64(55), "one round trip for each query, but for hedges of slow ones")
}

func TestLeaderIsFollowedWhenItMoves(t *testing.T) {
	c := newCluster(t, "127.0.0.1", "127.0.0.1", "127.0.0.1")
	l := &leaders{}
	cl := client(t, transport.Config{Address: at(c.addresses()), Observer: l})
	for i := range 30 {
		c.leader.Store(int64(i % 3))
		before := c.calls()
		got, err := ask(t.Context(), cl)
		require.NoError(t, err)
		require.Equal(t, i%3, got)
		require.LessOrEqual(t, c.calls()-before, 2+2*l.hedges.Load())
	}
}

// The ways in which real clusters name the leader: raft has a port of its own, names are full, addresses are IPs.
func TestLeaderIsFoundByItsHost(t *testing.T) {
	for name, c := range map[string]struct {
		configured string // with %s for ports
		id         string
		address    string
	}{
		"address":                {"127.0.0.%d:%s", "node-%d", "127.0.0.%d:9099"},
		"full name":              {"ms-%d.ms.svc:%s", "ms-%d.ms.svc.:9099", "192.0.2.%d:9099"},
		"id without a port":      {"ms-%d.ms.svc:%s", "MS-%d.ms.svc", ""},
		"address of a name":      {"ms-%d.ms.svc:%s", "another-%d", "127.0.0.%d:9099"},
		"one name for all nodes": {"all:%[2]s", "ms-%d.ms.svc.cluster.local.:9099", "127.0.0.%d:9099"},
	} {
		t.Run(name, func(t *testing.T) {
			cl := newCluster(t, "127.0.0.1")
			_, port, err := net.SplitHostPort(cl.nodes[0].address)
			require.NoError(t, err)
			for i := 1; i < 3; i++ {
				n := &node{cluster: cl, index: i}
				n.start(t, fmt.Sprintf("127.0.0.%d:%s", i+1, port))
				cl.nodes = append(cl.nodes, n)
			}
			numbered := func(format string, i int) string {
				if format == "" {
					return ""
				}
				return fmt.Sprintf(format, i+1)
			}
			cl.name = func(n *node) (string, string) { return numbered(c.id, n.index), numbered(c.address, n.index) }
			configured := fmt.Sprintf(c.configured, 1, port)
			if name != "one name for all nodes" {
				configured += "," + fmt.Sprintf(c.configured, 2, port) + "," + fmt.Sprintf(c.configured, 3, port)
			}
			client := client(t, transport.Config{Address: at(configured), Resolver: clusterNames{}})
			for i := range 12 {
				cl.leader.Store(int64(i % 3))
				before := cl.calls()
				got, err := ask(t.Context(), client)
				require.NoError(t, err)
				require.Equal(t, i%3, got)
				require.LessOrEqual(t, cl.calls()-before, int64(3), "one that names the leader, the leader, and a hedge on a busy machine")
			}
		})
	}
}

type clusterNames struct{}

func (clusterNames) LookupHost(_ context.Context, host string) ([]string, error) {
	all := []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"}
	var i int
	if _, err := fmt.Sscanf(host, "ms-%d.ms.svc", &i); err == nil {
		return all[i-1 : i], nil
	}
	return all, nil
}

func (clusterNames) LookupSRV(context.Context, string, string, string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

// An address that only an error names is not dialled, whatever listens there; the call goes round the known nodes.
func TestUnknownLeaderIsNotFollowed(t *testing.T) {
	c := newCluster(t, "127.0.0.1", "127.0.0.1", "127.0.0.1")
	stranger, err := net.Listen("tcp", "127.0.0.9:0")
	require.NoError(t, err)
	connected := make(chan struct{}, 1)
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		if conn, err := stranger.Accept(); err == nil {
			connected <- struct{}{}
			_ = conn.Close()
		}
	}()
	c.name = func(*node) (string, string) { return "stranger", stranger.Addr().String() }
	c.leader.Store(1)
	cl := client(t, transport.Config{Address: at(c.addresses()), Headers: transport.Headers{"authorization": "Bearer secret"}})
	for range 5 {
		got, err := ask(t.Context(), cl)
		require.NoError(t, err)
		require.Equal(t, 1, got)
	}
	require.NoError(t, stranger.Close())
	<-accepted
	require.Empty(t, connected)
}

func TestDeadLeaderIsLeft(t *testing.T) {
	c := newCluster(t, "127.0.0.1", "127.0.0.1", "127.0.0.1")
	c.leader.Store(0)
	cl := client(t, transport.Config{Address: at(c.addresses())})
	_, err := ask(t.Context(), cl)
	require.NoError(t, err)

	c.nodes[0].server.Stop() // the others name it a while longer
	done := make(chan error, 1)
	go func() {
		_, err := ask(t.Context(), cl)
		done <- err
	}()
	others := func() int64 { return c.nodes[1].calls.Load() + c.nodes[2].calls.Load() }
	before := others()
	require.Eventually(t, func() bool { return others() > before+1 }, waitLimit, poll)
	c.leader.Store(1)
	require.NoError(t, <-done)
	got, err := ask(t.Context(), cl)
	require.NoError(t, err)
	require.Equal(t, 1, got)
}

// While there is no leader the nodes are not hammered, whatever the number of callers.
func TestNoLeaderIsNotHammered(t *testing.T) {
	c := newCluster(t, "127.0.0.1", "127.0.0.1", "127.0.0.1")
	c.leader.Store(-1)
	cl := client(t, transport.Config{Address: at(c.addresses()), Timeout: 3 * time.Second})
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if _, err := ask(t.Context(), cl); err == nil || !strings.Contains(err.Error(), "node is not the leader") {
				t.Errorf("%v", err)
			}
		})
	}
	group.Wait()
	require.Less(t, c.calls(), int64(300))
}

// Two nodes that name each other do not make the client run in circles.
func TestNodesThatNameEachOther(t *testing.T) {
	c := newCluster(t, "127.0.0.1", "127.0.0.1")
	c.leader.Store(-1)
	c.names = func(from *node) *node { return c.nodes[1-from.index] }
	cl := client(t, transport.Config{Address: at(c.addresses()), Timeout: 3 * time.Second})
	_, err := ask(t.Context(), cl)
	require.ErrorContains(t, err, "metastore at 127.0.0.1")
	require.ErrorContains(t, err, "node is not the leader")
	require.Less(t, c.calls(), int64(30))
}

// Pyroscope's nodes answer when they do not lead, having made sure that they are up to date. One round trip, one node.
func TestFollowerThatAnswersIsKept(t *testing.T) {
	c := newCluster(t, "127.0.0.1", "127.0.0.1", "127.0.0.1")
	c.follow.Store(true)
	cl := client(t, transport.Config{Address: at(c.addresses())})
	first, err := ask(t.Context(), cl)
	require.NoError(t, err)
	for range 20 {
		got, err := ask(t.Context(), cl)
		require.NoError(t, err)
		require.Equal(t, first, got)
	}
	require.LessOrEqual(t, c.calls(), int64(23), "but for hedges of slow ones")
}

func TestRejectionIsTheAnswer(t *testing.T) {
	c := newCluster(t, "127.0.0.1", "127.0.0.1")
	c.follow.Store(true)
	cl := client(t, transport.Config{Address: at(c.addresses())})
	_, err := cl.QueryMetadata(t.Context(), &metastorev1.QueryMetadataRequest{})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	require.Equal(t, "no tenant", status.Convert(err).Message())
	require.Equal(t, int64(1), c.calls())
}

func TestTheOtherCalls(t *testing.T) {
	c := newCluster(t, "127.0.0.1")
	cl := client(t, transport.Config{Address: at(c.addresses())})
	r, err := cl.GetTenant(t.Context(), &metastorev1.GetTenantRequest{TenantId: "anonymous"})
	require.NoError(t, err)
	require.True(t, r.GetStats().GetDataIngested())
	_, err = cl.QueryMetadataLabels(t.Context(), &metastorev1.QueryMetadataLabelsRequest{})
	require.NoError(t, err)
}

func TestProbe(t *testing.T) {
	c := newCluster(t, "127.0.0.1", "127.0.0.1", "127.0.0.1")
	c.leader.Store(1)
	cl := client(t, transport.Config{Address: at(c.addresses())})
	probe, err := cl.Probe(t.Context(), "anonymous")
	require.NoError(t, err)
	require.Equal(t, 3, probe.Endpoints)
	require.Equal(t, c.nodes[1].address, probe.Endpoint)

	c.leader.Store(-1)
	_, err = cl.Probe(t.Context(), "anonymous")
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.ErrorContains(t, err, "node is not the leader")
}

// A restart of a single node, and doubt about it, is no change of leaders; another leader is one.
func TestLeaderChangesAreCounted(t *testing.T) {
	c := newCluster(t, "127.0.0.1", "127.0.0.1")
	l := &leaders{}
	cl := client(t, transport.Config{Address: at(c.addresses()), Observer: l})
	_, err := ask(t.Context(), cl)
	require.NoError(t, err)
	c.nodes[0].failing.Store(3)
	_, err = ask(t.Context(), cl)
	require.NoError(t, err)
	require.Zero(t, c.nodes[0].failing.Load(), "it said that it was not there")
	require.Empty(t, l.all)

	c.leader.Store(1)
	_, err = ask(t.Context(), cl)
	require.NoError(t, err)
	require.Equal(t, []string{c.nodes[1].address}, l.all)
}
