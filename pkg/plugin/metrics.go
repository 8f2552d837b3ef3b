package plugin

import (
	"context"
	"sync"
	"time"

	"connectrpc.com/connect"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/cluster/metastoreclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/querybackendclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// metrics are the plugin's own, over all its data sources. Grafana serves them
// under /metrics/plugins/pyrofront-pyroscope-datasource. No label takes its
// values from users or from the cluster.
type metrics struct {
	queries       *prometheus.CounterVec
	steps         *prometheus.HistogramVec
	blocks        prometheus.Counter
	datasets      prometheus.Counter
	estimated     prometheus.Counter
	fetched       prometheus.Counter
	inFlight      *prometheus.GaugeVec
	waiting       *prometheus.GaugeVec
	attempts      *prometheus.CounterVec
	retries       *prometheus.CounterVec
	hedges        *prometheus.CounterVec
	abandoned     *prometheus.CounterVec
	leaderChanges prometheus.Counter
	symbols       *symbolMetrics
}

func newMetrics(registerer prometheus.Registerer, budget *memory.Budget) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "pyrofront", Name: name, Help: help})
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "pyrofront", Name: name, Help: help}, labels)
	}
	gauges := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "pyrofront", Name: name, Help: help}, labels)
	}
	m := &metrics{
		queries: counters("queries_total", "Targets of panels and alert rules, by query type and by outcome: ok or the code of the error.", "type", "outcome"),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "pyrofront", Name: "step_duration_seconds", Help: "How long each step of a query took.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 12),
		}, []string{"step"}),
		blocks:        counter("planned_blocks_total", "Blocks that plans read."),
		datasets:      counter("planned_datasets_total", "Datasets that plans list."),
		estimated:     counter("estimated_bytes_total", "Bytes of object storage that plans were estimated to fetch."),
		fetched:       counter("fetched_bytes_total", "Bytes of object storage that query-backends fetched."),
		inFlight:      gauges("queries_in_flight", "Queries that run, by class: dashboard or alert rule.", "class"),
		waiting:       gauges("queries_waiting", "Queries that wait for maxConcurrentQueries, by class.", "class"),
		attempts:      counters("rpc_attempts_total", "RPCs to the cluster that ended, by service and outcome: ok or the gRPC code.", "service", "outcome"),
		retries:       counters("rpc_retries_total", "Further attempts at an RPC, after a transient failure.", "service"),
		hedges:        counters("rpc_hedges_total", "Second attempts at a metadata read that takes unusually long.", "service"),
		abandoned:     counters("rpc_abandoned_total", "Attempts that reached a server and whose answer nobody used, by service and reason.", "service", "reason"),
		leaderChanges: counter("metastore_leader_changes_total", "Times that a metastore client found another leader than it knew."),
		symbols:       newSymbolMetrics(registerer),
	}
	registerer.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "pyrofront", Name: "memory_taken_bytes", Help: "Memory that queries under way have taken from the budget."},
			func() float64 { return float64(budget.Used()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "pyrofront", Name: "memory_budget_bytes", Help: "Memory that all queries may take together."},
			func() float64 { return float64(budget.Limit()) }),
	)
	registerer.MustRegister(m.queries, m.steps, m.blocks, m.datasets, m.estimated, m.fetched,
		m.inFlight, m.waiting, m.attempts, m.retries, m.hedges, m.abandoned, m.leaderChanges)
	for _, service := range []string{metastoreclient.Service, querybackendclient.Service} {
		// A series that begins with its first failure would hide it from a rate.
		m.retries.WithLabelValues(service)
		m.hedges.WithLabelValues(service)
		for _, reason := range transport.Reasons() {
			m.abandoned.WithLabelValues(service, string(reason))
		}
	}
	return m
}

// observe counts a target that was answered.
func (m *metrics) observe(queryType string, err error) {
	m.queries.WithLabelValues(queryType, outcome(err)).Inc()
}

// observeTarget counts one whose answer there may be a part of.
func (m *metrics) observeTarget(t *target, err error) {
	if err == nil && t.missing() != nil {
		m.queries.WithLabelValues(t.model.QueryType, "partial").Inc()
		return
	}
	m.observe(t.model.QueryType, err)
}

func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	return connect.CodeOf(err).String()
}

// observeAnswer counts what an answer of the cluster cost.
func (m *metrics) observeAnswer(answer *queryfrontend.Answer) {
	summary := answer.Summary
	m.blocks.Add(float64(summary.Blocks))
	m.datasets.Add(float64(summary.Datasets))
	m.estimated.Add(float64(summary.Bytes))
	m.fetched.Add(float64(answer.BytesFetched()))
	m.symbols.observe(answer.Symbols)
	if answer.Symbols != nil {
		m.steps.WithLabelValues("symbols").Observe(answer.Symbols.Took.Seconds())
	}
	for step, took := range map[string]time.Duration{
		"queue": answer.Stats.Queue, "metadata": answer.Stats.Metadata, "planning": answer.Stats.Planning, "execution": answer.Stats.Execution,
	} {
		m.steps.WithLabelValues(step).Observe(took.Seconds())
	}
}

func (m *metrics) observeConversion(took time.Duration) {
	m.steps.WithLabelValues("conversion").Observe(took.Seconds())
}

// admitted wraps the admission of one data source.
func (m *metrics) admitted(ctx context.Context, class admission.Class, acquire func(context.Context, admission.Class) (func(), error)) (func(), error) {
	waiting := m.waiting.WithLabelValues(class.String())
	waiting.Inc()
	release, err := acquire(ctx, class)
	waiting.Dec()
	if err != nil {
		return nil, err
	}
	inFlight := m.inFlight.WithLabelValues(class.String())
	inFlight.Inc()
	return sync.OnceFunc(func() {
		inFlight.Dec()
		release()
	}), nil
}

var _ transport.Observer = (*metrics)(nil)

// Attempt implements transport.Observer.
func (m *metrics) Attempt(service, _ string, _ time.Duration, err error) {
	result := "ok"
	if err != nil {
		result = status.Code(err).String()
	}
	m.attempts.WithLabelValues(service, result).Inc()
}

// Retry implements transport.Observer.
func (m *metrics) Retry(service string, _ int, _ error) { m.retries.WithLabelValues(service).Inc() }

// Hedge implements transport.Observer.
func (m *metrics) Hedge(service string) { m.hedges.WithLabelValues(service).Inc() }

// Abandoned implements transport.Observer.
func (m *metrics) Abandoned(service string, reason transport.Reason) {
	m.abandoned.WithLabelValues(service, string(reason)).Inc()
}

// Leader implements transport.Observer.
func (m *metrics) Leader(string) { m.leaderChanges.Inc() }
