package metastore

import (
	"context"
	"fmt"
	"net"
	"path"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

// A Group is metastore nodes over one index. Each is a gRPC server on a
// loopback address of its own. The one that leads answers; the others refuse
// with status Unavailable, and name the leader in the status details as
// raft_node.RaftNode. Leadership moves only when told to: a group without a
// leader, or with a stopped one, stays so until MoveLeader.
type Group struct {
	server *Server
	serve  sync.WaitGroup

	mu     sync.Mutex
	nodes  []*node
	leader int // -1: none
}

// A node is guarded by its group's lock.
type node struct {
	id       string
	address  string
	server   *grpc.Server // nil while stopped
	requests Requests
}

// Requests counts what a node was asked since the group started.
type Requests struct {
	QueryMetadata       int
	QueryMetadataLabels int
	GetTenant           int
	// Refused are the requests among these that came while the node did not
	// lead.
	Refused int
}

// StartGroup starts n nodes, at least 1. Node 0 leads.
func StartGroup(index Index, n int) (*Group, error) {
	if n < 1 {
		return nil, fmt.Errorf("start metastore: %d nodes, must be at least 1", n)
	}
	g := &Group{server: NewServer(index)}
	for i := range n {
		g.nodes = append(g.nodes, &node{id: fmt.Sprintf("metastore-%d", i), address: "127.0.0.1:0"})
		if err := g.Restart(i); err != nil {
			g.Close()
			return nil, err
		}
	}
	return g, nil
}

// Addresses lists the host:port of each node.
func (g *Group) Addresses() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	addresses := make([]string, len(g.nodes))
	for i, n := range g.nodes {
		addresses[i] = n.address
	}
	return addresses
}

// Leader returns the number of the leading node, or -1 for none.
func (g *Group) Leader() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.leader
}

// MoveLeader makes node i lead.
func (g *Group) MoveLeader(i int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.node(i); err != nil {
		return fmt.Errorf("move leader: %w", err)
	}
	g.leader = i
	return nil
}

// NoLeader takes the leadership from all nodes, as during an election.
func (g *Group) NoLeader() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.leader = -1
}

// Stop closes a node's listener and connections. Stopping a stopped node does
// nothing.
func (g *Group) Stop(i int) error {
	g.mu.Lock()
	n, err := g.node(i)
	if err != nil {
		g.mu.Unlock()
		return fmt.Errorf("stop: %w", err)
	}
	server := n.server
	n.server = nil
	g.mu.Unlock()
	if server != nil {
		// Not under the lock: handlers that are still running take it.
		server.Stop()
	}
	return nil
}

// Restart starts a stopped node at the address that it had. Restarting a
// running node does nothing.
func (g *Group) Restart(i int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, err := g.node(i)
	if err != nil {
		return fmt.Errorf("restart: %w", err)
	}
	if n.server != nil {
		return nil
	}
	listener, err := net.Listen("tcp", n.address)
	if err != nil {
		return fmt.Errorf("start %s: %w", n.id, err)
	}
	n.address = listener.Addr().String()
	server := grpc.NewServer(
		grpc.UnaryInterceptor(g.intercept(i)),
		// As Pyroscope's servers do: a client that pings more often is turned away.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second}),
	)
	g.server.Register(server)
	n.server = server
	g.serve.Go(func() {
		// Returns when the server is stopped; nothing is left to handle.
		_ = server.Serve(listener)
	})
	return nil
}

// Requests returns the counts of node i, or zeros if there is none.
func (g *Group) Requests(i int) Requests {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, err := g.node(i)
	if err != nil {
		return Requests{}
	}
	return n.requests
}

// Close stops all nodes and waits for them.
func (g *Group) Close() {
	for i := range g.Addresses() {
		_ = g.Stop(i) // the node exists
	}
	g.serve.Wait()
}

// intercept counts the requests of node i, and refuses them unless it leads.
func (g *Group) intercept(i int) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		if err := g.admit(i, path.Base(info.FullMethod)); err != nil {
			return nil, err
		}
		return handler(ctx, req)
	}
}

func (g *Group) admit(i int, method string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	requests := &g.nodes[i].requests
	switch method {
	case "QueryMetadata":
		requests.QueryMetadata++
	case "QueryMetadataLabels":
		requests.QueryMetadataLabels++
	case "GetTenant":
		requests.GetTenant++
	}
	if i == g.leader {
		return nil
	}
	requests.Refused++
	if g.leader < 0 {
		return errNotLeader(nil)
	}
	return errNotLeader(g.nodes[g.leader])
}

func (g *Group) node(i int) (*node, error) {
	if i < 0 || i >= len(g.nodes) {
		return nil, fmt.Errorf("no metastore node %d, there are %d", i, len(g.nodes))
	}
	return g.nodes[i], nil
}
