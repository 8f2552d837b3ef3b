package main

import (
	"context"
	"flag"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFlagsThatCannotBeUsed(t *testing.T) {
	for name, test := range map[string]struct {
		args    []string
		message string
	}{
		"unknown flag":   {[]string{"-nope"}, "flag provided but not defined: -nope"},
		"no number":      {[]string{"-plugin=p", "-backends=many"}, `invalid value "many" for flag -backends`},
		"no backends":    {[]string{"-plugin=p", "-backends=0"}, "-backends is 0, it must be 1 to 64"},
		"metastores":     {[]string{"-plugin=p", "-metastores=10"}, "-metastores is 10, it must be 1 to 9"},
		"negative self":  {[]string{"-plugin=p", "-self=-1s"}, "-self is -1s"},
		"port":           {[]string{"-plugin=p", "-port=70000"}, "-port is 70000"},
		"an argument":    {[]string{"-plugin=p", "now"}, `unexpected argument "now"`},
		"without plugin": {nil, "-plugin is required: run `go tool mage demo`"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr strings.Builder
			err := run(context.Background(), test.args, io.Discard, &stderr)
			require.ErrorIs(t, err, errUsage)
			require.Contains(t, stderr.String(), test.message)
		})
	}
}

func TestHelp(t *testing.T) {
	var stderr strings.Builder
	require.ErrorIs(t, run(context.Background(), []string{"-help"}, io.Discard, &stderr), flag.ErrHelp)
	for _, name := range []string{"-backends", "-metastores", "-self", "-serve", "-port", "-logs"} {
		require.Contains(t, stderr.String(), name)
	}
}

func TestBusyPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	port := taken.Addr().(*net.TCPAddr).Port
	err = run(context.Background(), []string{"-plugin=p", "-serve", "-port=" + strconv.Itoa(port)}, io.Discard, io.Discard)
	require.ErrorContains(t, err, "cannot be used, choose another with -port, or 0 for any free one")
}

func TestPluginThatDoesNotStart(t *testing.T) {
	err := run(context.Background(), []string{"-plugin=" + filepath.Join(t.TempDir(), "missing"), "-self=0s"}, io.Discard, io.Discard)
	require.ErrorContains(t, err, "start the plugin binary")
}

// The demo is the project's main job: the real binary, in its own process,
// answers health, profile, metrics and top functions.
func TestDemo(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "gpx_pyrofront")
	output, err := exec.Command("go", "build", "-o", binary, "../../pkg").CombinedOutput()
	require.NoError(t, err, "%s", output)
	var stdout strings.Builder
	require.NoError(t, run(context.Background(), []string{"-plugin=" + binary, "-self=200ms", "-metastores=3"}, &stdout, io.Discard))
	for _, want := range []string{
		"Metastore answers", "Query-backend answers", "Plan leaves", "Blocks", "Bytes fetched", "Execution time",
		"Top ten functions", "runtime.", "Time series", "service_name=checkout", "cores",
		"Debuginfod answers", "Native binaries: 1 binary", "halve_row", "channel",
	} {
		require.Contains(t, stdout.String(), want)
	}
}
