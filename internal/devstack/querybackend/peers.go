package querybackend

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// A peerList hands calls to query-backends in turn. Connections are made when
// they are first used.
type peerList struct {
	mu        sync.Mutex
	own       string // the server's own address; empty while it is stopped
	addresses []string
	turn      int
	conns     map[string]*grpc.ClientConn
}

func (p *peerList) open(own string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.own = own
	p.conns = map[string]*grpc.ClientConn{}
}

func (p *peerList) ownAddress() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.own
}

func (p *peerList) set(addresses []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.addresses = append([]string(nil), addresses...)
}

func (p *peerList) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		_ = conn.Close() // it only fails when closed twice
	}
	p.own, p.conns = "", nil
}

// inTurn returns the peers' addresses, beginning with the one whose turn it is.
func (p *peerList) inTurn() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.addresses) == 0 {
		return []string{p.own}
	}
	first := p.turn % len(p.addresses)
	p.turn++
	return append(append([]string(nil), p.addresses[first:]...), p.addresses[:first]...)
}

func (p *peerList) client(address string) (queryv1.QueryBackendServiceClient, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conns == nil {
		return nil, status.Error(codes.Canceled, "query-backend: it is stopping")
	}
	conn, ok := p.conns[address]
	if !ok {
		var err error
		if conn, err = dial(address); err != nil {
			return nil, status.Errorf(codes.Internal, "query-backend: peer %q: %v", address, err)
		}
		p.conns[address] = conn
	}
	return queryv1.NewQueryBackendServiceClient(conn), nil
}

// invoke sends a request to the peer whose turn it is. As the real one does,
// it tries another peer when one cannot be reached or has too much to do; but
// each only once, and without waiting in between.
func (p *peerList) invoke(ctx context.Context, request *queryv1.InvokeRequest) (response *queryv1.InvokeResponse, err error) {
	for _, address := range p.inTurn() {
		var client queryv1.QueryBackendServiceClient
		if client, err = p.client(address); err != nil {
			return nil, err
		}
		response, err = client.Invoke(ctx, request)
		if err == nil || !worthRetrying(err) || ctx.Err() != nil {
			break
		}
	}
	return response, err
}

func worthRetrying(err error) bool {
	code := status.Code(err)
	return code == codes.Unavailable || code == codes.ResourceExhausted
}

func dial(address string) (*grpc.ClientConn, error) {
	// A peer that comes back is found at once, as far as a test can tell.
	reconnect := backoff.Config{BaseDelay: 10 * time.Millisecond, Multiplier: 1.5, Jitter: 0.2, MaxDelay: 200 * time.Millisecond}
	return grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect, MinConnectTimeout: time.Second}),
		// The real ones ping their peers after 20 s and wait 10 s; here both are shorter, for the sake of tests.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(maxMessageBytes),
			grpc.MaxCallSendMsgSize(maxMessageBytes),
		),
	)
}
