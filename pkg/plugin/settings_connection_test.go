package plugin_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/config"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/featuretoggles"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// Grafana's toggle for plugins holds for the connections to the cluster: they offer TLS 1.3 alone. Without it, 1.2 too.
// The server's name is the one that is set, with no certificate set as well.
func TestForcedTLS13(t *testing.T) {
	for name, test := range map[string]struct {
		toggles string
		least   uint16
	}{
		"off": {"", tls.VersionTLS12},
		"on":  {featuretoggles.PluginsForceTLS13, tls.VersionTLS13},
	} {
		t.Run(name, func(t *testing.T) {
			hello := make(chan *tls.ClientHelloInfo, 1)
			address := tlsListener(t, hello)
			ctx := config.WithGrafanaConfig(context.Background(), config.NewGrafanaCfg(map[string]string{featuretoggles.EnabledFeatures: test.toggles}))
			settings := map[string]any{
				"metastoreAddress": address, "queryBackendAddress": address, "timeout": "2s",
				"tlsEnabled": true, "tlsSkipVerify": true, "serverName": "metastore.example",
			}
			raw, err := json.Marshal(settings)
			require.NoError(t, err)
			instance, err := plugin.NewFactory(prometheus.NewRegistry(), memory.NewBudget(4<<30)).NewDatasource(ctx, backend.DataSourceInstanceSettings{JSONData: raw})
			require.NoError(t, err)
			datasource := instance.(*plugin.Datasource)
			defer datasource.Dispose()
			_, err = datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
			require.NoError(t, err)
			got := <-hello
			least := got.SupportedVersions[0]
			for _, version := range got.SupportedVersions {
				least = min(least, version)
			}
			require.Equal(t, test.least, least)
			require.Equal(t, "metastore.example", got.ServerName)
		})
	}
}

// tlsListener takes TLS connections, tells how the first began, and closes them.
func tlsListener(t *testing.T, hello chan<- *tls.ClientHelloInfo) (address string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	pair, err := tls.X509KeyPair(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), keyPEM(t, key))
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	config := &tls.Config{Certificates: []tls.Certificate{pair}, GetConfigForClient: func(info *tls.ClientHelloInfo) (*tls.Config, error) {
		select {
		case hello <- info:
		default:
		}
		return nil, nil
	}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(time.Second))
			_ = tls.Server(conn, config).Handshake()
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}

func keyPEM(t *testing.T, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
}
