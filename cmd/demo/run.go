package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/google/pprof/profile"
	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/debuginfod"
	"github.com/pyrofront/pyrofront/internal/devstack/profilegen"
	"github.com/pyrofront/pyrofront/internal/pluginhost"
	"github.com/pyrofront/pyrofront/internal/progress"
)

const (
	tenant      = "anonymous"
	selfService = "pyrofront-demo"
	// nativeService is profiled from outside, so that its code has no symbols.
	nativeService = "thumbnails"
)

// demo is what the steps share.
type demo struct {
	options options
	out     io.Writer
	log     *progress.Log
	store   *blockstore.Store
	stack   *devstack.Stack
	symbols *debuginfod.Server
	process *pluginhost.Process
	context backend.PluginContext
	// from and to are the range that the profiles lie in.
	from, to time.Time
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	options, err := parse(args, stderr)
	if err != nil {
		return err
	}
	listener, err := listen(options)
	if err != nil {
		return err
	}
	d := &demo{options: options, out: stdout, log: progress.New(stdout), store: blockstore.New()}
	defer d.close()
	if err := d.start(ctx); err != nil {
		return err
	}
	if err := d.report(ctx); err != nil {
		return err
	}
	if listener == nil {
		return nil
	}
	return d.serve(ctx, listener)
}

// listen takes the port first, so that a busy one is told before any work.
func listen(o options) (net.Listener, error) {
	if !o.serve {
		return nil, nil
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.port)))
	if err != nil {
		return nil, fmt.Errorf("port %d cannot be used, choose another with -port, or 0 for any free one: %w", o.port, err)
	}
	return listener, nil
}

func (d *demo) close() {
	if d.process != nil {
		d.process.Close()
	}
	if d.symbols != nil {
		d.symbols.Close()
	}
	if d.stack != nil {
		d.stack.Close()
	}
}

func (d *demo) start(ctx context.Context) error {
	d.printf("Starting\n")
	steps := []struct {
		name string
		run  func() error
	}{
		{"start the embedded stack", d.startStack},
		{"load recorded profiles", d.load},
		{"profile this process", func() error { return d.profileSelf(ctx) }},
		{"start the plugin binary", d.startPlugin},
	}
	for _, step := range steps {
		if err := d.log.Step(step.name, step.run); err != nil {
			return err
		}
	}
	return nil
}

// loadNative ingests a profile without symbols: a server has them.
func (d *demo) loadNative(at time.Time) error {
	err := d.store.Ingest(blockstore.IngestRequest{
		Tenant: tenant, Labels: map[string]string{"service_name": nativeService, "pod": nativeService + "-0"},
		Profile: debuginfod.Profile(8e9), Time: at,
	})
	d.store.Cut()
	return err
}

func (d *demo) startStack() (err error) {
	if d.symbols, err = debuginfod.Start(); err != nil {
		return err
	}
	d.stack, err = devstack.Start(d.store, devstack.Config{MetastoreNodes: d.options.metastores, QueryBackends: d.options.backends})
	return err
}

// load ingests the recorded profiles as if the last had just been taken. The
// earlier half is compacted, so that there are blocks of several levels.
func (d *demo) load() error {
	recordings, err := devstack.Recordings()
	if err != nil {
		return err
	}
	var last time.Duration
	for _, r := range recordings {
		last = max(last, r.Offset())
	}
	first := time.Now().Add(-last).Truncate(time.Second)
	var early, late []*profilegen.Recording
	for _, r := range recordings {
		if r.Offset() < last/2 {
			early = append(early, r)
		} else {
			late = append(late, r)
		}
	}
	if err := devstack.Load(d.store, tenant, early, first); err != nil {
		return err
	}
	d.store.Compact()
	if err := devstack.Load(d.store, tenant, late, first); err != nil {
		return err
	}
	if err := d.loadNative(first.Add(last)); err != nil {
		return err
	}
	d.from = first.Add(-time.Minute)
	return nil
}

// profileSelf records the demo's own work: a CPU profile of one of the services
// that the recorded profiles are of, run in this process.
func (d *demo) profileSelf(ctx context.Context) error {
	if d.options.selfProfile > 0 {
		running, stop := context.WithCancel(ctx)
		defer stop()
		for _, service := range profilegen.Services() {
			go service.Run(running)
		}
		for _, kind := range []profilegen.Kind{profilegen.CPU, profilegen.Heap, profilegen.Goroutine} {
			recorded, err := profilegen.Record(ctx, kind, d.options.selfProfile)
			if err != nil {
				return err
			}
			if err := d.ingestSelf(kind, recorded); err != nil {
				return err
			}
		}
		d.store.Cut()
	}
	d.to = time.Now().Add(15 * time.Second) // so that the last step of a series is complete
	return ctx.Err()
}

func (d *demo) ingestSelf(kind profilegen.Kind, recorded *profile.Profile) error {
	return d.store.Ingest(blockstore.IngestRequest{
		Tenant:  tenant,
		Labels:  map[string]string{"__name__": string(kind), "service_name": selfService, "pod": "demo-0"},
		Profile: recorded,
		Time:    time.Now(),
	})
}

func (d *demo) startPlugin() (err error) {
	settings, err := json.Marshal(map[string]any{
		"metastoreAddress":    d.stack.MetastoreAddress(),
		"queryBackendAddress": d.stack.QueryBackendAddress(),
		"tenants":             []string{tenant},
		"debuginfodUrls":      []string{d.symbols.URL()},
	})
	if err != nil {
		return err
	}
	d.context = backend.PluginContext{
		PluginID: "pyrofront-pyroscope-datasource",
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{
			ID:                      1,
			UID:                     "demo",
			Name:                    "Pyrofront demo",
			Type:                    "pyrofront-pyroscope-datasource",
			JSONData:                settings,
			DecryptedSecureJSONData: map[string]string{},
		},
	}
	logs := io.Discard
	if d.options.logs {
		logs = os.Stderr
	}
	d.process, err = pluginhost.Start(d.options.plugin, logs)
	return err
}

// serve keeps the plugin running behind HTTP until the context ends.
func (d *demo) serve(ctx context.Context, listener net.Listener) error {
	url := "http://" + listener.Addr().String()
	d.printf("\nThe workbench is at %s until Ctrl-C. Its API is Grafana's:\n", url)
	d.printf("  curl %s/api/datasources/uid/demo/health\n", url)
	d.printf("  curl %s/api/datasources/uid/demo/resources/profileTypes\n", url)
	d.printf("  curl -X PUT %s/demo/pace/20000   # query-backends read so many bytes a second; 0: as fast as they can\n", url)
	mux := http.NewServeMux()
	mux.Handle("/", pluginhost.NewWorkbench(d.process, d.context, os.DirFS(d.options.dist), os.DirFS(d.options.page)))
	mux.HandleFunc("PUT /demo/pace/{bytes}", d.setPace)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// setPace slows the query-backends down: what long queries look like.
func (d *demo) setPace(w http.ResponseWriter, r *http.Request) {
	bytes, err := strconv.ParseInt(r.PathValue("bytes"), 10, 64)
	if err != nil || bytes < 0 {
		http.Error(w, "the pace must be a number of bytes a second, 0 for no limit", http.StatusBadRequest)
		return
	}
	for _, server := range d.stack.QueryBackends {
		server.Faults().SetPace(bytes)
	}
	w.WriteHeader(http.StatusNoContent)
}

// printf ignores a writer that fails: there is nothing else to tell it to.
func (d *demo) printf(format string, args ...any) { _, _ = fmt.Fprintf(d.out, format, args...) }
