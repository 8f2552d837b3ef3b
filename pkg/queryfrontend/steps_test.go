package queryfrontend_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// There are no more steps than allowed, of a width that is a multiple of what was asked. It
// does not depend on the milliseconds that a range of an hour or a day is off.
func TestStepsOfRanges(t *testing.T) {
	const now = int64(1_790_000_123_456)
	limits := queryfrontend.DefaultLimits()
	limits.MaxQueryLength, limits.MaxQueryLookback = 0, 0
	f := queryfrontend.New(nil, nil, queryfrontend.Config{Tenants: []string{"a"}, Limits: limits}, queryfrontend.WithClock(func() time.Time { return time.UnixMilli(now) }))
	for name, test := range map[string]struct {
		length, asked, width time.Duration
		steps                int
	}{
		"as they are asked": {10 * time.Minute, time.Minute, time.Minute, 9},
		"as many as fit":    {time.Hour, time.Minute, time.Minute, 59},
		"an hour":           {time.Hour, 15 * time.Second, time.Minute, 59},
		"six hours":         {6 * time.Hour, 15 * time.Second, 6 * time.Minute, 59},
		"a day":             {24 * time.Hour, 15 * time.Second, 23*time.Minute + 45*time.Second, 60},
		"a week":            {7 * 24 * time.Hour, time.Hour, 3 * time.Hour, 55},
		"less than a step":  {time.Second, time.Minute, time.Minute, 1},
	} {
		t.Run(name, func(t *testing.T) {
			for _, off := range []int64{-3, -1, 0, 1, 3} {
				s, ok := f.Steps(now-test.length.Milliseconds()-off, now, test.asked.Seconds(), 60, false)
				require.True(t, ok)
				require.Equal(t, test.width, s.Width, "%d ms off", off)
				require.Len(t, s.Ends, test.steps)
				require.Equal(t, test.width > test.asked, s.Widened)
			}
			for ms := int64(0); ms < test.width.Milliseconds(); ms += test.width.Milliseconds()/97 + 1 { // wherever the grid is
				s, ok := f.Steps(now-ms-test.length.Milliseconds(), now-ms, test.asked.Seconds(), 60, false)
				require.True(t, ok)
				require.LessOrEqual(t, len(s.Ends), 60)
			}
		})
	}
}
