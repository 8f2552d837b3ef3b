// Package plugin is what Grafana talks to: it decodes settings and queries, calls
// the query-frontend and hands the answers to frames.
package plugin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/cluster/metastoreclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/querybackendclient"
	"github.com/pyrofront/pyrofront/pkg/legacyapi"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
	"github.com/pyrofront/pyrofront/pkg/symbols"
	"github.com/pyrofront/pyrofront/pkg/symbols/debuginfod"
)

var (
	_ backend.QueryDataHandler      = (*Datasource)(nil)
	_ backend.CallResourceHandler   = (*Datasource)(nil)
	_ backend.CheckHealthHandler    = (*Datasource)(nil)
	_ instancemgmt.InstanceDisposer = (*Datasource)(nil)
)

// A Datasource is one configured data source: the connections to its cluster and
// a query-frontend over them. Changed settings make a new one.
type Datasource struct {
	backend.CallResourceHandler

	// uid is the data source's in Grafana.
	uid          string
	settings     settings
	metastore    *metastoreclient.Client
	queryBackend *querybackendclient.Client
	frontend     *queryfrontend.Frontend
	limiter      *admission.Limiter
	memory       *memory.Budget
	// runs are the queries of which there are pictures before they end.
	runs *runs
	// cache is nil where no answers are kept.
	cache *slicecache.Cache
	// debuginfod and symbolizer are nil where no server is set.
	debuginfod *debuginfod.Client
	symbolizer *symbols.Symbolizer
	metrics    *metrics
	// broken says why the settings cannot be used. Requests report it; failing
	// here instead would show users nothing but "plugin unavailable".
	broken error
}

// cacheShare is which part of what queries may take answers that are kept take at most.
// It is not among that: queries do not wait for it.
const cacheShare = 4

// A Factory makes data sources that count into the same metrics.
type Factory struct {
	metrics *metrics
	memory  *memory.Budget
}

// NewFactory registers the plugin's metrics. Grafana collects what is registered
// with prometheus.DefaultRegisterer. The budget is the memory that the queries of
// all data sources may take together.
func NewFactory(registerer prometheus.Registerer, budget *memory.Budget) *Factory {
	return &Factory{metrics: newMetrics(registerer, budget), memory: budget}
}

// NewDatasource is what Grafana's SDK calls for every data source and every change
// of its settings. Its error is always nil: settings that cannot be used are
// reported by requests.
func (f *Factory) NewDatasource(ctx context.Context, instance backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	d := &Datasource{uid: instance.UID, metrics: f.metrics, runs: &runs{times: defaultRunTimes(), most: maxRuns}}
	if d.broken = d.connect(ctx, instance, f.memory); d.broken != nil {
		d.Dispose()
	}
	d.CallResourceHandler = httpadapter.New(d.resources())
	return d, nil
}

func (d *Datasource) connect(ctx context.Context, instance backend.DataSourceInstanceSettings, process *memory.Budget) (err error) {
	if d.settings, err = parseSettings(ctx, instance); err != nil {
		return err
	}
	d.memory = process.Part(d.settings.maxMemoryBytes)
	d.settings.metastore.Memory, d.settings.queryBackend.Memory = d.memory, d.memory
	dialer, err := socksDialer(ctx, instance)
	if err != nil {
		return err
	}
	d.settings.metastore.Dialer, d.settings.queryBackend.Dialer = dialer, dialer
	d.settings.metastore.Observer, d.settings.queryBackend.Observer = d.metrics, d.metrics
	if d.metastore, err = metastoreclient.NewClient(d.settings.metastore); err != nil {
		return err
	}
	if d.queryBackend, err = querybackendclient.NewClient(d.settings.queryBackend); err != nil {
		return err
	}
	d.limiter = admission.NewLimiter(admission.Limits{Concurrent: d.settings.maxConcurrentQueries})
	if err := d.connectSymbols(d.settings.queryBackend, instance.DecryptedSecureJSONData["tlsCACert"]); err != nil {
		return err
	}
	options := []queryfrontend.Option{queryfrontend.WithAdmission(gate{limiter: d.limiter, metrics: d.metrics}), queryfrontend.WithMemory(d.memory)}
	if d.symbolizer != nil {
		options = append(options, queryfrontend.WithSymbolizer(d.symbolizer))
	}
	if d.settings.cacheMaxBytes > 0 {
		// Of a small container, answers that are kept take no more than a part.
		d.cache = slicecache.New(min(d.settings.cacheMaxBytes, process.Limit()/cacheShare), time.Now)
		d.metrics.cached(d.cache)
		options = append(options, queryfrontend.WithSlices(d.cache))
	}
	d.frontend = queryfrontend.New(d.metastore, d.queryBackend, d.settings.frontend, options...)
	return nil
}

// Dispose lets no further query in, and closes the connections after the last. Those that
// are asked for again and again start over in what comes after.
func (d *Datasource) Dispose() {
	d.runs.close()
	if d.limiter == nil {
		d.disconnect()
		return
	}
	d.limiter.Close(d.disconnect)
}

func (d *Datasource) disconnect() {
	d.closeSymbols()
	d.metrics.uncached(d.cache)
	var errs []error
	if d.metastore != nil {
		errs = append(errs, d.metastore.Close())
	}
	if d.queryBackend != nil {
		errs = append(errs, d.queryBackend.Close())
	}
	if err := errors.Join(errs...); err != nil {
		backend.Logger.Warn("Closing the connections of a data source", "error", err)
	}
}

func (d *Datasource) resources() http.Handler {
	mux := http.NewServeMux()
	if d.broken != nil {
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { writeError(w, r, settingsError(d.broken)) })
		return mux
	}
	mux.Handle("/querier.v1.QuerierService/", queryfrontend.NewHandler(d.frontend, logPanic))
	mux.Handle("/pyroscope/", legacyapi.NewHandler(d.frontend, time.Now, writeError))
	handleSettings(mux)
	mux.HandleFunc("GET /profileTypes", d.profileTypes)
	mux.HandleFunc("GET /labelNames", d.labelNames)
	mux.HandleFunc("GET /labelValues", d.labelValues)
	mux.HandleFunc("GET /functionNames", d.functionNames)
	mux.HandleFunc("GET /pprof", d.downloadPprof)
	mux.HandleFunc("GET /symbolServers", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, http.StatusOK, d.checkSymbols(r.Context())) })
	return containPanics(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), d.settings.timeout)
		defer cancel()
		ctx = newOrigin(backend.PluginConfigFromContext(ctx), r.Header.Get).pass(ctx, d.settings.metastore.Headers)
		ctx, scope := memory.WithScope(ctx)
		defer scope.Close()
		mux.ServeHTTP(w, r.WithContext(ctx))
	}))
}
