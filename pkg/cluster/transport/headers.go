package transport

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Headers go with every call, as gRPC's per-call credentials. Their text forms name them and show no value.
type Headers map[string]string

// Credentials are how a user proves who asks: one of them, or none.
type Credentials struct {
	// BearerToken is sent as "authorization: Bearer <token>".
	BearerToken string
	// User and Password are sent as "authorization: Basic …".
	User, Password string
}

const authorization = "authorization"

// notHeaders are names that belong to HTTP/2 or gRPC; a user's value would break the call.
var notHeaders = []string{"connection", "content-length", "content-type", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade", "user-agent"}

// NewHeaders checks a user's headers and credentials. Errors name a header and never show its value.
func NewHeaders(custom http.Header, c Credentials) (Headers, error) {
	h := make(Headers, len(custom)+1)
	for name, values := range custom {
		key := strings.ToLower(name)
		switch {
		case key == "" || strings.ContainsFunc(key, notInMetadataKey):
			return nil, fmt.Errorf("header name %q: only letters, digits and - _ . are allowed", name)
		case slices.Contains(notHeaders, key) || strings.HasPrefix(key, "grpc-"):
			return nil, fmt.Errorf("header name %q: it belongs to HTTP or gRPC and cannot be set", name)
		case len(values) != 1 || h[key] != "":
			return nil, fmt.Errorf("header name %q: set twice", name)
		case !printable(values[0]):
			return nil, fmt.Errorf("value of header %q: only printable ASCII characters are allowed", name)
		}
		h[key] = values[0]
	}
	_, asHeader := h[authorization]
	bearer, basic := c.BearerToken != "", c.User != "" || c.Password != ""
	if (bearer && basic) || (asHeader && (bearer || basic)) {
		return nil, errors.New("authorization: more than one of bearerToken, basic auth and a header named authorization is set: use one of them")
	}
	switch {
	case bearer && !printable(c.BearerToken):
		return nil, errors.New("bearerToken: only printable ASCII characters are allowed (is there a line break at its end?)")
	case bearer:
		h[authorization] = "Bearer " + c.BearerToken
	case strings.Contains(c.User, ":"):
		return nil, errors.New("basicAuthUser: a user name cannot contain a colon (RFC 7617)")
	case basic:
		h[authorization] = "Basic " + base64.StdEncoding.EncodeToString([]byte(c.User+":"+c.Password))
	}
	return h, nil
}

// notInMetadataKey follows gRPC's rule for the names of metadata.
func notInMetadataKey(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// GetRequestMetadata returns the same headers for every call. gRPC only reads the map.
func (h Headers) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return h, nil
}

// RequireTransportSecurity is false: users may choose plain text, and are warned (Config.SendsCredentialsInPlaintext).
func (Headers) RequireTransportSecurity() bool { return false }

// String lists the names.
func (h Headers) String() string { return fmt.Sprint(slices.Sorted(maps.Keys(h))) }

// GoString is String: %#v shows no value either.
func (h Headers) GoString() string { return "transport.Headers" + h.String() }

// LogValue is String, for slog.
func (h Headers) LogValue() slog.Value { return slog.StringValue(h.String()) }
