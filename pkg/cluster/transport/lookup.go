package transport

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
)

// Bounds of what name servers may answer.
const (
	maxAddressesOfOneName = 1024
	maxEndpoints          = 4096
)

// location is what tells an endpoint from another.
type location struct {
	// dial is the address to connect to: ip:port, or host:port for a proxy, or a socket's path.
	dial string
	// authority is the name of the server as configured: host:port.
	authority string
	unix      bool
}

// answer is what one target resolved to.
type answer struct {
	locations []location
	err       error
}

// lookups resolves the targets of an address.
type lookups struct {
	targets  []Target
	resolver Resolver
	// literal is set for a custom dialer: it resolves names itself, on its side of the proxy.
	literal bool
	// serverName replaces the authority of every endpoint; "" leaves it.
	serverName string
}

// dynamic tells whether an answer can change.
func (l lookups) dynamic() bool { return slices.ContainsFunc(l.targets, l.isName) }

func (l lookups) isName(t Target) bool {
	if l.literal || t.Scheme == SchemePassthrough || t.Scheme == SchemeUnix {
		return false
	}
	_, err := netip.ParseAddr(t.Host)
	return err != nil
}

// resolve looks all names up, side by side, and returns an answer for each target in its order.
func (l lookups) resolve(ctx context.Context) []answer {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	answers := make([]answer, len(l.targets))
	var running sync.WaitGroup
	for i, t := range l.targets {
		running.Go(func() { answers[i] = l.one(ctx, t) })
	}
	running.Wait()
	if l.serverName != "" {
		for _, a := range answers {
			for i := range a.locations {
				a.locations[i].authority = l.serverName
			}
		}
	}
	return answers
}

func (l lookups) one(ctx context.Context, t Target) (a answer) {
	switch {
	case t.Scheme == SchemeUnix:
		a.locations = []location{{dial: t.Path, authority: "localhost", unix: true}}
	case !l.isName(t):
		a.locations = []location{{dial: t.HostPort(), authority: authority(t.Host, t.Port)}}
	case t.Scheme == SchemeSRV:
		a.locations, a.err = l.service(ctx, t)
	default:
		a.locations, a.err = l.host(ctx, t, t.Host, t.Port)
	}
	return a
}

func authority(host, port string) string {
	return net.JoinHostPort(strings.TrimSuffix(host, "."), port)
}

// host looks up the addresses of a name.
func (l lookups) host(ctx context.Context, t Target, host, port string) ([]location, error) {
	addresses, err := l.of(t).LookupHost(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("host %s does not resolve: %w", host, err)
	}
	if len(addresses) > maxAddressesOfOneName {
		addresses = addresses[:maxAddressesOfOneName]
	}
	locations := make([]location, 0, len(addresses))
	for _, a := range addresses {
		if _, err := netip.ParseAddr(a); err == nil {
			locations = append(locations, location{dial: net.JoinHostPort(a, port), authority: authority(host, port)})
		}
	}
	if len(locations) == 0 {
		return nil, fmt.Errorf("host %s does not resolve: the answer has no address", host)
	}
	return locations, nil
}

// service looks up the SRV records of _service._proto.name, and then their hosts. In Kubernetes such a name has address
// records as well, and on some name servers those alone: they do where there is a port to go with them.
func (l lookups) service(ctx context.Context, t Target) ([]location, error) {
	_, records, err := l.of(t).LookupSRV(ctx, "", "", t.Host)
	if err != nil || len(records) == 0 {
		if t.Port != "" {
			if locations, hostErr := l.host(ctx, t, t.Host, t.Port); hostErr == nil {
				return locations, nil
			}
		}
		return nil, &notSRV{
			text:  fmt.Sprintf("the name %s has no SRV records: write dns:///%s with the port, such as dns:///%[2]s:9095", t.Host, srvHost(t.Host)),
			cause: err,
		}
	}
	if len(records) > maxAddressesOfOneName {
		records = records[:maxAddressesOfOneName]
	}
	var locations []location
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

// srvHost is the name behind _service._proto.
func srvHost(name string) string {
	parts := strings.SplitN(name, ".", 3)
	return parts[len(parts)-1]
}

// of is the resolver to ask for a target: the system's, or one that asks the name server of the target.
func (l lookups) of(t Target) Resolver {
	switch {
	case l.resolver != nil:
		return l.resolver
	case t.Server == "":
		return net.DefaultResolver
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, t.Server)
	}}
}
