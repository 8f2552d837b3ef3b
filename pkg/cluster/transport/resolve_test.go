package transport_test

import (
	"context"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// names is a name server of a test.
type names struct {
	mu      sync.Mutex
	answers map[string][]string
	records map[string][]*net.SRV
	err     error
	asked   int
}

func (n *names) LookupHost(_ context.Context, host string) ([]string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked++
	if n.err != nil {
		return nil, n.err
	}
	a, ok := n.answers[host]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return a, nil
}

// LookupSRV answers with the records of a name.
func (n *names) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if records, ok := n.records[name]; ok {
		return name, records, nil
	}
	return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (n *names) set(host string, addresses []string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.answers == nil {
		n.answers = map[string][]string{}
	}
	n.answers[host] = addresses
	n.err = err
}

// serveMany starts servers at one port of 127.0.0.1, 127.0.0.2 and so on.
func serveMany(t *testing.T, n int) (servers []*server, ips []string, port string) {
	t.Helper()
	first := serve(t, nil)
	_, port, err := net.SplitHostPort(first.address)
	require.NoError(t, err)
	servers, ips = []*server{first}, []string{"127.0.0.1"}
	for i := 2; i <= n; i++ {
		ip := "127.0.0." + strconv.Itoa(i)
		s := &server{}
		s.set(nil)
		s.start(t, net.JoinHostPort(ip, port))
		servers, ips = append(servers, s), append(ips, ip)
	}
	return servers, ips, port
}

func TestNameThatGrowsAndShrinks(t *testing.T) {
	servers, ips, port := serveMany(t, 5)
	n := &names{}
	n.set("backend", ips[:1], nil)
	p := client(t, transport.Config{Address: at("dns:///backend:" + port), Resolver: n})
	p.SetRefresh(time.Millisecond)
	ask := func() {
		_, err := invoke(t.Context(), p)
		require.NoError(t, err)
	}
	ask()
	require.Equal(t, 1, p.Size())

	n.set("backend", ips, nil)
	require.Eventually(t, func() bool {
		ask()
		for _, s := range servers {
			if s.calls.Load() == 0 {
				return false
			}
		}
		return true
	}, waitLimit, poll)

	n.set("backend", ips[4:], nil)
	require.Eventually(t, func() bool { ask(); return p.Size() == 1 }, waitLimit, poll)
	before := servers[0].calls.Load()
	ask()
	require.Equal(t, before, servers[0].calls.Load())

	// A name server that is out of order takes nothing away.
	n.set("backend", nil, &net.DNSError{Err: "server misbehaving", Name: "backend", IsTemporary: true})
	for range 10 {
		ask()
	}
	require.Equal(t, 1, p.Size())
}

func TestUnknownName(t *testing.T) {
	n := &names{}
	p := client(t, transport.Config{Address: at("backend:1"), Resolver: n, Timeout: time.Minute})
	_, err := invoke(t.Context(), p)
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.ErrorContains(t, err, "query-backend: the name backend does not resolve: no such host")

	// The other names of a list do without it.
	s := serve(t, nil)
	_, port, err := net.SplitHostPort(s.address)
	require.NoError(t, err)
	n.set("good", []string{"127.0.0.1"}, nil)
	both := client(t, transport.Config{Address: at("backend:1,good:" + port), Resolver: n})
	_, err = invoke(t.Context(), both)
	require.NoError(t, err)
}

func TestUnknownNameMayComeUp(t *testing.T) {
	s := serve(t, nil)
	_, port, err := net.SplitHostPort(s.address)
	require.NoError(t, err)
	n := &names{}
	p := client(t, transport.Config{Address: at("backend:" + port), Resolver: n})
	_, err = invoke(t.Context(), p)
	require.ErrorContains(t, err, "no such host")
	n.set("backend", []string{"127.0.0.1"}, nil)
	require.Eventually(t, func() bool { _, err := invoke(t.Context(), p); return err == nil }, waitLimit, 50*time.Millisecond)
}

// A resolver's nonsense does not become an address to dial.
func TestResolverNonsense(t *testing.T) {
	n := &names{}
	n.set("backend", []string{"not an address", ""}, nil)
	p := client(t, transport.Config{Address: at("backend:1"), Resolver: n, Timeout: 200 * time.Millisecond})
	_, err := invoke(t.Context(), p)
	require.Contains(t, []codes.Code{codes.Unavailable, codes.DeadlineExceeded}, status.Code(err))
	require.ErrorContains(t, err, "the answer has no address")
}

// Addresses are never looked up, and names only by those who dial: with a dialer of its own, a proxy sees the name.
func TestDialerGetsTheName(t *testing.T) {
	s := serve(t, nil)
	n := &names{}
	dialled := make(chan string, 10)
	p := client(t, transport.Config{Address: at("dns:///backend.cluster:9095"), Resolver: n, Dialer: func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled <- address
		return (&net.Dialer{}).DialContext(ctx, network, s.address)
	}})
	_, err := invoke(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, "backend.cluster:9095", <-dialled)

	direct := client(t, transport.Config{Address: at(s.address), Resolver: n})
	direct.SetRefresh(0)
	for range 3 {
		_, err = invoke(t.Context(), direct)
		require.NoError(t, err)
	}
	require.Zero(t, n.asked)
}

func TestHungResolverEndsWithTheCall(t *testing.T) {
	p := client(t, transport.Config{Address: at("backend:1"), Resolver: hungResolver{}})
	ctx, cancel := contextWithTimeout(t, 50*time.Millisecond)
	defer cancel()
	_, err := invoke(ctx, p)
	require.Equal(t, codes.DeadlineExceeded, status.Code(err))
}

type hungResolver struct{}

func (hungResolver) LookupHost(ctx context.Context, _ string) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (hungResolver) LookupSRV(ctx context.Context, _, _, _ string) (string, []*net.SRV, error) {
	<-ctx.Done()
	return "", nil, ctx.Err()
}

// What Pyroscope's Helm chart gives its own query-frontend: a headless service's named port.
func TestServiceRecords(t *testing.T) {
	servers, ips, port := serveMany(t, 3)
	number, err := strconv.ParseUint(port, 10, 16)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		address string
		records []*net.SRV
		answers map[string][]string
		want    string // of the error
	}{
		"records": {
			address: "dns:///_grpc._tcp.backend.svc",
			records: []*net.SRV{{Target: "b-0.backend.svc.", Port: uint16(number)}, {Target: "b-1.backend.svc.", Port: uint16(number)}, {Target: "b-2.backend.svc.", Port: uint16(number)}},
			answers: map[string][]string{"b-0.backend.svc.": ips[:1], "b-1.backend.svc.": ips[1:2], "b-2.backend.svc.": ips[2:]},
		},
		"records tell the port": {
			address: "dns:///_grpc._tcp.backend.svc:9",
			records: []*net.SRV{{Target: "backend.svc.", Port: uint16(number)}},
			answers: map[string][]string{"backend.svc.": ips},
		},
		"addresses alone": {
			address: "dns:///_grpc._tcp.backend.svc:" + port,
			answers: map[string][]string{"_grpc._tcp.backend.svc": ips},
		},
		"nothing": {
			address: "dns:///_grpc._tcp.backend.svc",
			want:    "the name _grpc._tcp.backend.svc has no SRV records: write dns:///backend.svc with the port, such as dns:///backend.svc:9095",
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := &names{answers: test.answers, records: map[string][]*net.SRV{}}
			if test.records != nil {
				n.records["_grpc._tcp.backend.svc"] = test.records
			}
			p := client(t, transport.Config{Address: at(test.address), Resolver: n})
			if test.want != "" {
				_, err := invoke(t.Context(), p)
				require.ErrorContains(t, err, test.want)
				return
			}
			for _, s := range servers {
				s.calls.Store(0)
			}
			warmUp(t, p, servers...)
			require.Equal(t, 3, p.Size())
		})
	}

	_, err = transport.NewClient("query-backend", transport.Config{
		Address: at("dns:///_grpc._tcp.backend.svc"),
		Dialer:  (&net.Dialer{}).DialContext,
	}, &transport.LeastLoaded{})
	require.ErrorContains(t, err, "SRV records cannot be looked up through a proxy; write backend.svc with the port")
}

func TestUnixSocket(t *testing.T) {
	path := t.TempDir() + "/s"
	s := serve(t, nil)
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	go func() { _ = s.grpc.Serve(listener) }()
	for _, address := range []string{"unix:" + path, "unix://" + path} {
		_, err = invoke(t.Context(), client(t, transport.Config{Address: at(address)}))
		require.NoError(t, err)
	}
}
