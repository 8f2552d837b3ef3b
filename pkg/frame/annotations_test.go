package frame_test

import (
	"fmt"
	"testing"
	"time"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
)

// A regionOf is an annotation's text and its time, in seconds after noon.
type regionOf struct {
	text       string
	start, end int64
}

func TestAnnotationRegions(t *testing.T) {
	const noon = 1_795_348_800
	sampled := func(percent int) *typesv1.ProfileAnnotation {
		return &typesv1.ProfileAnnotation{Key: "pyroscope.ingest.sampled", Value: fmt.Sprintf(`{"body":{"source":{"usageGroup":"all","probability":%g}}}`, float64(percent)/100)}
	}
	throttled := func(reset int64) *typesv1.ProfileAnnotation {
		return &typesv1.ProfileAnnotation{Key: "pyroscope.ingest.throttled", Value: fmt.Sprintf(`{"body":{"periodType":"hour","periodLimitMb":1,"limitResetTime":%d}}`, noon+reset)}
	}
	at := func(second int64, annotations ...*typesv1.ProfileAnnotation) *typesv1.Point {
		return &typesv1.Point{Timestamp: (noon + second) * 1000, Annotations: annotations}
	}
	series := func(points ...*typesv1.Point) *typesv1.Series { return &typesv1.Series{Points: points} }
	const half, tenth, limit = "Only 50.00 % of this service's profiles are kept", "Only 10.00 % of this service's profiles are kept", "Ingestion limit reached: 1.0 MiB per hour"

	for name, test := range map[string]struct {
		series []*typesv1.Series
		want   []regionOf
	}{
		"one series": {
			[]*typesv1.Series{series(at(0, sampled(50)), at(15, sampled(50)), at(30))},
			[]regionOf{{half, 0, 15}},
		},
		// The second series begins and ends before the first: the end went back, and
		// the start stayed.
		"the union of series": {
			[]*typesv1.Series{series(at(30, sampled(50)), at(60, sampled(50))), series(at(0, sampled(50)), at(30, sampled(50)))},
			[]regionOf{{half, 0, 60}},
		},
		"one series in another": {
			[]*typesv1.Series{series(at(0, sampled(50)), at(60, sampled(50))), series(at(15, sampled(50)), at(30, sampled(50)))},
			[]regionOf{{half, 0, 60}},
		},
		// What is not sampled in between is not in a region.
		"a pause": {
			[]*typesv1.Series{series(at(0, sampled(50)), at(15, sampled(50)), at(30), at(45), at(60, sampled(50)))},
			[]regionOf{{half, 0, 15}, {half, 60, 60}},
		},
		"the rest of one series and the begin of the next": {
			[]*typesv1.Series{series(at(600, sampled(50))), series(at(0, sampled(50)))},
			[]regionOf{{half, 0, 0}, {half, 600, 600}},
		},
		"two at once": {
			[]*typesv1.Series{series(at(0, sampled(50), sampled(10)), at(15, sampled(50), sampled(10)), at(30, sampled(10)))},
			[]regionOf{{tenth, 0, 30}, {half, 0, 15}},
		},
		"a limit that several series reach": {
			[]*typesv1.Series{series(at(60, throttled(3600)), at(600, throttled(3600))), series(at(30, throttled(3600)), at(45, throttled(3600)))},
			[]regionOf{{limit, 30, 3600}},
		},
		// A point stands at the end of its step, and the limit was reset within.
		"a reset before the point": {
			[]*typesv1.Series{series(at(3605, throttled(3600)))},
			[]regionOf{{limit, 3605, 3605}},
		},
		"series taken in turns": {
			[]*typesv1.Series{series(at(0, sampled(50)), at(30, sampled(50))), series(at(0, sampled(10)), at(30, sampled(10))), series(at(15, sampled(50)), at(45, sampled(50)))},
			[]regionOf{{tenth, 0, 30}, {half, 0, 45}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, unreadable := frame.Annotations(test.series, time.Unix(noon+86_400, 0))
			require.Zero(t, unreadable)
			starts, ends, texts := column[time.Time](t, f, "time"), column[time.Time](t, f, "timeEnd"), column[string](t, f, "text")
			var got []regionOf
			for i := range starts {
				require.False(t, ends[i].Before(starts[i]))
				got = append(got, regionOf{texts[i], starts[i].Unix() - noon, ends[i].Unix() - noon})
			}
			require.Equal(t, test.want, got)
			for _, region := range column[bool](t, f, "isRegion") {
				require.True(t, region)
			}
		})
	}
}
