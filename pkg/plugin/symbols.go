package plugin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/symbols"
	"github.com/pyrofront/pyrofront/pkg/symbols/debuginfod"
)

const (
	defaultSymbolTimeout       = 3 * time.Second
	defaultSymbolMaxBytes      = 1 << 30
	defaultSymbolCacheBytes    = 256 << 20
	defaultSymbolCacheDirBytes = 10 << 30
	// symbolFolder is the plugin's own folder in the one that is set: what others
	// have there is never touched.
	symbolFolder = "pyrofront-symbols"
)

// symbolsModel is the part of jsonData about names of native code.
type symbolsModel struct {
	DebuginfodURLs         []string `json:"debuginfodUrls"`
	DebuginfodAuth         bool     `json:"debuginfodAuth"`
	SymbolTimeout          string   `json:"symbolTimeout"`
	SymbolMaxBytes         *int64   `json:"symbolMaxBytes"`
	SymbolCacheMaxBytes    *int64   `json:"symbolCacheMaxBytes"`
	SymbolCacheDir         string   `json:"symbolCacheDir"`
	SymbolCacheDirMaxBytes *int64   `json:"symbolCacheDirMaxBytes"`
}

// symbolSettings are the checked settings of names of native code.
type symbolSettings struct {
	servers debuginfod.Config
	cache   symbols.Config
}

// symbolSettings reads what a user configured. Without servers the rest is checked
// too.
func (m *symbolsModel) symbolSettings(connection transport.Config) (s symbolSettings, err error) {
	for i, url := range m.DebuginfodURLs {
		if _, err := debuginfod.CheckURL(strings.TrimSpace(url)); err != nil {
			return s, fmt.Errorf("debuginfodUrls: entry %d: %w", i+1, err)
		}
		s.servers.URLs = append(s.servers.URLs, strings.TrimSpace(url))
	}
	s.servers.Header = symbolHeader(connection, m.DebuginfodAuth)
	if s.cache.Patience, err = duration("symbolTimeout", m.SymbolTimeout, defaultSymbolTimeout, false); err != nil {
		return s, err
	}
	for _, n := range []struct {
		setting string
		value   *int64
		target  *int64
		preset  int64
	}{
		{"symbolMaxBytes", m.SymbolMaxBytes, &s.cache.MaxBytes, defaultSymbolMaxBytes},
		{"symbolCacheMaxBytes", m.SymbolCacheMaxBytes, &s.cache.MemoryBytes, defaultSymbolCacheBytes},
		{"symbolCacheDirMaxBytes", m.SymbolCacheDirMaxBytes, &s.cache.FolderBytes, defaultSymbolCacheDirBytes},
	} {
		if *n.target, err = number(n.setting, n.value, n.preset, math.MaxInt64>>8); err != nil {
			return s, err
		}
	}
	s.servers.MaxBytes = s.cache.MaxBytes
	if dir := strings.TrimSpace(m.SymbolCacheDir); dir != "" {
		if !filepath.IsAbs(dir) {
			return s, fmt.Errorf("symbolCacheDir must be an absolute path; it is %q", dir)
		}
		s.cache.Folder = filepath.Join(dir, symbolFolder)
	}
	return s, nil
}

// credentialHeaders are headers that say who asks.
var credentialHeaders = []string{"authorization", "cookie", "proxy-authorization", "x-api-key"}

// symbolHeader is what debuginfod servers are sent: the cluster's headers, but what
// says who asks only where that is wanted. Many servers are other people's.
func symbolHeader(connection transport.Config, auth bool) http.Header {
	header := http.Header{}
	for name, value := range connection.Headers {
		if auth || !slices.Contains(credentialHeaders, strings.ToLower(name)) {
			header.Set(name, value)
		}
	}
	return header
}

// connectSymbols makes the symbolizer, where there are servers.
//
// They are trusted as the cluster is, and by what the system trusts; their names are
// their own.
func (d *Datasource) connectSymbols(connection transport.Config, authority string) (err error) {
	s := d.settings.symbols
	if len(s.servers.URLs) == 0 {
		return nil
	}
	var tlsConfig *tls.Config
	if connection.TLS != nil {
		tlsConfig = connection.TLS.Clone()
		tlsConfig.ServerName = ""
		if system, err := x509.SystemCertPool(); err == nil && tlsConfig.RootCAs != nil && system.AppendCertsFromPEM([]byte(authority)) {
			tlsConfig.RootCAs = system
		}
	}
	through := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: tlsConfig, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
	}
	if connection.Dialer != nil {
		through.Proxy, through.DialContext = nil, connection.Dialer
	}
	s.servers.Transport = through
	if d.debuginfod, err = debuginfod.New(s.servers); err != nil {
		return err
	}
	s.cache.Source = d.debuginfod
	s.cache.Observe = d.metrics.symbols.fetched
	if d.symbolizer, err = symbols.New(s.cache); err != nil {
		return fmt.Errorf("symbolCacheDir: %w", err)
	}
	return nil
}

// closeSymbols ends what is under way.
func (d *Datasource) closeSymbols() {
	if d.symbolizer != nil {
		d.symbolizer.Close()
	}
}

// symbolServer is how a debuginfod server answered.
type symbolServer struct {
	URL          string  `json:"url"`
	OK           bool    `json:"ok"`
	Milliseconds float64 `json:"milliseconds"`
	Error        string  `json:"error,omitempty"`
}

// checkSymbols asks each server.
func (d *Datasource) checkSymbols(ctx context.Context) []symbolServer {
	servers := []symbolServer{}
	if d.debuginfod == nil {
		return servers
	}
	for _, status := range d.debuginfod.Check(ctx) {
		server := symbolServer{URL: status.URL, OK: status.Err == nil, Milliseconds: milli(status.Took)}
		if status.Err != nil {
			server.Error = status.Err.Error()
		}
		servers = append(servers, server)
	}
	return servers
}

// symbolLines say how the servers answered. Without them there are no names, and
// all else works: the check of the data source does not fail for it.
func symbolLines(servers []symbolServer) (lines []string) {
	for _, s := range servers {
		if s.OK {
			lines = append(lines, fmt.Sprintf("Debuginfod answers: %s in %.1f ms.", s.URL, s.Milliseconds))
		} else {
			lines = append(lines, fmt.Sprintf("Warning: debuginfod cannot be used at %s: %s.", s.URL, strings.TrimSuffix(s.Error, ".")))
		}
	}
	return lines
}
