package transport_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// authority is a certificate authority of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{cert: cert, key: key, pem: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

// issue makes a certificate and its key, as PEM.
func (a *authority) issue(t testing.TB, ends time.Time, names ...string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: ends,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &k.PublicKey, a.key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalECPrivateKey(k)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}))
}

func (a *authority) server(t testing.TB, ends time.Time, clients *x509.CertPool, names ...string) *server {
	t.Helper()
	cert, key := a.issue(t, ends, names...)
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	require.NoError(t, err)
	c := &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: clients}
	if clients != nil {
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return serve(t, nil, grpc.Creds(credentials.NewTLS(c)))
}

func TestTLS(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	later := time.Now().Add(time.Hour)
	clients := x509.NewCertPool()
	clients.AddCert(ca.cert)
	clientCert, clientKey := ca.issue(t, later, "client")

	loopback := ca.server(t, later, nil, "127.0.0.1")
	named := ca.server(t, later, nil, "metastore.example", "metastore-0.example")
	expired := ca.server(t, time.Now().Add(-time.Hour), nil, "127.0.0.1")
	mutual := ca.server(t, later, clients, "127.0.0.1")
	plain := serve(t, nil)

	for name, c := range map[string]struct {
		server *server
		tls    httpclient.TLSOptions
		want   string // of the error
	}{
		"CA":                {loopback, httpclient.TLSOptions{CACertificate: ca.pem}, ""},
		"server name":       {named, httpclient.TLSOptions{CACertificate: ca.pem, ServerName: "metastore.example"}, ""},
		"skip verify":       {named, httpclient.TLSOptions{InsecureSkipVerify: true}, ""},
		"mutual":            {mutual, httpclient.TLSOptions{CACertificate: ca.pem, ClientCertificate: clientCert, ClientKey: clientKey}, ""},
		"wrong host":        {named, httpclient.TLSOptions{CACertificate: ca.pem}, "certificate is for another name"},
		"wrong server name": {loopback, httpclient.TLSOptions{CACertificate: ca.pem, ServerName: "elsewhere"}, "certificate is for another name"},
		"unknown authority": {loopback, httpclient.TLSOptions{CACertificate: other.pem}, "unknown authority: set the CA certificate"},
		"expired":           {expired, httpclient.TLSOptions{CACertificate: ca.pem}, "expired"},
		"plain server":      {plain, httpclient.TLSOptions{CACertificate: ca.pem}, "does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			p := client(t, transport.Config{Address: at(c.server.address), TLS: tlsOf(t, c.tls), Timeout: time.Minute})
			_, err := invoke(t.Context(), p)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, codes.Unavailable, status.Code(err))
			require.ErrorContains(t, err, c.want)
			var e *transport.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, 1, e.Attempts, "a retry cannot mend it")
		})
	}

	// These show only after the connection is made, and not always in the same way.
	t.Run("server expects TLS", func(t *testing.T) {
		_, err := check(t.Context(), client(t, transport.Config{Address: at(loopback.address)}))
		require.Equal(t, codes.Unavailable, status.Code(err))
		require.ErrorContains(t, err, "does it expect TLS")
	})
	t.Run("mutual without certificate", func(t *testing.T) {
		_, err := check(t.Context(), client(t, transport.Config{Address: at(mutual.address), TLS: tlsOf(t, httpclient.TLSOptions{CACertificate: ca.pem})}))
		require.Equal(t, codes.Unavailable, status.Code(err))
		require.ErrorContains(t, err, "a client certificate")
	})

	// One endpoint with the wrong certificate does not take the others with it.
	t.Run("one of two", func(t *testing.T) {
		p := client(t, transport.Config{Address: at(named.address + "," + loopback.address), TLS: tlsOf(t, httpclient.TLSOptions{CACertificate: ca.pem})})
		for range 10 {
			_, err := invoke(t.Context(), p)
			require.NoError(t, err)
		}
	})
}

// tlsOf makes a configuration as the plugin does.
func tlsOf(t testing.TB, o httpclient.TLSOptions) *tls.Config {
	t.Helper()
	c, err := httpclient.GetTLSConfig(httpclient.Options{TLS: &o})
	require.NoError(t, err)
	return c
}
