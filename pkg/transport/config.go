package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

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

// Config says how to reach one service. The zero value of every field but Address is usable. Its text forms (fmt, slog)
// leave the secrets out.
type Config struct {
	// Address is a gRPC target (dns:///host:9095) or a list (host:port[,host:port…]); see ParseAddress.
	Address string
	// TLS is the transport's security; the zero value is plain text.
	TLS TLS
	// BearerToken, when set, is sent as "authorization: Bearer <token>" with every call.
	BearerToken string
	// BasicAuthUser and BasicAuthPassword, when either is set, are sent as "authorization: Basic …" with every call.
	BasicAuthUser     string
	BasicAuthPassword string
	// Headers are sent with every call as gRPC metadata. Names are case insensitive.
	Headers map[string]string
	// MaxMessageBytes bounds a message, either way; 0 means DefaultMaxMessageBytes.
	MaxMessageBytes int
	// Timeout bounds a call, its retries included, when the context has no sooner deadline; 0 means DefaultTimeout.
	Timeout time.Duration
	// Dialer opens connections in place of the net package, for a proxy. Names are then left to it to resolve.
	Dialer Dialer
	// Resolver looks names up; nil means the system's, or the server that a dns://server/ target names.
	Resolver Resolver
	// Memory is what answers are taken from while they are decoded, where the context has no account; nil means no limit.
	Memory *memory.Budget
	// Observer is told of attempts, retries and the like; nil means nobody.
	Observer Observer
}

// Dialer opens a connection, as net.Dialer.DialContext does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Resolver looks up the addresses of a host name. *net.Resolver is one.
type Resolver interface {
	LookupHost(ctx context.Context, host string) ([]string, error)
}

// Validate reports every field that cannot be used, without any secret in the text.
func (c Config) Validate() error {
	_, addressErr := ParseAddress(c.Address)
	_, tlsErr := c.TLS.config()
	_, headersErr := c.metadata()
	var errs []error
	for _, err := range []error{addressErr, tlsErr, headersErr} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	if c.MaxMessageBytes < 0 {
		errs = append(errs, fmt.Errorf("%s: %d is negative; it must be 0 (the default, %d) or more", SettingMaxMessageBytes, c.MaxMessageBytes, DefaultMaxMessageBytes))
	}
	if c.Timeout < 0 {
		errs = append(errs, fmt.Errorf("timeout: %s is negative; it must be 0 (the default, %s) or more", c.Timeout, DefaultTimeout))
	}
	return errors.Join(errs...)
}

// SendsCredentialsInPlaintext reports whether calls carry a token, a password or extra headers over a connection
// without TLS to a host other than this one. An address that does not parse sends nothing.
func (c Config) SendsCredentialsInPlaintext() bool {
	if c.TLS.Enabled || !c.hasCredentials() {
		return false
	}
	a, err := ParseAddress(c.Address)
	if err != nil {
		return false
	}
	for _, t := range a.Targets {
		if !isLoopback(t) {
			return true
		}
	}
	return false
}

func (c Config) hasCredentials() bool {
	return c.BearerToken != "" || c.BasicAuthUser != "" || c.BasicAuthPassword != "" || len(c.Headers) > 0
}

func isLoopback(t Target) bool {
	if t.Scheme == SchemeUnix {
		return true
	}
	host := strings.ToLower(strings.TrimSuffix(t.Host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

func (c Config) maxMessageBytes() int {
	if c.MaxMessageBytes == 0 {
		return DefaultMaxMessageBytes
	}
	return c.MaxMessageBytes
}

func (c Config) timeout() time.Duration {
	if c.Timeout == 0 {
		return DefaultTimeout
	}
	return c.Timeout
}
