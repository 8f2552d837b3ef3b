package transport

import (
	"context"
	"net"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // the client side of healthCheckConfig
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
)

// serviceConfig names the balancer, and has it watch the servers' health where they offer the gRPC health service. The
// overall health ("") is watched: a server that does not know a more particular name would count as not serving.
const serviceConfig = `{"loadBalancingConfig": [{"` + balancerName + `": {}}], "healthCheckConfig": {"serviceName": ""}}`

// Keepalive. A server that is frozen, or gone without a word, leaves its pings unanswered, and the calls that wait for it
// go elsewhere. Pyroscope's servers accept a ping every second, and none while no call is under way; gRPC's least time is
// 10 s, and a connection that was idle for longer is pinged with its next call. On Linux, gRPC makes the timeout the bound
// for unacknowledged data too (TCP_USER_TIMEOUT). docs/adr/0003-keepalive.md has the sources.
const (
	keepaliveTime    = 10 * time.Second
	keepaliveTimeout = 5 * time.Second
	connectTimeout   = 5 * time.Second
)

var reconnect = backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second}

// Client is the connections to one service. It is safe for concurrent use.
type Client struct {
	service    string
	timeout    time.Duration
	maxMessage int
	observer   Observer
	conn       *grpc.ClientConn
	table      *table
	retries    *budget
	hedges     *hedges
	// refreshEvery and retryFor are refreshInterval and retryWindow, but in tests.
	refreshEvery, retryFor time.Duration

	mu     sync.Mutex
	calls  int // under way
	closed bool
}

// NewClient makes a client of the service of that name; the name is for messages and for the observer. It does not
// connect before the first call.
func NewClient(service string, c Config, policy Policy) (*Client, error) {
	t := &table{policy: policy, lookUp: make(chan struct{}, 1), first: make(chan struct{})}
	client := &Client{
		service:      service,
		timeout:      c.timeout(),
		maxMessage:   c.maxMessageBytes(),
		observer:     c.Observer,
		table:        t,
		retries:      newRetryBudget(),
		hedges:       newHedges(),
		refreshEvery: refreshInterval,
		retryFor:     retryWindow,
	}
	if client.observer == nil {
		client.observer = Nobody{}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	dialer, names := c.Dialer, naming.Lookup{Targets: c.Address.Targets, Resolver: c.Resolver, Literal: c.Dialer != nil}
	if dialer == nil {
		dialer = (&net.Dialer{}).DialContext
	}
	security := insecure.NewCredentials()
	if c.TLS != nil {
		security, names.ServerName = credentials.NewTLS(c.TLS), c.TLS.ServerName
	}
	options := []grpc.DialOption{
		grpc.WithResolvers(resolverBuilder{lookup: names, table: t}),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(), // call.go has the retries; those of what never left the process stay
		grpc.WithIdleTimeout(0), // a dashboard that is opened after a pause does not wait for connections
		grpc.WithUserAgent("pyrofront"),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()), // passes Grafana's trace on
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(client.maxMessage), grpc.MaxCallSendMsgSize(client.maxMessage)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect, MinConnectTimeout: connectTimeout}),
		grpc.WithChainUnaryInterceptor(detectHTTPPort),
		grpc.WithContextDialer(dialer.dial),
		grpc.WithTransportCredentials(security),
	}
	options = append(options, (&receiver{budget: c.Memory, maxMessage: client.maxMessage}).options()...)
	if len(c.Headers) > 0 {
		options = append(options, grpc.WithPerRPCCredentials(c.Headers))
	}
	conn, err := grpc.NewClient(resolverScheme+":///"+service, options...)
	client.conn = conn
	return client, err
}

// Close lets no further call in. The connections close when the last call under way ends; Close does not wait for it.
// It is safe to call more than once.
func (c *Client) Close() error {
	c.mu.Lock()
	first, idle := !c.closed, c.calls == 0
	c.closed = true
	c.mu.Unlock()
	if first && idle {
		return c.conn.Close()
	}
	return nil
}

// enter counts a call in.
func (c *Client) enter() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return status.Errorf(codes.Unavailable, "%s: the client is closed", c.service)
	}
	c.calls++
	return nil
}

// hold counts an attempt in that can outlive its call for a moment. It needs no check: its call has not left yet.
func (c *Client) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
}

// leave counts a call out; the last one out of a closed client closes the connections.
func (c *Client) leave() {
	c.mu.Lock()
	c.calls--
	last := c.closed && c.calls == 0
	c.mu.Unlock()
	if last {
		_ = c.conn.Close() // it only fails when closed twice
	}
}

// begin counts a call in and bounds its time.
func (c *Client) begin(ctx context.Context) (context.Context, *call, func(), error) {
	if err := c.enter(); err != nil {
		return nil, nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	return ctx, &call{client: c, started: time.Now()}, func() { cancel(); c.leave() }, nil
}
