package progress_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/progress"
)

func TestStep(t *testing.T) {
	var out strings.Builder
	log := progress.New(&out)
	require.NoError(t, log.Step("count the stars", func() error { return nil }))
	require.Regexp(t, `^  count the stars +\S+s\n$`, out.String())

	out.Reset()
	lost := errors.New("clouds")
	err := log.Step("count the stars", func() error { return lost })
	require.ErrorIs(t, err, lost)
	require.EqualError(t, err, "count the stars: clouds")
	require.Contains(t, out.String(), "failed after")
}
