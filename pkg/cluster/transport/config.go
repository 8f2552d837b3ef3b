package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
	"github.com/pyrofront/pyrofront/pkg/memory"
)

const (
	// DefaultMaxMessageBytes bounds a message when Config.MaxMessageBytes is 0: 256 MiB. gRPC's own default, 4 MiB, is
	// too small for real flame graphs and plans.
	DefaultMaxMessageBytes = 256 << 20
	// DefaultTimeout bounds a call when neither Config.Timeout nor the context does.
	DefaultTimeout = 60 * time.Second
	// SettingMaxMessageBytes is the data source setting that errors about large messages name.
	SettingMaxMessageBytes = "maxMessageBytes"
)

// Config says how to reach one service. It holds what was parsed: see naming.ParseAddress and NewHeaders. The zero value of
// every field but Address is usable. Its text forms (fmt, slog) leave the secrets out.
type Config struct {
	// Address is where the service is.
	Address naming.Address
	// TLS is the transport's security; nil is plain text.
	TLS *tls.Config
	// Headers go with every call: credentials, and what the user added.
	Headers Headers
	// MaxMessageBytes bounds a message, either way; 0 means DefaultMaxMessageBytes.
	MaxMessageBytes int
	// Timeout bounds a call, its retries included, when the context has no sooner deadline; 0 means DefaultTimeout.
	Timeout time.Duration
	// Dialer opens connections in place of the net package, for a proxy. Names are then left to it to resolve.
	Dialer Dialer
	// Resolver looks names up; nil means the system's, or the server that a dns://server/ target names.
	Resolver naming.Resolver
	// Memory is what answers are taken from while they are decoded, where the context has no account; nil means no limit.
	Memory *memory.Budget
	// Observer is told of attempts, retries and the like; nil means nobody.
	Observer Observer
}

// Dialer opens a connection, as net.Dialer.DialContext does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// SendsCredentialsInPlaintext reports whether calls carry credentials or headers over a connection without TLS to a host
// other than this one.
func (c Config) SendsCredentialsInPlaintext() bool {
	if c.TLS != nil || len(c.Headers) == 0 {
		return false
	}
	for _, t := range c.Address.Targets {
		if !isLoopback(t) {
			return true
		}
	}
	return false
}

func isLoopback(t naming.Target) bool {
	if t.Scheme == naming.SchemeUnix {
		return true
	}
	host := strings.ToLower(strings.TrimSuffix(t.Host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// check finds what cannot go together. All else was checked when it was parsed.
func (c Config) check() error {
	if len(c.Address.Targets) == 0 {
		return errors.New("address: it is empty; " + naming.Examples)
	}
	for _, t := range c.Address.Targets {
		if t.Scheme == naming.SchemeSRV && c.Dialer != nil {
			return fmt.Errorf("address %q: SRV records cannot be looked up through a proxy; write %s with the port, such as %[2]s:9095", t, naming.SRVHost(t.Host))
		}
	}
	return nil
}

func (c Config) maxMessageBytes() int {
	if c.MaxMessageBytes <= 0 {
		return DefaultMaxMessageBytes
	}
	return c.MaxMessageBytes
}

func (c Config) timeout() time.Duration {
	if c.Timeout <= 0 {
		return DefaultTimeout
	}
	return c.Timeout
}

// String lists the fields with secrets and header values left out.
func (c Config) String() string {
	security := "off"
	if c.TLS != nil {
		security = fmt.Sprintf("{server name: %q, skip verify: %t}", c.TLS.ServerName, c.TLS.InsecureSkipVerify)
	}
	return fmt.Sprintf("{address: %s, tls: %s, headers: %s, max message: %d bytes, timeout: %s}",
		c.Address, security, c.Headers, c.maxMessageBytes(), c.timeout())
}

// GoString is String: %#v shows no secret either.
func (c Config) GoString() string { return "transport.Config" + c.String() }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }
