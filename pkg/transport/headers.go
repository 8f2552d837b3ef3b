package transport

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// headers are the per-call credentials of a connection: gRPC asks for them before each call.
type headers map[string]string

// GetRequestMetadata returns the same headers for every call. gRPC only reads the map.
func (h headers) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return h, nil
}

// RequireTransportSecurity is false: users may choose plain text, and are warned (Config.SendsCredentialsInPlaintext).
func (headers) RequireTransportSecurity() bool { return false }

// String keeps the values out of texts.
func (headers) String() string { return redacted }

// GoString keeps the values out of texts.
func (headers) GoString() string { return redacted }

// notHeaders are names that belong to HTTP/2 or gRPC; a user's value would break the call.
var notHeaders = []string{"connection", "content-length", "content-type", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade", "user-agent"}

// metadata makes the headers of a Config. Errors name a header and never show its value.
func (c Config) metadata() (headers, error) {
	h := make(headers, len(c.Headers)+1)
	for name, value := range c.Headers {
		key := strings.ToLower(name)
		switch {
		case key == "" || strings.ContainsFunc(key, notInMetadataKey):
			return nil, fmt.Errorf("header name %q: only letters, digits and - _ . are allowed", name)
		case slices.Contains(notHeaders, key) || strings.HasPrefix(key, "grpc-"):
			return nil, fmt.Errorf("header name %q: it belongs to HTTP or gRPC and cannot be set", name)
		case !printable(value):
			return nil, fmt.Errorf("value of header %q: only printable ASCII characters are allowed", name)
		}
		if _, twice := h[key]; twice {
			return nil, fmt.Errorf("header name %q: set twice, in different cases", name)
		}
		h[key] = value
	}
	const authorization = "authorization"
	_, asHeader := h[authorization]
	bearer, basic := c.BearerToken != "", c.BasicAuthUser != "" || c.BasicAuthPassword != ""
	if (bearer && basic) || (asHeader && (bearer || basic)) {
		return nil, errors.New("authorization: more than one of a bearer token, basic auth and a header named authorization is set; a call carries one")
	}
	switch {
	case bearer && !printable(c.BearerToken):
		return nil, errors.New("bearerToken: only printable ASCII characters are allowed (is there a line break at its end?)")
	case bearer:
		h[authorization] = "Bearer " + c.BearerToken
	case strings.Contains(c.BasicAuthUser, ":"):
		return nil, errors.New("basicAuthUser: a user name cannot contain a colon (RFC 7617)")
	case basic:
		h[authorization] = "Basic " + base64.StdEncoding.EncodeToString([]byte(c.BasicAuthUser+":"+c.BasicAuthPassword))
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
