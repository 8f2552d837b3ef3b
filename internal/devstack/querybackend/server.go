package querybackend

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// maxMessageBytes bounds requests and answers. gRPC's default of 4 MB is less
// than real plans and call trees take.
const maxMessageBytes = 256 << 20

// serviceName is how the health service knows the server.
const serviceName = "query.v1.QueryBackendService"

// A BlockReader is the object storage: every query-backend can read every
// block. An unknown id is an error that wraps blockstore.ErrNotFound.
type BlockReader interface {
	Read(blockID string) (*blockstore.Block, error)
}

// Config says what a server is made of.
type Config struct {
	// Name is the executor's name in diagnostics. Empty: its address.
	Name string
	// Address is what to listen on, host:port. Empty or port 0: any free port
	// of the loopback interface.
	Address string
	// Blocks is the object storage.
	Blocks BlockReader
}

// A Server is one query-backend. It is safe for concurrent use.
type Server struct {
	queryv1.UnimplementedQueryBackendServiceServer

	name   string
	blocks BlockReader
	faults Faults
	peers  peerList

	mu      sync.Mutex // guards what follows; no handler takes it
	address string     // the port is kept over restarts
	grpc    *grpc.Server
	served  chan struct{} // closed when grpc.Serve has returned
}

// New makes a server that does not listen yet.
func New(c Config) (*Server, error) {
	if c.Blocks == nil {
		return nil, errors.New("query-backend: no block reader")
	}
	if c.Address == "" {
		c.Address = "127.0.0.1:0"
	}
	return &Server{name: c.Name, blocks: c.Blocks, address: c.Address}, nil
}

// Start listens and serves until Stop. Starting a running server is an error.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.start()
}

func (s *Server) start() error {
	if s.grpc != nil {
		return fmt.Errorf("query-backend: it runs already, on %s", s.address)
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("query-backend: listen on %s: %w", s.address, err)
	}
	s.address = listener.Addr().String()
	s.peers.open(s.address)

	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(maxMessageBytes),
		grpc.MaxSendMsgSize(maxMessageBytes),
		grpc.WaitForHandlers(true),
		// As Pyroscope's servers do: a client that pings more often is turned away.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second}),
	)
	queryv1.RegisterQueryBackendServiceServer(server, s)
	checks := health.NewServer()
	checks.SetServingStatus(serviceName, grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(server, checks)

	served := make(chan struct{})
	go func() {
		defer close(served)
		// Serve ends with an error only when the listener fails, which
		// callers see as Unavailable.
		_ = server.Serve(listener)
	}()
	s.grpc, s.served = server, served
	return nil
}

// Stop breaks all connections, cancels the calls in flight and waits for them.
// Stopping a stopped server does nothing.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

func (s *Server) stop() {
	if s.grpc == nil {
		return
	}
	s.grpc.Stop()
	<-s.served
	s.grpc, s.served = nil, nil
	s.peers.close()
}

// Restart stops the server, if it runs, and starts it again on the same port.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	return s.start()
}

// Addr is the server's host:port. The port is known from the first Start on.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.address
}

// SetPeers names the query-backends, host:port, that get the children of MERGE
// nodes, in turn. The server itself is only among them if it is named, or if
// none is.
func (s *Server) SetPeers(addresses ...string) { s.peers.set(addresses) }

// Faults makes the server misbehave, and counts its calls.
func (s *Server) Faults() *Faults { return &s.faults }

// Invoke executes a query plan: query.v1.QueryBackendService.Invoke.
//
// Errors: InvalidArgument for a request that cannot be right, Unimplemented
// for what the real one does not implement either, Canceled and
// DeadlineExceeded as the caller's context says, whatever a peer answered, and
// whatever Faults says.
func (s *Server) Invoke(ctx context.Context, request *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	v := s.faults.enter()
	defer s.faults.leave()
	// Stop waits for this call, so it must run beside it.
	if err := v.suffer(ctx, func() { go s.Stop() }); err != nil {
		return nil, err
	}
	return s.invoke(ctx, request)
}
