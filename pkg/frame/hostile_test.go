package frame_test

import (
	"math"
	"testing"
	"time"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
)

// Points come from elsewhere, and may be at any time, of any value, in any order.
func TestPointsAtAbsurdTimes(t *testing.T) {
	for name, times := range map[string][]int64{
		"all of time":                   {math.MinInt64, -2, math.MaxInt64 - 3, math.MaxInt64},
		"as far apart as numbers go":    {math.MinInt64, -1, math.MaxInt64 - 1, math.MaxInt64},
		"far apart, and a step more":    {math.MinInt64, -20_000, math.MaxInt64 - 30_000, math.MaxInt64 - 20_000, math.MaxInt64},
		"far apart in between":          {0, math.MaxInt64 / 4, math.MaxInt64 / 2, math.MaxInt64 / 4 * 3, math.MaxInt64},
		"one beside the other, and far": {0, 0, 0, math.MaxInt64, math.MinInt64, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := new(typesv1.Series)
			for i, at := range times {
				s.Points = append(s.Points, &typesv1.Point{Timestamp: at, Value: []float64{1, math.NaN(), math.Inf(1), 0}[i%4]})
			}
			for _, step := range []time.Duration{0, time.Millisecond, 15 * time.Second, 1000 * time.Hour} {
				require.NotPanics(t, func() {
					require.NotEmpty(t, frame.Series([]*typesv1.Series{s}, cpu, frame.Rate{Step: step}))
					require.GreaterOrEqual(t, frame.SparseRates([]*typesv1.Series{s}, cpu, frame.Rate{Step: step}), time.Duration(0))
				})
			}
		})
	}
}
