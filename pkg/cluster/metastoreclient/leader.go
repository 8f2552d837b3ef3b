package metastoreclient

import (
	"math/rand/v2"
	"net"
	"strings"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// leaderPolicy sends every call to one node: the leader, where it is known, and else the node that answered last.
//
// A node names the leader by its raft id and its raft address. Neither is where it serves queries: in a real cluster raft
// has a port of its own, the id is a name inside the cluster, and the address is often an IP. So the client takes the
// host and looks for it among its endpoints. It never dials what an error names: that would send credentials, and
// Grafana's place in the network, to wherever a server says. A leader that is not among the endpoints is not followed;
// the others are asked in turn, and any that can reach the leader will answer.
type leaderPolicy struct {
	observer transport.Observer
	// current is the dial address of the node to ask; "" when none has proved itself. last is the one before that.
	current, last string
}

// Pick implements transport.Policy.
func (p *leaderPolicy) Pick(candidates []transport.Candidate) transport.Candidate {
	for _, c := range candidates {
		if c.Address() == p.current && (c.Health == transport.Ready || c.Health == transport.Connecting) {
			return c
		}
	}
	best := transport.Best(candidates)
	return best[rand.IntN(len(best))]
}

// Report implements transport.Policy.
func (p *leaderPolicy) Report(e *transport.Endpoint, err error, known []*transport.Endpoint) transport.Verdict {
	if err == nil {
		p.set(e.Address())
		return transport.Verdict{}
	}
	if leader, ok := leaderNamed(err); ok {
		if to := find(leader, e, known); to != nil {
			p.set(to.Address())
			return transport.Verdict{Elsewhere: true}
		}
	}
	if p.current == e.Address() {
		p.set("")
	}
	return transport.Verdict{}
}

// set makes a node the one to ask. The observer is told of a change from one node to another: not of the first, and not
// of a node that was in doubt for a while.
func (p *leaderPolicy) set(address string) {
	p.current = address
	if address == "" || address == p.last {
		return
	}
	if p.last != "" {
		p.observer.Leader(address)
	}
	p.last = address
}

// find looks for the named node among the known endpoints, except the one that named it: by its whole address or id,
// else by the host, if only one endpoint has it.
func find(n node, from *transport.Endpoint, known []*transport.Endpoint) *transport.Endpoint {
	for _, name := range []string{n.address, n.id} {
		for _, e := range known {
			if e != from && name != "" && (e.Address() == name || sameHostPort(e.Authority(), name)) {
				return e
			}
		}
	}
	for _, name := range []string{n.address, n.id} {
		if e := findHost(hostOf(name), from, known); e != nil {
			return e
		}
	}
	return nil
}

func findHost(host string, from *transport.Endpoint, known []*transport.Endpoint) *transport.Endpoint {
	if host == "" {
		return nil
	}
	var found *transport.Endpoint
	for _, e := range known {
		if !strings.EqualFold(hostOf(e.Address()), host) && !strings.EqualFold(hostOf(e.Authority()), host) {
			continue
		}
		if found != nil {
			return nil
		}
		found = e
	}
	if found == from {
		return nil
	}
	return found
}

func sameHostPort(a, b string) bool {
	_, portA, errA := net.SplitHostPort(a)
	_, portB, errB := net.SplitHostPort(b)
	return errA == nil && errB == nil && portA == portB && strings.EqualFold(hostOf(a), hostOf(b))
}

// hostOf is the host of host:port, or of a host alone, without the final dot of a full name.
func hostOf(s string) string {
	host, _, err := net.SplitHostPort(s)
	if err != nil {
		host = s
	}
	return strings.TrimSuffix(host, ".")
}
