package plugin

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
)

// A LogLine is what was logged: a level, a message, and the fields as text.
type LogLine struct {
	Level, Message string
	Fields         map[string]string
}

// RecordLogs takes the log's place until the test ends, and returns what gives the
// lines so far.
func RecordLogs(t testing.TB) func() []LogLine {
	t.Helper()
	before, lines := backend.Logger, new(logLines)
	backend.Logger = recorder{lines: lines}
	t.Cleanup(func() { backend.Logger = before })
	return lines.all
}

type logLines struct {
	mu    sync.Mutex
	lines []LogLine
}

func (l *logLines) all() []LogLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]LogLine(nil), l.lines...)
}

type recorder struct {
	lines *logLines
	with  []any
}

func (r recorder) add(level, message string, args []any) {
	line := LogLine{Level: level, Message: message, Fields: make(map[string]string)}
	args = append(append([]any(nil), r.with...), args...)
	for i := 0; i+1 < len(args); i += 2 {
		line.Fields[fmt.Sprint(args[i])] = fmt.Sprint(args[i+1])
	}
	r.lines.mu.Lock()
	defer r.lines.mu.Unlock()
	r.lines.lines = append(r.lines.lines, line)
}

func (r recorder) Debug(m string, args ...any)            { r.add("debug", m, args) }
func (r recorder) Info(m string, args ...any)             { r.add("info", m, args) }
func (r recorder) Warn(m string, args ...any)             { r.add("warn", m, args) }
func (r recorder) Error(m string, args ...any)            { r.add("error", m, args) }
func (r recorder) With(args ...any) log.Logger            { return recorder{r.lines, append(r.with, args...)} }
func (r recorder) Level() log.Level                       { return log.Debug }
func (r recorder) FromContext(context.Context) log.Logger { return r }

// InFileName is for names that no stack has.
func InFileName(text string) string { return inFileName(text) }

// HurryRuns makes the times of a data source's runs a part of what they are, and lets it
// have no more than so many.
func (d *Datasource) HurryRuns(part int, idle time.Duration, most int) {
	times := &d.runs.times
	times.first, times.pause, times.poll, times.idle = times.first/time.Duration(part), times.pause/time.Duration(part), times.poll/time.Duration(part), idle
	d.runs.most = most
}

// Runs is how many there are.
func (d *Datasource) Runs() int {
	d.runs.mu.Lock()
	defer d.runs.mu.Unlock()
	return len(d.runs.byKey)
}
