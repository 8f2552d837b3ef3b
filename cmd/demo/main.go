// Demo runs the plugin against an embedded Pyroscope stack: it starts the
// stack, loads it with real profiles, starts the plugin binary as Grafana does,
// asks it what a dashboard asks, and prints the answers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// errUsage is for flags that cannot be used; what is wrong has been printed.
var errUsage = errors.New("usage")

// options are the demo's flags.
type options struct {
	plugin      string
	dist, page  string
	backends    int
	metastores  int
	selfProfile time.Duration
	port        int
	serve       bool
	logs        bool
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "Runs the plugin binary against an embedded Pyroscope stack with real profiles.\n\nFlags:")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.plugin, "plugin", "", "path of the plugin binary (required; `go tool mage demo` builds it and sets this)")
	flags.StringVar(&o.dist, "dist", "dist", "with -serve: folder of the built plugin")
	flags.StringVar(&o.page, "page", filepath.Join("workbench", "dist"), "with -serve: folder of the built workbench")
	flags.IntVar(&o.backends, "backends", 3, "number of query-backends, 1 to 64")
	flags.IntVar(&o.metastores, "metastores", 1, "number of metastore nodes, 1 to 9; one leads")
	flags.DurationVar(&o.selfProfile, "self", 2*time.Second, "how long the demo profiles its own process, 0s to 60s")
	flags.BoolVar(&o.serve, "serve", false, "keep running and serve the workbench, a page with the plugin's editors, until Ctrl-C")
	flags.IntVar(&o.port, "port", 3200, "with -serve: the port to listen on, 0 for any free one")
	flags.BoolVar(&o.logs, "logs", false, "print the plugin's own log lines")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, errUsage
	}
	if err := o.check(flags.Args()); err != nil {
		_, _ = fmt.Fprintf(stderr, "demo: %v\nRun with -help for what is allowed.\n", err)
		return o, errUsage
	}
	return o, nil
}

func (o options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: the demo takes flags only", rest[0])
	case o.plugin == "":
		return errors.New("-plugin is required: run `go tool mage demo`, which builds the binary and sets it")
	case o.backends < 1 || o.backends > 64:
		return fmt.Errorf("-backends is %d, it must be 1 to 64", o.backends)
	case o.metastores < 1 || o.metastores > 9:
		return fmt.Errorf("-metastores is %d, it must be 1 to 9", o.metastores)
	case o.selfProfile < 0 || o.selfProfile > time.Minute:
		return fmt.Errorf("-self is %s, it must be 0s to 60s", o.selfProfile)
	case o.port < 0 || o.port > 65535:
		return fmt.Errorf("-port is %d, it must be 0 to 65535", o.port)
	}
	return nil
}
