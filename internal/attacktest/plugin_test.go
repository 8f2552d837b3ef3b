package attacktest_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/pluginhost"
)

var (
	otherBinary = flag.String("attack.binary", "", "attack this build of the plugin in place of the one of this tree")
	// long runs what needs a machine of its own: many viewers at once, and the soak.
	long       = flag.Bool("attack.long", false, "also ask as a hundred viewers, and honest queries beside hostile ones")
	printTable = flag.Bool("attack.table", false, "print what was measured as a table")
)

const (
	gib = 1 << 30
	// goLimit is GOMEMLIMIT: below the hard limit, as operators are told to set it.
	goLimit = "900MiB"
	// hardLimit bounds the process's data; beyond it, memory is not given and Go ends the process.
	hardLimit = gib
	// timeout is the data source's, and slack what an answer may come later.
	timeout = 10 * time.Second
	slack   = time.Second
)

// buildPlugin builds the plugin once, and a script that starts it within the limit.
func buildPlugin(t testing.TB) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("memory is read from /proc, and bound by ulimit -d")
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "plugin")
	if *otherBinary != "" {
		binary = *otherBinary
	} else {
		out, err := exec.Command("go", "build", "-o", binary, "github.com/pyrofront/pyrofront/pkg").CombinedOutput()
		require.NoError(t, err, string(out))
	}
	script := filepath.Join(dir, "limited")
	require.NoError(t, os.WriteFile(script, fmt.Appendf(nil, "#!/bin/sh\nulimit -d %d || exit 1\nexec %q\n", hardLimit>>10, binary), 0o755))
	t.Setenv("GOMEMLIMIT", goLimit)
	return script
}

// A victim is the plugin's process.
type victim struct {
	*pluginhost.Process
	script string
}

func startVictim(t testing.TB) *victim {
	t.Helper()
	v := &victim{script: buildPlugin(t)}
	v.restart(t)
	t.Cleanup(func() { v.Close() })
	return v
}

func (v *victim) restart(t testing.TB) {
	t.Helper()
	process, err := pluginhost.Start(v.script, new(strings.Builder))
	require.NoError(t, err)
	v.Process = process
}

// peak is the largest resident size since resetPeak.
func (v *victim) peak(t testing.TB) int64 {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.PID()))
	if err != nil {
		return -1 // it is gone
	}
	for line := range strings.Lines(string(raw)) {
		var kib int64
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
			return kib << 10
		}
	}
	return -1
}

func (v *victim) resetPeak(t testing.TB) {
	t.Helper()
	require.NoError(t, os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", v.PID()), []byte("5"), 0))
}

// source is a data source of a cluster.
func source(c *cluster, uid string) backend.PluginContext {
	settings, err := json.Marshal(map[string]any{
		"metastoreAddress": c.address, "queryBackendAddress": c.address, "timeout": timeout.String(), "maxQueryLength": "0", "maxQueryLookback": "0",
	})
	if err != nil {
		panic(err)
	}
	return backend.PluginContext{
		PluginID: "pyrofront-pyroscope-datasource",
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{
			UID: uid, Name: uid, Type: "pyrofront-pyroscope-datasource", JSONData: settings, Updated: time.Unix(1, 0),
		},
	}
}

// query is a target of a data source over the last hours; fields are those of a panel's query.
func query(span time.Duration, fields map[string]any) backend.DataQuery {
	all := map[string]any{"queryType": "profile", "profileTypeId": cpuType, "labelSelector": "{}"}
	for name, value := range fields {
		all[name] = value
	}
	raw, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	now := time.Now().Truncate(time.Second)
	return backend.DataQuery{
		RefID: "A", JSON: raw, Interval: 15 * time.Second, MaxDataPoints: 1000, TimeRange: backend.TimeRange{From: now.Add(-span), To: now},
	}
}

func (v *victim) ask(ctx context.Context, from backend.PluginContext, queries ...backend.DataQuery) (*backend.QueryDataResponse, error) {
	return v.QueryData(ctx, &backend.QueryDataRequest{PluginContext: from, Queries: queries})
}

// call calls a resource, and returns the status and the length of the answer.
func (v *victim) call(ctx context.Context, from backend.PluginContext, path string, header map[string][]string, body []byte) (status, length int, text string, err error) {
	var start []byte
	err = v.CallResource(ctx, &backend.CallResourceRequest{
		PluginContext: from, Method: "POST", Path: path, URL: path, Headers: header, Body: body,
	}, backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
		status = max(status, r.Status)
		length += len(r.Body)
		start = append(start, r.Body[:min(len(r.Body), 500-min(500, len(start)))]...)
		return nil
	}))
	return status, length, string(start), err
}

// requireInTime fails on what took longer than the data source's timeout and a second. On a machine with many times more
// work than processors it only says so: the process cannot end what it is not let run.
func requireInTime(t testing.TB, took time.Duration) {
	t.Helper()
	if took <= timeout+slack {
		return
	}
	t.Errorf("it took %s: no more than %s is allowed", took, timeout+slack)
}

// requireHonest asks an honest cluster, and expects its answer.
func (v *victim) requireHonest(t testing.TB, honest *cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	response, err := v.ask(ctx, source(honest, "honest"), query(time.Hour, nil))
	require.NoError(t, err)
	require.NoError(t, response.Responses["A"].Error)
	require.Equal(t, 4, response.Responses["A"].Frames[0].Rows())
}
