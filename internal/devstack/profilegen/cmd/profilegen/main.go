// Command profilegen records the profiles that the embedded stack is tested
// with. It takes about a minute.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/pyrofront/pyrofront/internal/devstack/profilegen"
)

func main() {
	out := flag.String("out", "", "directory to write profiles and their index to")
	duration := flag.Duration("cpu", 2*time.Second, "length of each CPU profile")
	pod := flag.String("pod", "", "record only this pod, print its part of the index, and write no index")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *out, *pod, *duration); err != nil {
		fmt.Fprintln(os.Stderr, "profilegen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out, pod string, d time.Duration) error {
	if out == "" {
		return fmt.Errorf("-out must name a directory")
	}
	if pod != "" {
		recordings, err := profilegen.RecordPod(ctx, pod, out, d)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(recordings)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return profilegen.Generate(ctx, out, self, "-out", out, "-cpu", d.String(), "-pod")
}
