package transport

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// redacted stands for a secret that is set.
const redacted = "[redacted]"

// String lists the fields with secrets and header values left out.
func (c Config) String() string {
	names := make([]string, 0, len(c.Headers))
	for name := range c.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	address := redacted
	if a, err := ParseAddress(c.Address); err == nil {
		address = a.String()
	}
	return fmt.Sprintf("{address: %s, tls: %s, bearer token: %s, basic auth: %s, headers: [%s], max message: %d bytes, timeout: %s}",
		address, c.TLS, hide(c.BearerToken), hide(c.BasicAuthUser+c.BasicAuthPassword), strings.Join(names, " "), c.maxMessageBytes(), c.timeout())
}

// GoString is String: %#v shows no secret either.
func (c Config) GoString() string { return "transport.Config" + c.String() }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// String lists the fields with the certificates and the key left out.
func (t TLS) String() string {
	if !t.Enabled {
		return "off"
	}
	return fmt.Sprintf("{CA: %s, client certificate: %s, client key: %s, server name: %q, skip verify: %t}",
		hide(t.CACert), hide(t.ClientCert), hide(t.ClientKey), t.ServerName, t.SkipVerify)
}

// GoString is String: %#v shows no secret either.
func (t TLS) GoString() string { return "transport.TLS" + t.String() }

// LogValue is String, for slog.
func (t TLS) LogValue() slog.Value { return slog.StringValue(t.String()) }

func hide(secret string) string {
	if secret == "" {
		return "none"
	}
	return redacted
}
