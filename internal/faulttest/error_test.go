package faulttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// A certificate for another host can only be mended by the user, who is told so at once.
func TestCertificateOfTheWrongHost(t *testing.T) {
	stack := newStack(t, newStore(t), 1)
	certificate, authority := certificateFor(t, "elsewhere.example")
	front := tlsFront(t, certificate, stack.QueryBackends[0].Addr())
	c := newClientsOf(t, transport.Config{Address: at(stack.MetastoreAddress())},
		transport.Config{Address: at(front), TLS: tlsOf(t, httpclient.TLSOptions{CACertificate: authority})})
	_, err := c.flameGraph(t.Context())
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.ErrorContains(t, err, "query-backend at "+front+": the server's TLS certificate is for another name")
	require.ErrorContains(t, err, "set the TLS server name")

	named := newClientsOf(t, transport.Config{Address: at(stack.MetastoreAddress())},
		transport.Config{Address: at(front), TLS: tlsOf(t, httpclient.TLSOptions{CACertificate: authority, ServerName: "elsewhere.example"})})
	_, err = named.flameGraph(t.Context())
	require.NoError(t, err)
}

// certificateFor makes a certificate, and the PEM text of the authority to trust for it.
func certificateFor(t *testing.T, name string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// tlsFront takes TLS off connections and passes them on to a backend.
func tlsFront(t *testing.T, certificate tls.Certificate, backend string) (address string) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
	require.NoError(t, err)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { pass(conn, backend) })
		}
	})
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		group.Wait()
	})
	return listener.Addr().String()
}

// pass copies both ways until either side ends.
func pass(front net.Conn, backend string) {
	defer func() { _ = front.Close() }()
	back, err := net.Dial("tcp", backend)
	if err != nil {
		return
	}
	defer func() { _ = back.Close() }()
	ended := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{front, back}, {back, front}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].Close()
			ended <- struct{}{}
		}()
	}
	<-ended
	<-ended
}

// tlsOf makes a configuration as the plugin does.
func tlsOf(t testing.TB, o httpclient.TLSOptions) *tls.Config {
	t.Helper()
	c, err := httpclient.GetTLSConfig(httpclient.Options{TLS: &o})
	require.NoError(t, err)
	return c
}
