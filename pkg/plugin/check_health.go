package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/pyrofront/pyrofront/pkg/transport"
)

// healthTimeout bounds "Save & test": a user waits for it.
const healthTimeout = 10 * time.Second

// healthDetails go with the message, for machines.
type healthDetails struct {
	Metastore    serviceHealth  `json:"metastore"`
	QueryBackend serviceHealth  `json:"queryBackend"`
	Debuginfod   []symbolServer `json:"debuginfod,omitempty"`
}

// serviceHealth is one service in the details of a health check.
type serviceHealth struct {
	Address      string  `json:"address"`
	OK           bool    `json:"ok"`
	Endpoint     string  `json:"endpoint,omitempty"`
	Milliseconds float64 `json:"milliseconds,omitempty"`
	Error        string  `json:"error,omitempty"`
}

// CheckHealth asks both services whether they answer, and says which does not
// and why.
func (d *Datasource) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	if d.broken != nil {
		return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: d.broken.Error()}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, min(healthTimeout, d.settings.timeout))
	defer cancel()
	metastore := serviceHealth{Address: d.settings.metastore.Address}
	queryBackend := serviceHealth{Address: d.settings.queryBackend.Address}
	var wait sync.WaitGroup
	tenant, noBlocks := d.settings.frontend.Tenants[0], false
	wait.Go(func() {
		probe, err := d.metastore.Probe(ctx, tenant)
		metastore.set(probe.Probe, err)
		noBlocks = probe.NoBlocks
	})
	wait.Go(func() {
		probe, err := d.queryBackend.Probe(ctx)
		queryBackend.set(probe, err)
	})
	var servers []symbolServer
	wait.Go(func() { servers = d.checkSymbols(ctx) })
	wait.Wait()
	result := &backend.CheckHealthResult{Status: backend.HealthStatusOk}
	if !metastore.OK || !queryBackend.OK {
		result.Status = backend.HealthStatusError
	}
	lines := []string{metastore.line("Metastore"), queryBackend.line("Query-backend")}
	if metastore.OK && noBlocks {
		// The metastore counts compacted blocks alone.
		lines = append(lines, fmt.Sprintf("The metastore lists no compacted data of tenant %q: if the tenant has sent profiles for more than a few minutes, check its name.", tenant))
	}
	if d.settings.metastore.SendsCredentialsInPlaintext() || d.settings.queryBackend.SendsCredentialsInPlaintext() {
		lines = append(lines, "Warning: credentials are sent without TLS to a host that is not this one. Turn TLS on.")
	}
	lines = append(lines, symbolLines(servers)...)
	result.Message = strings.Join(lines, " ")
	details, err := json.Marshal(healthDetails{Metastore: metastore, QueryBackend: queryBackend, Debuginfod: servers})
	result.JSONDetails = details
	return result, err
}

func (s *serviceHealth) set(probe transport.Probe, err error) {
	if err != nil {
		s.Error = err.Error()
		return
	}
	s.OK = true
	s.Endpoint = probe.Endpoint
	s.Milliseconds = milli(probe.Latency)
}

func (s *serviceHealth) line(name string) string {
	if s.OK {
		return fmt.Sprintf("%s answers: %s in %.1f ms.", name, s.Endpoint, s.Milliseconds)
	}
	return fmt.Sprintf("%s cannot be reached at %s: %s.", name, s.Address, strings.TrimSuffix(s.Error, "."))
}
