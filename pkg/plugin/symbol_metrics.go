package plugin

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/symbols"
)

// symbolMetrics count names of native code.
type symbolMetrics struct {
	fetches   *prometheus.CounterVec
	bytes     prometheus.Counter
	seconds   prometheus.Histogram
	addresses *prometheus.CounterVec
}

func newSymbolMetrics(registerer prometheus.Registerer) *symbolMetrics {
	m := &symbolMetrics{
		fetches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "pyrofront", Name: "symbol_fetches_total", Help: "Debug files asked for of debuginfod servers, by outcome: resolved, notFound or failed.",
		}, []string{"outcome"}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "pyrofront", Name: "symbol_fetched_bytes_total", Help: "Bytes of debug files that debuginfod servers sent.",
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "pyrofront", Name: "symbol_fetch_duration_seconds", Help: "How long debuginfod servers took.",
			Buckets: prometheus.ExponentialBuckets(0.01, 3, 10),
		}),
		addresses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "pyrofront", Name: "symbol_addresses_total", Help: "Addresses of native code that answers had, by outcome: named, unknown or pending.",
		}, []string{"outcome"}),
	}
	registerer.MustRegister(m.fetches, m.bytes, m.seconds, m.addresses)
	for _, state := range []symbols.State{symbols.StateResolved, symbols.StateNotFound, symbols.StateFailed} {
		m.fetches.WithLabelValues(string(state))
	}
	return m
}

// fetched counts one debug file.
func (m *symbolMetrics) fetched(f symbols.Fetched) {
	m.fetches.WithLabelValues(string(f.State)).Inc()
	m.bytes.Add(float64(f.Bytes))
	m.seconds.Observe(f.Took.Seconds())
}

// observe counts the addresses of an answer.
func (m *symbolMetrics) observe(cost *queryfrontend.SymbolCost) {
	if cost == nil {
		return
	}
	for _, b := range cost.Binaries {
		rest := "unknown"
		if b.State == symbols.StatePending {
			rest = "pending"
		}
		m.addresses.WithLabelValues("named").Add(float64(b.Named))
		m.addresses.WithLabelValues(rest).Add(float64(b.Addresses - b.Named))
	}
}
