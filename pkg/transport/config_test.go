package transport_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"testing"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	"github.com/pyrofront/pyrofront/pkg/transport"
)

func TestNoSecretInTexts(t *testing.T) {
	secrets := []string{"token-s3cret", "user-s3cret", "password-s3cret", "value-s3cret", "key-s3cret", "cert-s3cret", "ca-s3cret"}
	c := transport.Config{
		Address: "a:1", BearerToken: secrets[0], BasicAuthUser: secrets[1], BasicAuthPassword: secrets[2],
		Headers: map[string]string{"X-Key": secrets[3]},
		TLS:     transport.TLS{Enabled: true, ClientKey: secrets[4], ClientCert: secrets[5], CACert: secrets[6]},
	}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("made", "config", c, "tls", c.TLS)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("made", "config", c, "tls", c.TLS)
	texts := []string{
		logged.String(), fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s", c, c, c, c), fmt.Sprintf("%v %+v %#v %s", &c, &c, &c, &c), fmt.Sprintf("%+v %#v", c.TLS, c.TLS),
		fmt.Sprintf("%+v", struct{ C transport.Config }{c}),
		c.Validate().Error(),
	}
	bad := c
	bad.Address = "user:password-s3cret@host:1"
	texts = append(texts, bad.Validate().Error(), bad.String())
	bad = c
	bad.BearerToken, bad.BasicAuthUser, bad.Headers = "token-s3cret\n", "", nil
	bad.BasicAuthPassword, bad.TLS = "", transport.TLS{}
	texts = append(texts, bad.Validate().Error())
	bad.BearerToken, bad.Headers = "", map[string]string{"x": "value-s3cret\x00"}
	texts = append(texts, bad.Validate().Error())
	for _, text := range texts {
		require.NotEmpty(t, text)
		for _, secret := range secrets {
			require.NotContains(t, text, secret)
		}
	}
	require.Contains(t, c.String(), "X-Key")
	require.Contains(t, c.String(), "[redacted]")
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		config transport.Config
		want   string
	}{
		"good":               {transport.Config{Address: "a:1"}, ""},
		"address":            {transport.Config{}, "address"},
		"CA":                 {transport.Config{Address: "a:1", TLS: transport.TLS{Enabled: true, CACert: "x"}}, "tlsCACert"},
		"key without cert":   {transport.Config{Address: "a:1", TLS: transport.TLS{Enabled: true, ClientKey: "x"}}, "one is set without the other"},
		"pair":               {transport.Config{Address: "a:1", TLS: transport.TLS{Enabled: true, ClientKey: "x", ClientCert: "y"}}, "not a usable pair"},
		"TLS off":            {transport.Config{Address: "a:1", TLS: transport.TLS{CACert: "x"}}, ""},
		"two authorizations": {transport.Config{Address: "a:1", BearerToken: "x", BasicAuthUser: "y"}, "more than one"},
		"header and token":   {transport.Config{Address: "a:1", BearerToken: "x", Headers: map[string]string{"Authorization": "y"}}, "more than one"},
		"header's name":      {transport.Config{Address: "a:1", Headers: map[string]string{"a b": "y"}}, `"a b"`},
		"header of gRPC":     {transport.Config{Address: "a:1", Headers: map[string]string{"grpc-timeout": "1S"}}, "belongs to"},
		"header of HTTP":     {transport.Config{Address: "a:1", Headers: map[string]string{"Content-Type": "x"}}, "belongs to"},
		"header twice":       {transport.Config{Address: "a:1", Headers: map[string]string{"X": "x", "x": "y"}}, "set twice"},
		"colon in user":      {transport.Config{Address: "a:1", BasicAuthUser: "a:b"}, "basicAuthUser"},
		"negative size":      {transport.Config{Address: "a:1", MaxMessageBytes: -1}, "maxMessageBytes"},
		"negative timeout":   {transport.Config{Address: "a:1", Timeout: -1}, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.config.Validate()
			_, made := transport.NewPool("metastore", c.config, &transport.LeastLoaded{})
			if c.want == "" {
				require.NoError(t, err)
				require.NoError(t, made)
				return
			}
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, made, c.want)
		})
	}
}

func TestSendsCredentialsInPlaintext(t *testing.T) {
	token := transport.Config{BearerToken: "x"}
	for address, want := range map[string]bool{
		"metastore:9095": true, "10.0.0.1:9095": true, "127.0.0.1:1,10.0.0.1:1": true, "dns:///x:1": true, "passthrough:///h:1": true, "localhost.example.com:1": true,
		"localhost:1": false, "LOCALHOST.:1": false, "a.localhost:1": false, "127.8.9.1:1": false, "[::1]:1": false, "[::ffff:127.0.0.1]:1": false, "unix:/x": false, "bad": false,
	} {
		token.Address = address
		require.Equal(t, want, token.SendsCredentialsInPlaintext(), address)
	}
	for name, c := range map[string]struct {
		config transport.Config
		want   bool
	}{
		"none":    {transport.Config{Address: "a:1"}, false},
		"TLS":     {transport.Config{Address: "a:1", BearerToken: "x", TLS: transport.TLS{Enabled: true}}, false},
		"basic":   {transport.Config{Address: "a:1", BasicAuthUser: "x"}, true},
		"headers": {transport.Config{Address: "a:1", Headers: map[string]string{"a": "b"}}, true},
	} {
		require.Equal(t, c.want, c.config.SendsCredentialsInPlaintext(), name)
	}
}

func TestCredentialsGoWithEveryCall(t *testing.T) {
	got := make(chan metadata.MD, 1)
	s := serve(t, func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		got <- md
		return &queryv1.InvokeResponse{}, nil
	})
	for name, c := range map[string]struct {
		config        transport.Config
		authorization []string
	}{
		"none":   {transport.Config{}, nil},
		"bearer": {transport.Config{BearerToken: "tok"}, []string{"Bearer tok"}},
		"basic":  {transport.Config{BasicAuthUser: "u", BasicAuthPassword: "p:w"}, []string{"Basic " + base64.StdEncoding.EncodeToString([]byte("u:p:w"))}},
		"header": {transport.Config{Headers: map[string]string{"Authorization": "custom"}}, []string{"custom"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.config.Address = s.address
			if c.config.Headers == nil {
				c.config.Headers = map[string]string{}
			}
			c.config.Headers["X-Custom"] = "value"
			p := pool(t, c.config)
			for range 2 {
				_, err := invoke(t.Context(), p)
				require.NoError(t, err)
				md := <-got
				require.Equal(t, c.authorization, md.Get("authorization"))
				require.Equal(t, []string{"value"}, md.Get("x-custom"))
			}
		})
	}
}
