package profilegen

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// A Pod is one process of a service.
type Pod struct {
	Service string
	Name    string
	Region  string
	// Native strips the symbols of machine code from its CPU profiles.
	Native bool
}

// Pods returns two pods for each service, in two regions.
func Pods() []Pod {
	return []Pod{
		{Service: "checkout", Name: "checkout-0", Region: "eu-west"},
		{Service: "checkout", Name: "checkout-1", Region: "us-east"},
		{Service: "search", Name: "search-0", Region: "eu-west"},
		{Service: "search", Name: "search-1", Region: "us-east", Native: true},
		{Service: "frontend", Name: "frontend-0", Region: "eu-west"},
		{Service: "frontend", Name: "frontend-1", Region: "us-east"},
	}
}

const (
	namespace = "shop"
	// interval is the time between two CPU profiles that the index states, as
	// an agent scrapes. They are recorded back to back.
	interval = 15 * time.Second
)

// Generate records all pods into the directory and writes its index. Each pod
// is a process of its own, since most profiles cover the whole process: it is
// started with the given command line, to which the pod's name is added, and
// must call RecordPod.
func Generate(ctx context.Context, dir string, command ...string) error {
	if len(command) == 0 {
		return fmt.Errorf("generate profiles in %s: no command", dir)
	}
	var recordings []*Recording
	for _, pod := range Pods() {
		args := append(slices.Clone(command[1:]), pod.Name)
		cmd := exec.CommandContext(ctx, command[0], args...)
		cmd.Stderr = os.Stderr
		// Preemption by signals would show up in the profiles instead of the
		// work, the more so in a sandbox, where signals are slow.
		cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1")
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("generate profiles of pod %s: %w", pod.Name, err)
		}
		var recorded []*Recording
		if err := json.Unmarshal(out, &recorded); err != nil {
			return fmt.Errorf("generate profiles of pod %s: %w", pod.Name, err)
		}
		recordings = append(recordings, recorded...)
	}
	slices.SortStableFunc(recordings, func(a, b *Recording) int {
		return cmp.Or(cmp.Compare(a.OffsetMillis, b.OffsetMillis), strings.Compare(a.File, b.File))
	})
	index, err := json.MarshalIndent(recordings, "", "  ")
	if err != nil {
		return fmt.Errorf("generate profiles: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, IndexFile), append(index, '\n'), 0o644)
}

// RecordPod runs a pod's service in this process and writes its profiles to the
// directory: CPU profiles of the given duration, and each of the other kinds.
func RecordPod(ctx context.Context, name, dir string, d time.Duration) ([]*Recording, error) {
	i := slices.IndexFunc(Pods(), func(p Pod) bool { return p.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("record pod: no pod %q, must be one of %v", name, Pods())
	}
	pod := Pods()[i]
	// Set for the whole process, as a service's main does.
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(int(10 * time.Microsecond))

	services := Services()
	service := services[slices.IndexFunc(services, func(s *Service) bool { return s.Name == pod.Service })]
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		service.Run(ctx)
	}()
	defer func() {
		cancel()
		<-done
	}()

	kinds := []Kind{CPU, CPU, Heap, CPU, CPU, Heap, Goroutine, Mutex, Block}
	var (
		recordings []*Recording
		cpu        int
	)
	for n, kind := range kinds {
		p, err := Record(ctx, kind, d)
		if err != nil {
			return nil, fmt.Errorf("record pod %s: %w", pod.Name, err)
		}
		if kind == CPU {
			cpu++
			if pod.Native {
				StripNative(p)
			}
		}
		r := &Recording{
			File:         fmt.Sprintf("%s.%d.%s.pb.gz", pod.Name, n, kind),
			Kind:         kind,
			Service:      pod.Service,
			Pod:          pod.Name,
			Region:       pod.Region,
			Namespace:    namespace,
			OffsetMillis: (time.Duration(cpu-1) * interval).Milliseconds(),
		}
		if err := write(p, filepath.Join(dir, r.File)); err != nil {
			return nil, fmt.Errorf("record pod %s: %w", pod.Name, err)
		}
		recordings = append(recordings, r)
	}
	return recordings, nil
}

func write(p *profile.Profile, path string) error {
	anonymize(p)
	var buf bytes.Buffer
	if err := p.Compact().Write(&buf); err != nil {
		return err
	}
	return os.WriteFile(path, buf.Bytes(), 0o644)
}
