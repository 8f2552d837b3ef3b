package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// TLS is the transport security of a Config. Certificates and the key are PEM text, as Grafana stores them.
type TLS struct {
	// Enabled turns TLS on; without it the other fields are not used.
	Enabled bool
	// CACert is the authorities to trust in place of the system's.
	CACert string
	// ClientCert and ClientKey are the client's certificate and its key, for mutual TLS: both or neither.
	ClientCert string
	ClientKey  string
	// ServerName is the name that the server's certificate must carry; empty means the host of the address.
	ServerName string
	// SkipVerify accepts any certificate.
	SkipVerify bool
}

// ClientConfig is the same security for servers that are not the cluster's: the
// authority is trusted beside the system's, and the server's name is its own. It is
// nil when TLS is off: then the standard library's holds.
func (t TLS) ClientConfig() (*tls.Config, error) {
	c, err := t.config()
	if err != nil || c == nil || t.CACert == "" {
		return c, err
	}
	if system, err := x509.SystemCertPool(); err == nil && system.AppendCertsFromPEM([]byte(t.CACert)) {
		c.RootCAs = system
	}
	return c, nil
}

// config returns nil when TLS is off. Errors do not quote the PEM text.
func (t TLS) config() (*tls.Config, error) {
	if !t.Enabled {
		return nil, nil
	}
	// The server name is not set here: gRPC's handshake takes it from the connection's authority.
	c := &tls.Config{InsecureSkipVerify: t.SkipVerify, MinVersion: tls.VersionTLS12} //nolint:gosec // the user's choice, named tlsSkipVerify
	if t.CACert != "" {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(t.CACert)) {
			return nil, errors.New("tlsCACert: no certificate found in it; it must be PEM text (-----BEGIN CERTIFICATE-----)")
		}
	}
	if (t.ClientCert == "") != (t.ClientKey == "") {
		return nil, errors.New("tlsClientCert and tlsClientKey: one is set without the other; mutual TLS needs both")
	}
	if t.ClientCert != "" {
		pair, err := tls.X509KeyPair([]byte(t.ClientCert), []byte(t.ClientKey))
		if err != nil {
			// The standard library's text says what is wrong with the PEM blocks and quotes none of them.
			return nil, errors.New("tlsClientCert and tlsClientKey: not a usable pair of PEM certificate and key: " + err.Error())
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func (t TLS) credentials() (credentials.TransportCredentials, error) {
	c, err := t.config()
	if err != nil {
		return nil, err
	}
	if c == nil {
		return insecure.NewCredentials(), nil
	}
	return credentials.NewTLS(c), nil
}
