package queryfrontend

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// What takes less than people wait is not cut, and what is not known is tried.
func TestPace(t *testing.T) {
	const kib, mib = uint64(1 << 10), uint64(1 << 20)
	synctest.Test(t, func(t *testing.T) {
		p := new(pace)
		took, sure := p.expect(mib)
		require.Zero(t, took)
		require.False(t, sure)

		p.observe(mib, 200*time.Millisecond)
		took, sure = p.expect(mib)
		require.Equal(t, 200*time.Millisecond, took.Round(time.Millisecond))
		require.True(t, sure)
		_, sure = p.expect(kib)
		require.True(t, sure, "less than what takes less than people wait")
		took, sure = p.expect(4 * mib)
		require.Equal(t, 800*time.Millisecond, took.Round(time.Millisecond))
		require.True(t, sure, "not more than so many times as long")
		_, sure = p.expect(100 * mib)
		require.False(t, sure, "it may take longer, or not")

		p.observe(100*mib, 10*time.Second)
		took, sure = p.expect(100 * mib)
		require.Equal(t, 10*time.Second, took.Round(time.Second))
		require.True(t, sure)
		took, sure = p.expect(30 * mib)
		require.Equal(t, 3*time.Second, took.Round(time.Second))
		require.True(t, sure, "a byte takes no less where there are fewer")
		_, sure = p.expect(5 * mib)
		require.False(t, sure)

		p.observe(mib, 5*time.Second) // it has become slow
		took, _ = p.expect(mib)
		require.Greater(t, took, time.Second)

		time.Sleep(2 * time.Minute)
		_, sure = p.expect(mib)
		require.False(t, sure, "that was long ago")
	})
}
