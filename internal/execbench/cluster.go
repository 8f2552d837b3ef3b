package execbench

import (
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

// places is how many queries a backend runs at once.
const places = 4

// quick is how long a look-up takes. The tenants are who asks for one: the first beside all places, the second in one.
const (
	quick       = 10 * time.Millisecond
	quickTenant = "quick"
	warmTenant  = "warm"
)

// backend is a query-backend that takes its time. Those that find no place wait in it, or are turned away.
type backend struct {
	queryv1.UnimplementedQueryBackendServiceServer
	takes   time.Duration
	refuses bool
	place   chan struct{}
	// arrived counts the queries that were sent, executed those that were begun; look-ups are not counted.
	arrived, executed atomic.Int64
}

// Invoke implements the query-backend's service.
func (b *backend) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	if r.GetTenant()[0] == quickTenant {
		return answer(ctx, quick)
	}
	takes, counted := b.takes, int64(1)
	if r.GetTenant()[0] == warmTenant {
		takes, counted = quick, 0
	}
	b.arrived.Add(counted)
	if b.refuses {
		select {
		case b.place <- struct{}{}:
		default:
			return nil, status.Error(codes.ResourceExhausted, "concurrency limit exceeded")
		}
	} else {
		select {
		case b.place <- struct{}{}:
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
	defer func() { <-b.place }()
	b.executed.Add(counted)
	return answer(ctx, takes)
}

func answer(ctx context.Context, after time.Duration) (*queryv1.InvokeResponse, error) {
	select {
	case <-time.After(after):
		return &queryv1.InvokeResponse{}, nil
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
}

// cluster is some backends on the loopback interface.
type cluster struct {
	backends []*backend
	address  string
	stop     func()
}

func start(size int, takes time.Duration, refuses bool) (*cluster, error) {
	c := new(cluster)
	var addresses []string
	var servers []*grpc.Server
	var serving sync.WaitGroup
	c.stop = func() {
		for _, s := range servers {
			s.Stop()
		}
		serving.Wait()
	}
	for range size {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			c.stop()
			return nil, err
		}
		b := &backend{takes: takes, refuses: refuses, place: make(chan struct{}, places)}
		server := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second})) // as Pyroscope's
		queryv1.RegisterQueryBackendServiceServer(server, b)
		serving.Go(func() { _ = server.Serve(listener) }) // it ends when it is stopped
		servers = append(servers, server)
		c.backends, addresses = append(c.backends, b), append(addresses, listener.Addr().String())
	}
	c.address = strings.Join(addresses, ",")
	return c, nil
}

// counts are the queries that were sent and executed since the cluster started.
func (c *cluster) counts() (sent, executed int64) {
	for _, b := range c.backends {
		sent += b.arrived.Load()
		executed += b.executed.Load()
	}
	return sent, executed
}
