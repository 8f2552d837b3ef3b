package progressbench

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What the numbers are is for the benchmark to say: here, the machine may be busy.
func TestRunPrintsATable(t *testing.T) {
	var table bytes.Buffer
	require.NoError(t, Run(&table, 300*time.Millisecond))
	t.Log("\n" + table.String())
	require.Contains(t, table.String(), "profile")
}

// At a second and a half there are pictures.
func TestThereArePictures(t *testing.T) {
	c, err := measure("profile", 1500*time.Millisecond)
	require.NoError(t, err)
	require.GreaterOrEqual(t, c.pictures, 2)
	require.Less(t, c.first, c.whole)
}
