// Package progress tells the user of a command what it is doing, while it does
// it, and how long it took.
package progress

import (
	"fmt"
	"io"
	"time"
)

// A step that goes on says so after a second, and then less and less often.
const (
	firstReport    = time.Second
	longestSilence = 15 * time.Second
)

// A Log writes one line a step, and more for steps that take longer than a
// second.
type Log struct {
	writer io.Writer
}

// New makes a log that writes to w.
func New(w io.Writer) *Log { return &Log{writer: w} }

// Step runs a step and writes how long it took. While it runs, lines say
// that it still does.
func (l *Log) Step(name string, run func() error) error {
	began := time.Now()
	done := make(chan error, 1)
	go func() { done <- run() }()
	silence := firstReport
	timer := time.NewTimer(silence)
	defer timer.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				l.printf("  %-34s failed after %s\n", name, round(time.Since(began)))
				return fmt.Errorf("%s: %w", name, err)
			}
			l.printf("  %-34s %s\n", name, round(time.Since(began)))
			return nil
		case <-timer.C:
			l.printf("  %-34s … %s\n", name, time.Since(began).Round(time.Second))
			silence = min(2*silence, longestSilence)
			timer.Reset(silence)
		}
	}
}

// printf ignores a writer that fails: progress is not worth stopping for.
func (l *Log) printf(format string, args ...any) { _, _ = fmt.Fprintf(l.writer, format, args...) }

func round(d time.Duration) time.Duration {
	switch {
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}
