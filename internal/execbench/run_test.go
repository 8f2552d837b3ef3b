package execbench_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/execbench"
)

// Three query-backends, connected, after quick calls: what takes far longer is executed once.
func TestSlowQueriesRunOnce(t *testing.T) {
	for _, load := range []execbench.Load{execbench.Alone, execbench.Beside, execbench.Twice} {
		t.Run(string(load), func(t *testing.T) {
			t.Parallel()
			r, err := execbench.Case{Backends: 3, Takes: 2500 * time.Millisecond, Load: load}.Run(t.Context())
			require.NoError(t, err)
			require.Zero(t, r.Failed)
			require.Equal(t, r.Queries, r.Executed)
			require.Equal(t, r.Queries, r.Sent)
		})
	}
}

func TestCases(t *testing.T) { require.Len(t, execbench.Cases(), 60) }
