package legacyapi

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

func TestTimelineStep(t *testing.T) {
	for length, want := range map[time.Duration]int64{
		0:                               15,
		time.Hour:                       15,
		24 * time.Hour:                  60,
		7 * 24 * time.Hour:              300,
		30 * 24 * time.Hour:             1800,
		17500 * 1500 * time.Millisecond: 15,
		17500*1500*time.Millisecond + time.Millisecond: 20,
		100 * 365 * 24 * time.Hour:                     2_592_000,
	} {
		require.Equal(t, want, timelineStep(1, 1+length.Milliseconds()), length)
	}
	require.Equal(t, int64(31_536_000), timelineStep(0, math.MaxInt64/2))
}

// Every point lands where its time is, and points outside land nowhere.
func TestNewTimeline(t *testing.T) {
	points := []*typesv1.Point{
		{Timestamp: 999, Value: 1},
		{Timestamp: 61_234, Value: 2},
		{Timestamp: 106_234, Value: 3.9},
		{Timestamp: 121_234, Value: math.NaN()},
		{Timestamp: 151_000, Value: 5},
	}
	require.Equal(t, &timeline{StartTime: 60, DurationDelta: 15, Samples: []uint64{2, 0, 0, 3, 0, 0}}, newTimeline(points, 61_234, 151_234, 15))
	require.Equal(t, &timeline{StartTime: 60, DurationDelta: 15, Samples: []uint64{}}, newTimeline(points, 61_000, 62_000, 15))
	require.Equal(t, &timeline{StartTime: 60, DurationDelta: 15, Samples: []uint64{0, 0}}, newTimeline(nil, 61_000, 90_000, 15))
	require.Equal(t, []uint64{math.MaxUint64, 0}, newTimeline([]*typesv1.Point{{Timestamp: 0, Value: 1e30}, {Timestamp: 15_000, Value: -1}}, 0, 30_000, 15).Samples)
}
