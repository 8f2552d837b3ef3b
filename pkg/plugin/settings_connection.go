package plugin

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// connection reads what both services share: TLS, credentials and headers. The
// SDK reads Grafana's own settings of them, and whether Grafana wants TLS 1.3
// of its plugins.
func connection(ctx context.Context, model jsonModel, instance backend.DataSourceInstanceSettings) (c transport.Config, err error) {
	if err := checkForSDK(instance.JSONData); err != nil {
		return c, err
	}
	options, err := instance.HTTPClientOptions(ctx)
	if err != nil {
		return c, fmt.Errorf("the data source's jsonData cannot be read: %w", err)
	}
	if c.TLS, err = tlsConfig(model, options); err != nil {
		return c, err
	}
	credentials := transport.Credentials{BearerToken: instance.DecryptedSecureJSONData["bearerToken"]}
	if options.BasicAuth != nil {
		credentials.User, credentials.Password = options.BasicAuth.User, options.BasicAuth.Password
	}
	if credentials.BearerToken != "" && options.BasicAuth != nil {
		return c, errors.New("basic auth and bearerToken are both set: use one of them")
	}
	c.Headers, err = transport.NewHeaders(options.Header, credentials)
	return c, err
}

// tlsConfig is nil where TLS is off.
func tlsConfig(model jsonModel, options httpclient.Options) (*tls.Config, error) {
	if !model.TLSEnabled && !model.TLSAuth && !model.TLSAuthWithCACert {
		return nil, nil
	}
	// The SDK takes secrets along that are stored but turned off, and leaves the
	// server's name out where no certificate is set.
	t := httpclient.TLSOptions{ServerName: model.ServerName, InsecureSkipVerify: model.TLSSkipVerify}
	if options.TLS != nil {
		t.MinVersion, t.MaxVersion = options.TLS.MinVersion, options.TLS.MaxVersion
		if model.TLSAuth {
			t.ClientCertificate, t.ClientKey = options.TLS.ClientCertificate, options.TLS.ClientKey
		}
		if model.TLSAuthWithCACert {
			t.CACertificate = options.TLS.CACertificate
		}
	}
	switch {
	case model.TLSAuth && (t.ClientCertificate == "" || t.ClientKey == ""):
		return nil, errors.New("tlsAuth is on, but tlsClientCert or tlsClientKey is not set")
	case model.TLSAuthWithCACert && t.CACertificate == "":
		return nil, errors.New("tlsAuthWithCACert is on, but tlsCACert is not set")
	}
	config, err := httpclient.GetTLSConfig(httpclient.Options{TLS: &t})
	if err != nil {
		// The standard library's texts say what is wrong with PEM blocks, and quote none of them.
		return nil, fmt.Errorf("TLS: %w: tlsCACert, tlsClientCert and tlsClientKey must be PEM text (-----BEGIN CERTIFICATE-----), and the last two a pair", err)
	}
	return config, nil
}

// textSettings are those that the SDK takes for text without a look.
var textSettings = []string{"access", "url", "basicAuthUser", "serverName", "sigV4AuthType", "sigV4Profile", "sigV4AssumeRoleArn", "sigV4ExternalId", "sigV4Region"}

// checkForSDK finds settings that the SDK would stumble over, and names of headers
// that it would not read: it counts httpHeaderName1, httpHeaderName2 and so on, up
// to the first that is not there.
func checkForSDK(jsonData json.RawMessage) error {
	var fields map[string]any
	if len(jsonData) == 0 {
		return nil
	}
	if err := json.Unmarshal(jsonData, &fields); err != nil {
		return fmt.Errorf("the data source's jsonData cannot be read: %w", err)
	}
	names := 0
	for key, value := range fields {
		isName := strings.HasPrefix(key, "httpHeaderName")
		if isName {
			names++
		}
		if _, isText := value.(string); !isText && (isName || slices.Contains(textSettings, key)) {
			return fmt.Errorf("%s must be text; it is %v", key, value)
		}
	}
	for i := 1; i <= names; i++ {
		if key := fmt.Sprintf("httpHeaderName%d", i); fields[key] == nil {
			return fmt.Errorf("%s is not set, but names of headers with other numbers are: number them from 1 on", key)
		}
	}
	return nil
}
