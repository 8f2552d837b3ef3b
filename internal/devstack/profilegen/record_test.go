package profilegen_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack/profilegen"
)

func TestRecord(t *testing.T) {
	for kind, types := range map[profilegen.Kind][]string{
		profilegen.CPU:       {"samples", "cpu"},
		profilegen.Heap:      {"alloc_objects", "alloc_space", "inuse_objects", "inuse_space"},
		profilegen.Goroutine: {"goroutine"},
		profilegen.Mutex:     {"contentions", "delay"},
		profilegen.Block:     {"contentions", "delay"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			p, err := profilegen.Record(t.Context(), kind, time.Millisecond)
			require.NoError(t, err)
			var got []string
			for _, st := range p.SampleType {
				got = append(got, st.Type)
			}
			require.Equal(t, types, got)
			require.NotNil(t, p.PeriodType)
		})
	}
}

func TestRecordStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, err := profilegen.Record(ctx, profilegen.CPU, time.Hour)
	require.NoError(t, err)
	require.Less(t, p.DurationNanos, time.Hour.Nanoseconds())
}

func TestRecordUnknownKind(t *testing.T) {
	_, err := profilegen.Record(t.Context(), "wall", time.Second)
	require.ErrorContains(t, err, `"wall"`)
	require.ErrorContains(t, err, "process_cpu")
}
