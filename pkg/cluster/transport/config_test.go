package transport_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

func TestNoSecretInTexts(t *testing.T) {
	ca := newAuthority(t)
	certificate, key := ca.issue(t, time.Now().Add(time.Hour), "client")
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	require.NoError(t, err)
	secrets := []string{"token-s3cret", "dG9rZW4", "password-s3cret", "value-s3cret", fmt.Sprint(pair.PrivateKey)}
	headers, err := transport.NewHeaders(http.Header{"X-Key": {"value-s3cret"}}, transport.Credentials{BearerToken: "token-s3cret"})
	require.NoError(t, err)
	c := transport.Config{Address: at("a:1"), Headers: headers, TLS: &tls.Config{Certificates: []tls.Certificate{pair}, ServerName: "metastore.example"}}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("made", "config", c, "headers", headers)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("made", "config", c, "headers", headers)
	texts := []string{
		logged.String(), fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s", c, c, c, c), fmt.Sprintf("%v %+v %#v %s", &c, &c, &c, &c), fmt.Sprintf("%v %+v %#v", headers, headers, headers),
		fmt.Sprintf("%+v", struct{ C transport.Config }{c}),
	}
	for _, bad := range []struct {
		custom http.Header
		c      transport.Credentials
	}{
		{c: transport.Credentials{BearerToken: "token-s3cret\n"}},
		{c: transport.Credentials{BearerToken: "token-s3cret", Password: "password-s3cret"}},
		{custom: http.Header{"X": {"value-s3cret\x00"}}},
		{custom: http.Header{"grpc-x": {"value-s3cret"}}},
	} {
		_, err := transport.NewHeaders(bad.custom, bad.c)
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		require.NotEmpty(t, text)
		for _, secret := range secrets {
			require.NotContains(t, text, secret)
		}
	}
	require.Contains(t, c.String(), "x-key")
	require.Contains(t, c.String(), "metastore.example")
}

func TestNewHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		custom      http.Header
		credentials transport.Credentials
		want        string
	}{
		"none":               {},
		"two authorizations": {credentials: transport.Credentials{BearerToken: "x", User: "y"}, want: "more than one"},
		"header and token":   {custom: http.Header{"Authorization": {"y"}}, credentials: transport.Credentials{BearerToken: "x"}, want: "more than one"},
		"header's name":      {custom: http.Header{"a b": {"y"}}, want: `"a b"`},
		"no name":            {custom: http.Header{"": {"y"}}, want: "only letters"},
		"header of gRPC":     {custom: http.Header{"grpc-timeout": {"1S"}}, want: "belongs to"},
		"header of HTTP":     {custom: http.Header{"Content-Type": {"x"}}, want: "belongs to"},
		"header twice":       {custom: http.Header{"X": {"x", "y"}}, want: "set twice"},
		"in two cases":       {custom: http.Header{"X": {"x"}, "x": {"x"}}, want: "set twice"},
		"colon in user":      {credentials: transport.Credentials{User: "a:b"}, want: "basicAuthUser"},
		"line break":         {credentials: transport.Credentials{BearerToken: "a\n"}, want: "is there a line break"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := transport.NewHeaders(c.custom, c.credentials)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := transport.NewClient("metastore", transport.Config{}, &transport.LeastLoaded{})
	require.ErrorContains(t, err, "address: it is empty")
}

func TestSendsCredentialsInPlaintext(t *testing.T) {
	token := transport.Headers{"authorization": "x"}
	for address, want := range map[string]bool{
		"metastore:9095": true, "10.0.0.1:9095": true, "127.0.0.1:1,10.0.0.1:1": true, "dns:///x:1": true, "passthrough:///h:1": true, "localhost.example.com:1": true,
		"localhost:1": false, "LOCALHOST.:1": false, "a.localhost:1": false, "127.8.9.1:1": false, "[::1]:1": false, "[::ffff:127.0.0.1]:1": false, "unix:/x": false,
		"dns:///_grpc._tcp.x": true,
	} {
		c := transport.Config{Address: at(address), Headers: token}
		require.Equal(t, want, c.SendsCredentialsInPlaintext(), address)
	}
	require.False(t, transport.Config{Address: at("a:1")}.SendsCredentialsInPlaintext())
	require.False(t, transport.Config{Address: at("a:1"), Headers: token, TLS: &tls.Config{}}.SendsCredentialsInPlaintext())
}

func TestCredentialsGoWithEveryCall(t *testing.T) {
	got := make(chan metadata.MD, 1)
	s := serve(t, func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		got <- md
		return &queryv1.InvokeResponse{}, nil
	})
	for name, c := range map[string]struct {
		custom        http.Header
		credentials   transport.Credentials
		authorization []string
	}{
		"none":   {},
		"bearer": {credentials: transport.Credentials{BearerToken: "tok"}, authorization: []string{"Bearer tok"}},
		"basic":  {credentials: transport.Credentials{User: "u", Password: "p:w"}, authorization: []string{"Basic " + base64.StdEncoding.EncodeToString([]byte("u:p:w"))}},
		"header": {custom: http.Header{"Authorization": {"custom"}}, authorization: []string{"custom"}},
	} {
		t.Run(name, func(t *testing.T) {
			custom := http.Header{"X-Custom": {"value"}}
			for name, values := range c.custom {
				custom[name] = values
			}
			headers, err := transport.NewHeaders(custom, c.credentials)
			require.NoError(t, err)
			p := client(t, transport.Config{Address: at(s.address), Headers: headers})
			for range 2 {
				_, err := invoke(t.Context(), p)
				require.NoError(t, err)
				md := <-got
				require.Equal(t, c.authorization, md.Get("authorization"))
				require.Equal(t, []string{"value"}, md.Get("x-custom"))
				require.Equal(t, []string{s.address}, md.Get(":authority"))
			}
		})
	}
}
