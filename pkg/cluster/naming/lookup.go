package naming

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// maxAddressesOfOneName bounds what name servers may answer.
	maxAddressesOfOneName = 1024
	// timeout is that of Resolve.
	timeout = 5 * time.Second
)

// A Resolver looks up names. *net.Resolver is one.
type Resolver interface {
	LookupHost(ctx context.Context, host string) ([]string, error)
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

// A Location is what tells an endpoint from another.
type Location struct {
	// Dial is the address to connect to: ip:port, or host:port for a proxy, or a socket's path.
	Dial string
	// Authority is the name of the server as configured: host:port.
	Authority string
	Unix      bool
}

// An Answer is what one target resolved to.
type Answer struct {
	Locations []Location
	Err       error
}

// A Lookup resolves the targets of an address.
type Lookup struct {
	Targets  []Target
	Resolver Resolver
	// Literal is set for a custom dialer: it resolves names itself, on its side of the proxy.
	Literal bool
	// ServerName replaces the authority of every endpoint; "" leaves it.
	ServerName string
}

// Dynamic tells whether an answer can change.
func (l Lookup) Dynamic() bool { return slices.ContainsFunc(l.Targets, l.isName) }

func (l Lookup) isName(t Target) bool {
	if l.Literal || t.Scheme == SchemePassthrough || t.Scheme == SchemeUnix {
		return false
	}
	_, err := netip.ParseAddr(t.Host)
	return err != nil
}

// Resolve looks all names up, side by side, and returns an answer for each target in its order.
func (l Lookup) Resolve(ctx context.Context) []Answer {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answers := make([]Answer, len(l.Targets))
	var running sync.WaitGroup
	for i, t := range l.Targets {
		running.Go(func() { answers[i] = l.one(ctx, t) })
	}
	running.Wait()
	if l.ServerName != "" {
		for _, a := range answers {
			for i := range a.Locations {
				a.Locations[i].Authority = l.ServerName
			}
		}
	}
	return answers
}

func (l Lookup) one(ctx context.Context, t Target) (a Answer) {
	switch {
	case t.Scheme == SchemeUnix:
		a.Locations = []Location{{Dial: t.Path, Authority: "localhost", Unix: true}}
	case !l.isName(t):
		a.Locations = []Location{{Dial: t.HostPort(), Authority: authority(t.Host, t.Port)}}
	case t.Scheme == SchemeSRV:
		a.Locations, a.Err = l.service(ctx, t)
	default:
		a.Locations, a.Err = l.host(ctx, t, t.Host, t.Port)
	}
	return a
}

func authority(host, port string) string {
	return net.JoinHostPort(strings.TrimSuffix(host, "."), port)
}

// host looks up the addresses of a name.
func (l Lookup) host(ctx context.Context, t Target, host, port string) ([]Location, error) {
	addresses, err := l.of(t).LookupHost(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("host %s does not resolve: %w", host, err)
	}
	if len(addresses) > maxAddressesOfOneName {
		addresses = addresses[:maxAddressesOfOneName]
	}
	locations := make([]Location, 0, len(addresses))
	for _, a := range addresses {
		if _, err := netip.ParseAddr(a); err == nil {
			locations = append(locations, Location{Dial: net.JoinHostPort(a, port), Authority: authority(host, port)})
		}
	}
	if len(locations) == 0 {
		return nil, fmt.Errorf("host %s does not resolve: the answer has no address", host)
	}
	return locations, nil
}

// service looks up the SRV records of _service._proto.name, and then their hosts. In Kubernetes such a name has address
// records as well, and on some name servers those alone: they do where there is a port to go with them.
func (l Lookup) service(ctx context.Context, t Target) ([]Location, error) {
	_, records, err := l.of(t).LookupSRV(ctx, "", "", t.Host)
	if err != nil || len(records) == 0 {
		if t.Port != "" {
			if locations, hostErr := l.host(ctx, t, t.Host, t.Port); hostErr == nil {
				return locations, nil
			}
		}
		return nil, &NotSRV{
			text:  fmt.Sprintf("the name %s has no SRV records: write dns:///%s with the port, such as dns:///%[2]s:9095", t.Host, SRVHost(t.Host)),
			cause: err,
		}
	}
	if len(records) > maxAddressesOfOneName {
		records = records[:maxAddressesOfOneName]
	}
	var locations []Location
	var failures []error
	for _, r := range records {
		found, err := l.host(ctx, t, r.Target, strconv.Itoa(int(r.Port)))
		locations, failures = append(locations, found...), append(failures, err)
	}
	if len(locations) == 0 {
		return nil, errors.Join(failures...)
	}
	return locations, nil
}

// SRVHost is the name behind _service._proto.
func SRVHost(name string) string {
	parts := strings.SplitN(name, ".", 3)
	return parts[len(parts)-1]
}

// of is the resolver to ask for a target: the system's, or one that asks the name server of the target.
func (l Lookup) of(t Target) Resolver {
	switch {
	case l.Resolver != nil:
		return l.Resolver
	case t.Server == "":
		return net.DefaultResolver
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, t.Server)
	}}
}

// NotSRV is a failed look-up of SRV records, in words that say what to write instead.
type NotSRV struct {
	text  string
	cause error
}

// Error says what to write.
func (n *NotSRV) Error() string { return n.text }

// Unwrap returns the name server's error, nil where there was none.
func (n *NotSRV) Unwrap() error { return n.cause }
