package transport

import (
	"context"
	"net"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/health" // the client side of healthCheckConfig
	"google.golang.org/grpc/keepalive"
)

// Endpoint is one server of a service: an address and its connection.
type Endpoint struct {
	location
	conn *grpc.ClientConn
	// fault is the last failure to connect, which gRPC keeps only as text.
	fault *lastFault

	// What follows belongs to the pool and is guarded by its lock.

	inFlight     int
	failures     int       // in a row
	restUntil    time.Time // after failures: others are preferred until then
	lastProgress time.Time // the last answer, of any kind
	gone         bool      // no longer among the names' addresses: closed after its last call
}

// location is what tells an endpoint from another.
type location struct {
	// dial is the address to connect to: ip:port, or host:port for a proxy, or a socket's path.
	dial string
	// authority is the name of the server as configured: host:port.
	authority string
	unix      bool
}

// Address is where the endpoint connects to, for example 10.0.0.1:9095.
func (e *Endpoint) Address() string { return e.dial }

// Authority is the configured name that led to the endpoint, for example metastore-0.metastore:9095.
func (e *Endpoint) Authority() string { return e.authority }

// serviceConfig makes one address' connection reconnect by itself (pick_first would go idle), and watch the server's
// health where it offers the gRPC health service. The overall health ("") is watched: a server that does not know a more
// particular name would count as not serving. gRPC's retries are off, as the pool has its own.
const serviceConfig = `{"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": ""}}`

// Connection parameters. Pyroscope's servers accept a ping every second, but gRPC's own default for servers is to close
// the connection at the third ping in a row that is less than 5 minutes after the last. At 30 s that is later than
// DefaultTimeout, so that a long query does not come to that end. On Linux, gRPC makes the keepalive timeout the bound
// for unacknowledged data too (TCP_USER_TIMEOUT), which finds a dead peer as soon as something is sent to it.
const (
	keepaliveTime    = 30 * time.Second
	keepaliveTimeout = 10 * time.Second
	connectTimeout   = 5 * time.Second
)

var reconnect = backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second}

// connector opens the connections of one Config.
type connector struct {
	creds      credentials.TransportCredentials
	dialer     Dialer
	serverName string // overrides the authority of every endpoint
	options    []grpc.DialOption
}

func newConnector(c Config) (*connector, error) {
	creds, err := c.TLS.credentials()
	if err != nil {
		return nil, err
	}
	md, err := c.metadata()
	if err != nil {
		return nil, err
	}
	k := &connector{creds: creds, dialer: c.Dialer}
	if c.TLS.Enabled {
		k.serverName = c.TLS.ServerName
	}
	if k.dialer == nil {
		k.dialer = (&net.Dialer{}).DialContext
	}
	limit := c.maxMessageBytes()
	k.options = []grpc.DialOption{
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(),
		grpc.WithUserAgent("pyrofront"),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()), // passes Grafana's trace on
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(limit), grpc.MaxCallSendMsgSize(limit)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect, MinConnectTimeout: connectTimeout}),
		grpc.WithChainUnaryInterceptor(detectHTTPPort),
	}
	k.options = append(k.options, (&receiver{budget: c.Memory, maxMessage: limit}).options()...)
	if len(md) > 0 {
		k.options = append(k.options, grpc.WithPerRPCCredentials(md))
	}
	return k, nil
}

// connect makes an endpoint, whose connection starts at once in the background.
func (k *connector) connect(l location) (*Endpoint, error) {
	e := &Endpoint{location: l, fault: &lastFault{}}
	authority := l.authority
	if k.serverName != "" {
		authority = k.serverName
	}
	network := "tcp"
	if l.unix {
		network = "unix"
	}
	options := append(k.options[:len(k.options):len(k.options)],
		grpc.WithTransportCredentials(&watchedCredentials{TransportCredentials: k.creds, fault: e.fault}),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			conn, err := k.dialer(ctx, network, l.dial)
			e.fault.set(err)
			return conn, err
		}),
		grpc.WithAuthority(authority),
	)
	conn, err := grpc.NewClient("passthrough:///"+l.dial, options...)
	if err != nil {
		return nil, err
	}
	e.conn = conn
	conn.Connect()
	return e, nil
}

// ready tells whether the endpoint can take a call at once; an idle one is woken.
func (e *Endpoint) ready() bool { return e.state() == connectivity.Ready }

func (e *Endpoint) state() connectivity.State {
	s := e.conn.GetState()
	if s == connectivity.Idle {
		e.conn.Connect()
	}
	return s
}

// lastFault keeps the last error of connecting, with its type.
type lastFault struct {
	mu  sync.Mutex
	err error
}

func (f *lastFault) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *lastFault) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// watchedCredentials remembers why a handshake failed.
type watchedCredentials struct {
	credentials.TransportCredentials
	fault *lastFault
}

// ClientHandshake is the wrapped one.
func (w *watchedCredentials) ClientHandshake(ctx context.Context, authority string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := w.TransportCredentials.ClientHandshake(ctx, authority, raw)
	w.fault.set(err)
	return conn, info, err
}

// Clone keeps the watch.
func (w *watchedCredentials) Clone() credentials.TransportCredentials {
	return &watchedCredentials{TransportCredentials: w.TransportCredentials.Clone(), fault: w.fault}
}
