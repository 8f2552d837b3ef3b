// Package naming reads the addresses of a service, in gRPC's naming, and looks their names up.
package naming

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Schemes of a Target, as in gRPC's naming.
const (
	SchemeDNS         = "dns"         // the name is looked up, again and again
	SchemeSRV         = "srv"         // as SchemeDNS, by SRV records; written dns:///_service._proto.name
	SchemePassthrough = "passthrough" // the name goes to the dialer as it is
	SchemeUnix        = "unix"        // a socket's path
)

// Limits of an address' text.
const (
	maxAddressBytes   = 64 << 10
	maxAddressTargets = 1024
)

// Examples ends every error about an address.
const Examples = `examples: "metastore:9095", "10.0.0.1:9095,10.0.0.2:9095", "dns:///query-backend.pyroscope.svc:9095"`

// Address says where a service is: one target or several.
type Address struct {
	Targets []Target
}

// Target is one part of an Address.
type Target struct {
	// Scheme is one of the Scheme constants.
	Scheme string
	// Server is the name server (host:port) that a dns://server/ target names; empty: the system's.
	Server string
	// Host is a name or an IP address without brackets. Port is a decimal number from 1 to 65535. Of SchemeSRV the host is
	// _service._proto.name, and the port, which the records tell, may be empty.
	Host string
	Port string
	// Path is the socket's path of SchemeUnix, which has no host and port.
	Path string
}

// ParseAddress reads a gRPC target or a comma-separated list of host:port and targets. The schemes are those of gRPC's
// naming: dns, passthrough, ipv4, ipv6 and unix. A port is always needed. Errors say what is wrong and show examples;
// they do not quote an address that carries a user name, which could come with a password.
func ParseAddress(s string) (Address, error) {
	if strings.TrimSpace(s) == "" {
		return Address{}, errors.New("address: it is empty; " + Examples)
	}
	if len(s) > maxAddressBytes {
		return Address{}, fmt.Errorf("address: %d bytes long; at most %d are allowed", len(s), maxAddressBytes)
	}
	if strings.Contains(s, "@") {
		return Address{}, errors.New("address: it must not carry a user name or password (@); use the basic auth settings; " + Examples)
	}
	items := strings.Split(s, ",")
	if len(items) > maxAddressTargets {
		return Address{}, fmt.Errorf("address: %d targets; at most %d are allowed", len(items), maxAddressTargets)
	}
	var a Address
	seen := make(map[Target]bool, len(items))
	for _, item := range items {
		item = strings.TrimSpace(item)
		t, err := parseTarget(item)
		if err != nil {
			return Address{}, fmt.Errorf("address %q: %w; %s", item, err, Examples)
		}
		if seen[t] {
			return Address{}, fmt.Errorf("address %q: it is listed twice", item)
		}
		seen[t] = true
		a.Targets = append(a.Targets, t)
	}
	return a, nil
}

// String is the address as ParseAddress reads it.
func (a Address) String() string {
	parts := make([]string, len(a.Targets))
	for i, t := range a.Targets {
		parts[i] = t.String()
	}
	return strings.Join(parts, ",")
}

// String is the target as ParseAddress reads it: a plain host:port for the system's name servers.
func (t Target) String() string {
	switch {
	case t.Scheme == SchemeUnix:
		return "unix:" + t.Path
	case t.Scheme == SchemePassthrough:
		return "passthrough:///" + t.HostPort()
	case t.Server != "" || t.Scheme == SchemeSRV:
		return "dns://" + t.Server + "/" + t.HostPort()
	}
	return t.HostPort()
}

// HostPort is host:port, with brackets around an IPv6 address.
func (t Target) HostPort() string {
	if t.Port == "" {
		return t.Host
	}
	return net.JoinHostPort(t.Host, t.Port)
}

func parseTarget(s string) (Target, error) {
	if s == "" {
		return Target{}, errors.New("an entry of the list is empty")
	}
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok {
		return Target{}, errors.New("the port is missing")
	}
	switch strings.ToLower(scheme) {
	case "dns":
		return parseDNS(rest)
	case "passthrough":
		t, err := parseHostPort(strings.TrimPrefix(rest, "///"))
		t.Scheme = SchemePassthrough
		return t, err
	case "ipv4", "ipv6":
		t, err := parseHostPort(rest)
		if err != nil {
			return Target{}, err
		}
		ip, err := netip.ParseAddr(t.Host)
		if err != nil || ip.Is4() != strings.EqualFold(scheme, "ipv4") {
			return Target{}, fmt.Errorf("%q is not an %s address", t.Host, strings.ToLower(scheme))
		}
		return t, nil
	case "unix":
		path := strings.TrimPrefix(rest, "//")
		if path == "" || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, isControl) || (path != rest && path[0] != '/') {
			return Target{}, errors.New("a socket is written unix:path or unix:///path")
		}
		return Target{Scheme: SchemeUnix, Path: path}, nil
	case "http", "https":
		if strings.HasPrefix(rest, "//") {
			return Target{}, errors.New("it is a gRPC address and takes no http:// or https://; write host:port and turn TLS on in the settings")
		}
	case "kubernetes", "xds":
		if strings.HasPrefix(rest, "//") {
			return Target{}, fmt.Errorf("scheme %q is not supported; use dns:/// with the name of a headless service", scheme)
		}
	}
	if strings.HasPrefix(rest, "//") {
		return Target{}, fmt.Errorf("scheme %q is not known; the known ones are dns, passthrough, ipv4, ipv6 and unix", scheme)
	}
	return parseHostPort(s)
}

// parseDNS reads what follows "dns:": //[server]/host:port or host:port.
func parseDNS(s string) (Target, error) {
	rest, ok := strings.CutPrefix(s, "//")
	if !ok {
		return parseHostPort(s)
	}
	server, name, ok := strings.Cut(rest, "/")
	if !ok {
		return Target{}, errors.New("a DNS target has three slashes: dns:///host:port")
	}
	t, err := parseName(name)
	if err != nil || server == "" {
		return t, err
	}
	if _, _, err := net.SplitHostPort(server); err != nil {
		server = net.JoinHostPort(strings.Trim(server, "[]"), "53")
	}
	ns, err := parseHostPort(server)
	if err != nil {
		return Target{}, fmt.Errorf("the name server: %w", err)
	}
	t.Server = ns.HostPort()
	return t, nil
}

// parseName reads host:port, or the name of SRV records with or without a port.
func parseName(s string) (Target, error) {
	if !isSRV(s) {
		return parseHostPort(s)
	}
	if !strings.Contains(s, ":") {
		return Target{Scheme: SchemeSRV, Host: s}, checkHost(s)
	}
	t, err := parseHostPort(s)
	t.Scheme = SchemeSRV
	return t, err
}

// isSRV tells _service._proto.name.
func isSRV(s string) bool {
	parts := strings.SplitN(s, ".", 3)
	return len(parts) == 3 && strings.HasPrefix(parts[0], "_") && strings.HasPrefix(parts[1], "_") && !strings.HasPrefix(parts[2], ":") && parts[2] != ""
}

func parseHostPort(s string) (Target, error) {
	if strings.ContainsAny(s, "/?#") {
		return Target{}, errors.New("it has a path; only host:port is allowed")
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		var a *net.AddrError
		if errors.As(err, &a) && a.Err == "too many colons in address" {
			return Target{}, errors.New("an IPv6 address needs brackets: [::1]:9095")
		}
		return Target{}, errors.New("it is not host:port, or the port is missing")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return Target{}, fmt.Errorf("port %q: it must be a number from 1 to 65535", port)
	}
	if err := checkHost(host); err != nil {
		return Target{}, err
	}
	return Target{Scheme: SchemeDNS, Host: host, Port: strconv.FormatUint(n, 10)}, nil
}

func checkHost(host string) error {
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	name := strings.TrimSuffix(host, ".")
	if name == "" {
		return errors.New("the host is missing")
	}
	if len(name) > 253 {
		return fmt.Errorf("the host name is %d characters long; at most 253 are allowed", len(name))
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return fmt.Errorf("host %q: each part between dots must be 1 to 63 characters long", host)
		}
		for i := range len(label) {
			if c := label[i]; c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				return fmt.Errorf("host %q: only letters, digits, - and _ are allowed between the dots", host)
			}
		}
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
