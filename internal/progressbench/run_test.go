package progressbench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What the numbers are is for the benchmark to say: here, the machine may be busy.
func TestALongQueryHasPictures(t *testing.T) {
	c, err := measure("profile", 1500*time.Millisecond, 20)
	require.NoError(t, err)
	t.Logf("%+v", c)
	require.GreaterOrEqual(t, c.pictures, 2, "one before the last")
	require.Less(t, c.first, c.whole)
	require.Greater(t, c.requests, int64(3))
}
