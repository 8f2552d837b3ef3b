package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Name resolution. net.Resolver does not tell how long an answer lives, so names are looked up again while calls go on:
// after refreshInterval, and sooner, after a failure. It happens beside the calls, never in their way, but the first time.
const (
	refreshInterval       = 5 * time.Second
	refreshAfterFailure   = 500 * time.Millisecond
	lookupTimeout         = 5 * time.Second
	maxAddressesOfOneName = 1024
	maxEndpointsOfOnePool = 4096
)

// lookups resolves the targets of an address.
type lookups struct {
	targets  []Target
	resolver Resolver
	// literal is set for a custom dialer: it resolves names itself, on its side of the proxy.
	literal bool
}

// dynamic tells whether an answer can change.
func (l lookups) dynamic() bool {
	return slices.ContainsFunc(l.targets, l.isName)
}

func (l lookups) isName(t Target) bool {
	if l.literal || t.Scheme != SchemeDNS {
		return false
	}
	_, err := netip.ParseAddr(t.Host)
	return err != nil
}

// answer is what one target resolved to.
type answer struct {
	locations []location
	err       error
}

// resolve looks all names up, side by side, and returns an answer for each target in its order.
func (l lookups) resolve(ctx context.Context) []answer {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	answers := make([]answer, len(l.targets))
	done := make(chan struct{})
	running := 0
	for i, t := range l.targets {
		if !l.isName(t) {
			answers[i].locations = []location{literalLocation(t)}
			continue
		}
		running++
		go func() {
			answers[i].locations, answers[i].err = l.lookup(ctx, t)
			done <- struct{}{}
		}()
	}
	for range running {
		<-done
	}
	return answers
}

func literalLocation(t Target) location {
	if t.Scheme == SchemeUnix {
		return location{dial: t.Path, authority: "localhost", unix: true}
	}
	return location{dial: t.HostPort(), authority: authority(t)}
}

func authority(t Target) string {
	return net.JoinHostPort(strings.TrimSuffix(t.Host, "."), t.Port)
}

func (l lookups) lookup(ctx context.Context, t Target) ([]location, error) {
	resolver := l.resolver
	if resolver == nil {
		resolver = systemResolver(t.Server)
	}
	addresses, err := resolver.LookupHost(ctx, t.Host)
	if err != nil {
		return nil, fmt.Errorf("host %s does not resolve: %w", t.Host, err)
	}
	if len(addresses) > maxAddressesOfOneName {
		addresses = addresses[:maxAddressesOfOneName]
	}
	locations := make([]location, 0, len(addresses))
	for _, a := range addresses {
		if _, err := netip.ParseAddr(a); err != nil {
			continue
		}
		locations = append(locations, location{dial: net.JoinHostPort(a, t.Port), authority: authority(t)})
	}
	if len(locations) == 0 {
		return nil, fmt.Errorf("host %s does not resolve: the answer has no address", t.Host)
	}
	return locations, nil
}

// systemResolver is the system's, or one that asks the given name server.
func systemResolver(server string) Resolver {
	if server == "" {
		return net.DefaultResolver
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server)
	}}
}
