package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/panics"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// healthTimeout bounds "Save & test": a user waits for it.
const healthTimeout = 10 * time.Second

// healthDetails go with the message, for machines.
type healthDetails struct {
	Metastore    serviceHealth `json:"metastore"`
	QueryBackend serviceHealth `json:"queryBackend"`
	// Tenants is how queries of each tenant do, where the metastore answers.
	Tenants []tenantHealth `json:"tenants,omitempty"`
	// Debuginfod is how the servers with debug files answer.
	Debuginfod []symbolServer `json:"debuginfod,omitempty"`
}

// serviceHealth is one service in the details of a health check.
type serviceHealth struct {
	Address      string  `json:"address"`
	OK           bool    `json:"ok"`
	Endpoint     string  `json:"endpoint,omitempty"`
	Milliseconds float64 `json:"milliseconds,omitempty"`
	Error        string  `json:"error,omitempty"`
	// wrong says what answers in place of the service.
	wrong string
}

// CheckHealth asks both services whether they answer, and then what a query asks, of
// every tenant. It says what fails and why.
func (d *Datasource) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	if d.broken != nil {
		return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: d.broken.Error()}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, min(healthTimeout, d.settings.timeout))
	defer cancel()
	metastore := serviceHealth{Address: d.settings.metastore.Address.String()}
	queryBackend := serviceHealth{Address: d.settings.queryBackend.Address.String()}
	var wait sync.WaitGroup
	wait.Go(func() {
		metastore.probe(ctx, func() (found transport.Probe, err error) {
			if metastore.wrong, err = checkKind(ctx, d.metastore.Ask, isMetastore, isQueryBackend, "metastore", "query-backend"); metastore.wrong != "" {
				return found, err
			}
			// Where this has failed, the probe fails as well, and says it better.
			probe, err := d.metastore.Probe(ctx, d.settings.frontend.Tenants[0])
			return probe.Probe, err
		})
	})
	wait.Go(func() {
		queryBackend.probe(ctx, func() (found transport.Probe, err error) {
			if found, err = d.queryBackend.Probe(ctx); err != nil {
				return found, err
			}
			queryBackend.wrong, err = checkKind(ctx, d.queryBackend.Ask, isQueryBackend, isMetastore, "query-backend", "metastore")
			return found, err
		})
	})
	var servers []symbolServer
	wait.Go(func() { servers = d.checkSymbols(ctx) })
	wait.Wait()
	result := &backend.CheckHealthResult{Status: backend.HealthStatusOk}
	if !metastore.OK || !queryBackend.OK {
		result.Status = backend.HealthStatusError
	}
	lines := []string{metastore.line("Metastore"), queryBackend.line("Query-backend")}
	details := healthDetails{Metastore: metastore, QueryBackend: queryBackend}
	if metastore.OK {
		details.Tenants = d.checkTenants(ctx, queryBackend.OK)
		ofTenants, ok := tenantLines(details.Tenants)
		if lines = append(lines, ofTenants...); !ok {
			result.Status = backend.HealthStatusError
		}
	}
	if d.settings.metastore.SendsCredentialsInPlaintext() || d.settings.queryBackend.SendsCredentialsInPlaintext() {
		lines = append(lines, "Warning: credentials are sent without TLS to a host that is not this one. Turn TLS on.")
	}
	lines = append(lines, symbolLines(servers)...)
	result.Message = strings.Join(lines, " ")
	raw, err := json.Marshal(details)
	result.JSONDetails = raw
	return result, err
}

// probe sets what a probe found. A panic is contained here, since the probe runs on
// a goroutine of its own.
func (s *serviceHealth) probe(ctx context.Context, run func() (transport.Probe, error)) {
	var found transport.Probe
	err := panics.Contain(func() (err error) {
		found, err = run()
		return err
	})
	logIfPanic(ctx, err)
	s.set(found, err)
}

func (s *serviceHealth) set(probe transport.Probe, err error) {
	if err != nil {
		s.Error = queryfrontend.ForeignMessage(err.Error())
		return
	}
	if s.wrong != "" {
		s.Error = s.wrong
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
	if s.wrong != "" {
		return fmt.Sprintf("%s: a server answers at %s, but %s", name, s.Address, s.wrong)
	}
	return fmt.Sprintf("%s cannot be reached at %s: %s.", name, s.Address, strings.TrimSuffix(s.Error, "."))
}
