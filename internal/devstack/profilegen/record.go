package profilegen

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"time"

	"github.com/google/pprof/profile"
)

// A Kind is one of the profiles that the Go runtime records, under the name
// that Pyroscope gives it (the label __name__, first part of a profile type).
type Kind string

// The kinds of profiles of Go programs.
const (
	CPU       Kind = "process_cpu"
	Heap      Kind = "memory"
	Goroutine Kind = "goroutine"
	Mutex     Kind = "mutex"
	Block     Kind = "block"
)

// Record profiles this process. A CPU profile covers the given duration, or
// less if the context ends before it; only one can be recorded at a time. The
// other kinds are snapshots and take no time. Mutex and Block have samples only
// if the program turned these profiles on in package runtime.
func Record(ctx context.Context, kind Kind, d time.Duration) (*profile.Profile, error) {
	var (
		buf bytes.Buffer
		err error
	)
	switch kind {
	case CPU:
		err = recordCPU(ctx, &buf, d)
	case Heap:
		err = pprof.Lookup("heap").WriteTo(&buf, 0)
	case Goroutine, Mutex, Block:
		err = pprof.Lookup(string(kind)).WriteTo(&buf, 0)
	default:
		err = fmt.Errorf("unknown kind, must be one of %v", []Kind{CPU, Heap, Goroutine, Mutex, Block})
	}
	if err != nil {
		return nil, fmt.Errorf("record %q profile: %w", kind, err)
	}
	p, err := profile.Parse(&buf)
	if err != nil {
		return nil, fmt.Errorf("record %q profile: %w", kind, err)
	}
	return p, nil
}

func recordCPU(ctx context.Context, buf *bytes.Buffer, d time.Duration) error {
	if err := pprof.StartCPUProfile(buf); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}
