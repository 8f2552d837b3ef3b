package queryfrontend_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

const day = 24 * 3600 * 1000

// lookups are all ways to ask for names.
func lookups(f *queryfrontend.Frontend, start, end int64) map[string]func() error {
	ctx := context.Background()
	return map[string]func() error{
		"label names": func() error {
			_, err := f.LabelNames(ctx, connect.NewRequest(&typesv1.LabelNamesRequest{Start: start, End: end}))
			return err
		},
		"label values": func() error {
			_, err := f.LabelValues(ctx, connect.NewRequest(&typesv1.LabelValuesRequest{Name: "pod", Start: start, End: end}))
			return err
		},
		"services": func() error {
			_, err := f.LabelValues(ctx, connect.NewRequest(&typesv1.LabelValuesRequest{Name: "service_name", Start: start, End: end}))
			return err
		},
		"series": func() error {
			_, err := f.Series(ctx, connect.NewRequest(&querierv1.SeriesRequest{Start: start, End: end, LabelNames: []string{"pod"}}))
			return err
		},
		"profile types": func() error {
			_, err := f.ProfileTypes(ctx, connect.NewRequest(&querierv1.ProfileTypesRequest{Start: start, End: end}))
			return err
		},
	}
}

// ranges are the ranges that the metastore was asked for.
func (c *fakeCluster) ranges() (ranges [][2]int64) {
	for _, r := range c.metadata {
		ranges = append(ranges, [2]int64{r.GetStartTime(), r.GetEndTime()})
	}
	for _, r := range c.labels {
		ranges = append(ranges, [2]int64{r.GetStartTime(), r.GetEndTime()})
	}
	return ranges
}

// A picker over "Last 30 days" lists what the newest day has.
func TestLookupsAreCutAndNotRefused(t *testing.T) {
	now := corpusNow().UnixMilli()
	for name, test := range map[string]struct{ start, end, want, wantEnd int64 }{
		"a month":                       {now - 30*day, now, now - day, now},
		"a day, rounded outwards":       {now - day - 5000, now + 5000, now - day - 5000 + 1, now + 5000},
		"longer than the allowance":     {now - day - 3_602_000, now, now - day, now},
		"no range is the last hour":     {0, 0, now - 3_600_000, now},
		"a short one is left as it is":  {now - 1000, now, now - 1000, now},
		"an old one is its newest part": {now - 40*day, now - 3*day, now - 4*day, now - 3*day},
	} {
		t.Run(name, func(t *testing.T) {
			limits := queryfrontend.DefaultLimits()
			for kind := range lookups(nil, 0, 0) {
				cluster := newFakeCluster(t)
				f := newFrontend(cluster, queryfrontend.Config{Limits: limits}).(*queryfrontend.Frontend)
				require.NoError(t, lookups(f, test.start, test.end)[kind](), kind)
				require.NotEmpty(t, cluster.ranges(), kind)
				for _, r := range cluster.ranges() {
					require.InDelta(t, test.want, r[0], 1, kind)
					require.Equal(t, test.wantEnd, r[1], kind)
				}
			}
		})
	}
	t.Run("half a range is a mistake", func(t *testing.T) {
		cluster := newFakeCluster(t)
		f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).(*queryfrontend.Frontend)
		for kind, ask := range lookups(f, 0, now) {
			require.Equal(t, connect.CodeInvalidArgument, connect.CodeOf(ask()), kind)
		}
		require.Zero(t, cluster.calls())
	})
}

// 24 hours and a millisecond are no more than a day, and neither is the day on which
// clocks go back.
func TestLengthAllowance(t *testing.T) {
	for name, test := range map[string]struct {
		limit, length time.Duration
		refused       bool
	}{
		"a day":                        {24 * time.Hour, 24 * time.Hour, false},
		"and a millisecond":            {24 * time.Hour, 24*time.Hour + time.Millisecond, false},
		"a day of 25 hours":            {24 * time.Hour, 25 * time.Hour, false},
		"of 25 hours and some":         {24 * time.Hour, 25*time.Hour + 999*time.Millisecond, false},
		"more than such a day":         {24 * time.Hour, 25*time.Hour + 2*time.Second, true},
		"a week with such a day":       {7 * 24 * time.Hour, 7*24*time.Hour + time.Hour, false},
		"an hour and a millisecond":    {time.Hour, time.Hour + time.Millisecond, false},
		"an hour has no hour to spare": {time.Hour, time.Hour + time.Minute, true},
		"no limit":                     {0, 1000 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			limits := queryfrontend.DefaultLimits()
			limits.MaxQueryLength, limits.MaxQueryLookback = test.limit, 0
			f := newFrontend(newFakeCluster(t), queryfrontend.Config{Limits: limits}).(*queryfrontend.Frontend)
			_, err := f.SelectMergeStacktraces(context.Background(), stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) {
				r.Start = r.End - test.length.Milliseconds()
			}))
			panel := f.Panels(context.Background(), queryfrontend.PanelRequest{Strict: true, Tree: stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) {
				r.Start = r.End - test.length.Milliseconds()
			}).Msg})[0]
			if test.refused {
				require.ErrorContains(t, err, "maxQueryLength")
				require.ErrorContains(t, panel.Err, "maxQueryLength")
				return
			}
			require.NoError(t, err)
			require.NoError(t, panel.Err)
			require.False(t, panel.Scope.Cut)
		})
	}
}

// A panel over three days shows the newest day, an alert rule says that it cannot.
func TestPanelsOfLongRanges(t *testing.T) {
	long := func(start *int64) { *start = corpusEnd - 3*day }
	for name, request := range map[string]queryfrontend.PanelRequest{
		"tree":     {Tree: stackTraces(func(r *querierv1.SelectMergeStacktracesRequest) { long(&r.Start) }).Msg},
		"series":   {Series: series(func(r *querierv1.SelectSeriesRequest) { long(&r.Start) }).Msg},
		"heat map": {Heatmap: heatmap(func(r *querierv1.SelectHeatmapRequest) { long(&r.Start) }).Msg},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newFakeCluster(t)
			f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).(*queryfrontend.Frontend)
			panel := f.Panels(context.Background(), request)[0]
			require.NoError(t, panel.Err)
			require.True(t, panel.Scope.Cut)
			require.InDelta(t, corpusEnd-day, panel.Scope.Start, 60_000)
			require.InDelta(t, corpusEnd, panel.Scope.End, 60_000)
			require.LessOrEqual(t, panel.Scope.End, int64(corpusEnd))

			calls := cluster.calls()
			request.Strict = true
			panel = f.Panels(context.Background(), request)[0]
			require.ErrorContains(t, panel.Err, "longer than the data source's limit maxQueryLength")
			require.Equal(t, connect.CodeInvalidArgument, connect.CodeOf(panel.Err))
			require.Equal(t, calls, cluster.calls())
		})
	}
}

// Too many points: the Query API refuses them, as Pyroscope has it; a panel takes a
// longer step.
func TestStepsAreWidened(t *testing.T) {
	for name, test := range map[string]struct {
		length, step, want int64 // ms
	}{
		"fits":                    {3_600_000, 15_000, 15_000},
		"exactly the most points": {11_000_000, 1000, 1000},
		"one more":                {11_001_000, 1000, 2000},
		"many more":               {86_400_000, 100, 7900},
		"twice the most":          {22_000_000, 1000, 2000},
		"a step of no round sum":  {86_400_000, 1001, 8008},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newFakeCluster(t)
			f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).(*queryfrontend.Frontend)
			panel := f.Panels(context.Background(), queryfrontend.PanelRequest{
				Strict: true, // rules as well
				Series: series(func(r *querierv1.SelectSeriesRequest) {
					r.Start, r.Step = r.End-test.length, float64(test.step)/1000
				}).Msg,
			})[0]
			require.NoError(t, panel.Err)
			require.Equal(t, test.want, panel.Scope.Step)
			require.Equal(t, test.want != test.step, panel.Scope.Widened)
			sent := cluster.invokes[0].GetQuery()[0].GetTimeSeries().GetStep()
			require.Equal(t, test.want, time.Duration(sent*float64(time.Second)).Milliseconds(), "as query-backends read it")
			require.Zero(t, panel.Scope.Start%panel.Scope.Step)
			require.Zero(t, panel.Scope.End%panel.Scope.Step)
			require.Equal(t, panel.Scope.Start-2*panel.Scope.Step, cluster.invokes[0].GetStartTime())
			require.Equal(t, panel.Scope.End, cluster.invokes[0].GetEndTime())
		})
	}
}

// The last point is of a whole step: none is after now, and none is cut by the
// range. A range without one gets the newest whole step before its end.
func TestPointsStandOnTheGrid(t *testing.T) {
	now := corpusNow().UnixMilli() // 1795375590000: on a minute and a half
	for name, test := range map[string]struct{ start, end, step, first, last int64 }{
		"inside":                  {now - 100_000, now - 1, 60_000, 1795375500000, 1795375560000},
		"on the grid":             {1795375500000, 1795375560000, 60_000, 1795375500000, 1795375560000},
		"a range to the future":   {now - 100_000, now + day/2, 60_000, 1795375500000, 1795375560000},
		"shorter than a step":     {now - 10_000, now, 60_000, 1795375560000, 1795375560000},
		"a millisecond":           {now - 1, now, 15_000, now, now},
		"a millisecond elsewhere": {now - 8, now - 7, 15_000, now - 15_000, now - 15_000},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFrontend(newFakeCluster(t), queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).(*queryfrontend.Frontend)
			panel := f.Panels(context.Background(), queryfrontend.PanelRequest{Series: series(func(r *querierv1.SelectSeriesRequest) {
				r.Start, r.End, r.Step = test.start, test.end, float64(test.step)/1000
			}).Msg})[0]
			require.NoError(t, panel.Err)
			require.Equal(t, []int64{test.first, test.last}, []int64{panel.Scope.Start, panel.Scope.End})
		})
	}
}

// Whatever a panel asks for: points are multiples of the step, within the range or
// before it, not after now, and no more than fit.
func TestGridOfAnyRange(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	now := corpusNow().UnixMilli()
	f := newFrontend(newFakeCluster(t), queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).(*queryfrontend.Frontend)
	for range 300 {
		end := now - random.Int64N(2*day) + day/4
		start := end - 1 - int64(math.Pow(2, 28*random.Float64()))
		step := 0.001 * math.Pow(2, 24*random.Float64())
		panel := f.Panels(context.Background(), queryfrontend.PanelRequest{Series: series(func(r *querierv1.SelectSeriesRequest) { r.Start, r.End, r.Step = start, end, step }).Msg})[0]
		require.NoError(t, panel.Err, "%d to %d step %v", start, end, step)
		s := panel.Scope
		context := fmt.Sprintf("%d to %d step %v: %+v", start, end, step, s)
		require.GreaterOrEqual(t, s.Step, int64(math.Round(step*1000)), context)
		require.Zero(t, s.Start%s.Step, context)
		require.Zero(t, s.End%s.Step, context)
		require.LessOrEqual(t, s.Start, s.End, context)
		require.LessOrEqual(t, s.End, end, context)
		require.LessOrEqual(t, (s.End-s.Start)/s.Step, int64(11_000), context)
		if s.Start < start {
			require.Equal(t, s.Start, s.End, context)
			require.Greater(t, s.Start, start-s.Step, context)
		}
		if start <= now {
			require.LessOrEqual(t, s.End, now, context)
		}
	}
}

// Screens that refresh within a step of each other ask for the same, and share it.
func TestScreensShareOneRun(t *testing.T) {
	cluster := newFakeCluster(t)
	arrived, answer := make(chan struct{}, 10), make(chan struct{})
	cluster.hold = func(context.Context) {
		arrived <- struct{}{}
		<-answer
	}
	f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).(*queryfrontend.Frontend)
	screen := func(ctx context.Context, later int64) {
		f.Panels(ctx, queryfrontend.PanelRequest{Series: series(func(r *querierv1.SelectSeriesRequest) {
			r.Start, r.End = r.Start+1+later, r.End+1+later
		}).Msg})
	}
	var running sync.WaitGroup
	running.Go(func() { screen(context.Background(), 0) })
	<-arrived
	for later := range int64(5) {
		ctx, leave := context.WithTimeout(context.Background(), time.Millisecond)
		screen(ctx, 1000*later)
		leave()
	}
	require.Len(t, cluster.invokes, 1)
	close(answer)
	running.Wait()
}
