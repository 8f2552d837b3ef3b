package plugin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

func noticesOf(t *testing.T, answer backend.DataResponse) (texts []string) {
	t.Helper()
	require.NoError(t, answer.Error)
	for _, f := range answer.Frames {
		if f.Meta == nil {
			continue
		}
		for _, notice := range f.Meta.Notices {
			texts = append(texts, notice.Text)
		}
	}
	return texts
}

// A month on a dashboard is its newest day, and says so; an alert rule does not guess.
func TestRangesBeyondTheLimit(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	month := backend.TimeRange{From: cluster.timeRange.To.Add(-30 * 24 * time.Hour), To: cluster.timeRange.To}
	for _, queryType := range []string{"profile", "metrics", "both", "topFunctions", "heatmap", "plan", "diff"} {
		t.Run(queryType, func(t *testing.T) {
			target := checkoutTarget(map[string]any{"queryType": queryType, "diff": map[string]any{"labelSelector": "{}"}})
			answer := queryData(t, datasource, month, target)["A"]
			notices := noticesOf(t, answer)
			require.Len(t, notices, 1)
			require.Regexp(t, `^Only the newest part is shown, from 2023-11-13T22:1[5-9]:\d\dZ on: .* maxQueryLength\.$`, notices[0])
			require.Positive(t, answer.Frames[0].Rows())

			rule := queryDataWith(t, datasource, month, map[string]string{backend.FromAlertHeaderName: "true"}, target)["A"]
			reason := "is longer than the data source's limit maxQueryLength, 24h0m0s"
			if !slices.Contains([]string{"metrics", "both", "topFunctions"}, queryType) {
				reason = "is not for alert rules" // whatever its range
			}
			require.ErrorContains(t, rule.Error, reason)
			require.EqualValues(t, http.StatusBadRequest, rule.Status)
		})
	}
}

// Of two limits only the one that says where the answer begins is told.
func TestRangeBeyondBothLimits(t *testing.T) {
	cluster := startCluster(t)
	end := cluster.timeRange.To
	lookback := time.Since(end.Add(-7 * 24 * time.Hour)).Truncate(time.Hour)
	datasource := newDatasource(t, cluster.settings(map[string]any{"maxQueryLookback": lookback.String()}), nil)
	month := backend.TimeRange{From: end.Add(-30 * 24 * time.Hour), To: end}
	notices := noticesOf(t, queryData(t, datasource, month, checkoutTarget(map[string]any{"queryType": "profile"}))["A"])
	require.Len(t, notices, 1)
	require.Contains(t, notices[0], "maxQueryLength")
}

// "Last 24 hours" and more, rounded outwards by a front end, or with no range at all.
func TestLookupsOfAnyRange(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, length := range map[string]time.Duration{"a day and ten seconds": 24*time.Hour + 10*time.Second, "a month": 30 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			end := cluster.timeRange.To
			query := url.Values{"start": {fmt.Sprint(end.Add(-length).UnixMilli())}, "end": {fmt.Sprint(end.UnixMilli())}, "label": {"pod"}}
			for _, path := range []string{"labelNames", "labelValues", "profileTypes"} {
				var answer []any
				require.Equal(t, http.StatusOK, callResource(t, datasource, path, query, &answer), path)
				require.NotEmpty(t, answer, path)
			}
		})
	}
	for _, path := range []string{"labelNames", "labelValues", "profileTypes"} {
		var answer []any
		require.Equal(t, http.StatusOK, callResource(t, datasource, path, url.Values{"label": {"pod"}}, &answer), path)
	}
}

func TestStepsThatAreWidenedAreTold(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"minStep": "1s"}), nil)
	day := backend.TimeRange{From: cluster.timeRange.To.Add(-24 * time.Hour), To: cluster.timeRange.To}
	for _, queryType := range []string{"metrics", "both", "heatmap"} {
		t.Run(queryType, func(t *testing.T) {
			answer := queryDataEvery(t, datasource, day, time.Second, checkoutTarget(map[string]any{"queryType": queryType}))["A"]
			require.Contains(t, noticesOf(t, answer), "The step is 8s: a shorter one would make too many points.")
			require.Contains(t, answer.Frames[0].Meta.ExecutedQueryString, " step 8s ")
		})
	}
	require.Empty(t, noticesOf(t, queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "metrics"}))["A"]))
}

// points are what a panel of metrics shows: by series and time. A point that is not
// there is 0.
type points struct {
	backend.TimeRange
	values map[string]map[int64]float64
}

func pointsOf(t *testing.T, frames data.Frames, timeRange backend.TimeRange, step time.Duration) points {
	t.Helper()
	p := points{timeRange, make(map[string]map[int64]float64)}
	for _, f := range frames {
		if f.Meta.Type != data.FrameTypeTimeSeriesMulti || len(f.Fields) == 0 {
			continue
		}
		values := make(map[int64]float64)
		for i := range f.Rows() {
			at := f.Fields[0].At(i).(time.Time)
			require.Zero(t, at.UnixMilli()%step.Milliseconds(), "a point at %s", at)
			require.False(t, at.Before(timeRange.From) || at.After(timeRange.To), "a point at %s", at)
			values[at.UnixMilli()] = f.Fields[1].At(i).(float64)
		}
		p.values[f.Fields[1].Labels.String()] = values
	}
	return p
}

func (p points) requireAgreement(t *testing.T, other points) {
	t.Helper()
	from, to := max(p.From.UnixMilli(), other.From.UnixMilli()), min(p.To.UnixMilli(), other.To.UnixMilli())
	for _, pair := range [][2]points{{p, other}, {other, p}} {
		for series, values := range pair[0].values {
			for at, value := range values {
				if at >= from && at <= to {
					require.Equal(t, value, pair[1].values[series][at], "%s at %s", series, time.UnixMilli(at).UTC())
				}
			}
		}
	}
}

// History does not change at a refresh: what two answers both show is the same, to the
// last digit. The recorded profiles stand on borders of steps, where it is easiest to
// get wrong.
func TestRefreshesAgree(t *testing.T) {
	cluster := startCluster(t)
	for _, minStep := range []string{"5s", "10s", "15s", "1m"} {
		step, err := time.ParseDuration(minStep)
		require.NoError(t, err)
		datasource := newDatasource(t, cluster.settings(map[string]any{"minStep": minStep}), nil)
		for name, target := range map[string]map[string]any{
			"sum":       {"queryType": "metrics"},
			"by pod":    {"queryType": "metrics", "groupBy": []string{"pod"}},
			"average":   {"queryType": "metrics", "profileTypeId": heapType, "aggregation": "average"},
			"gauge":     {"queryType": "metrics", "profileTypeId": heapType},
			"exemplars": {"queryType": "metrics", "exemplars": "individual"},
			"both":      {"queryType": "both"},
		} {
			t.Run(minStep+" "+name, func(t *testing.T) {
				var before []points
				for refresh := range 12 {
					later := time.Duration(refresh) * 3700 * time.Millisecond
					timeRange := backend.TimeRange{From: firstProfile.Add(later - 5*time.Second), To: cluster.timeRange.To.Add(later)}
					answer := queryDataEvery(t, datasource, timeRange, time.Second, checkoutTarget(target))["A"]
					require.NoError(t, answer.Error)
					now := pointsOf(t, answer.Frames, timeRange, step)
					require.NotEmpty(t, now.values)
					for _, other := range before {
						now.requireAgreement(t, other)
					}
					before = append(before, now)
				}
			})
		}
	}
}

// The cells of a heat map stand still as well, but for the last digit of its rows,
// which the whole map shares.
func TestHeatmapsStandOnTheGrid(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(map[string]any{"minStep": "10s"}), nil)
	counts := func(later time.Duration) map[time.Time]int64 {
		timeRange := backend.TimeRange{From: cluster.timeRange.From.Add(later), To: cluster.timeRange.To.Add(later)}
		answer := queryDataEvery(t, datasource, timeRange, time.Second, checkoutTarget(map[string]any{"queryType": "heatmap"}))["A"]
		require.NoError(t, answer.Error)
		found := make(map[time.Time]int64)
		for i := range answer.Frames[0].Rows() {
			at := answer.Frames[0].Fields[0].At(i).(time.Time)
			require.Zero(t, at.UnixMilli()%10_000)
			found[at] += answer.Frames[0].Fields[2].At(i).(int64)
		}
		return found
	}
	first := counts(0)
	require.NotEmpty(t, first)
	for _, later := range []time.Duration{time.Second, 59 * time.Second, 63 * time.Second, 71 * time.Second} {
		for at, count := range counts(later) {
			if before, both := first[at]; both {
				require.Equal(t, before, count, "the cells at %s, %s later", at, later)
			}
		}
	}
}

// A range of a few milliseconds is empty nearly always: it says why.
func TestRangesOfMilliseconds(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	at := firstProfile.Add(7 * time.Millisecond)
	short := backend.TimeRange{From: at, To: at.Add(5 * time.Millisecond)}
	for _, queryType := range []string{"profile", "topFunctions", "both", "plan"} {
		t.Run(queryType, func(t *testing.T) {
			notices := noticesOf(t, queryData(t, datasource, short, checkoutTarget(map[string]any{"queryType": queryType}))["A"])
			require.Len(t, notices, 1)
			require.Contains(t, notices[0], "5ms")
			require.Regexp(t, `Choose a wider range, such as 2023-11-14T22:\d\d:\d\dZ to 2023-11-14T22:\d\d:\d\dZ\.$`, notices[0])
		})
	}
	t.Run("the offer has data", func(t *testing.T) {
		wide := backend.TimeRange{From: at.Add(-30 * time.Second), To: at.Add(30 * time.Second)}
		answer := queryData(t, datasource, wide, checkoutTarget(map[string]any{"queryType": "profile"}))["A"]
		require.Empty(t, noticesOf(t, answer))
		require.Greater(t, answer.Frames[0].Rows(), 1)
	})
	t.Run("metrics show the newest step", func(t *testing.T) {
		at := firstProfile.Add(42 * time.Second)
		short := backend.TimeRange{From: at, To: at.Add(5 * time.Millisecond)}
		answer := queryData(t, datasource, short, checkoutTarget(map[string]any{"queryType": "metrics"}))["A"]
		require.Len(t, noticesOf(t, answer), 1)
		require.Regexp(t, `^The range of 5ms is shorter than a step, 15s, and no step ends in it: the newest step before it, which ends at 2023-11-14T22:14:00Z, is shown\.`, noticesOf(t, answer)[0])
		require.Equal(t, 1, answer.Frames[0].Rows())
	})
	t.Run("a range that is long enough is just empty", func(t *testing.T) {
		answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile", "labelSelector": `{service_name="nope"}`}))["A"]
		require.Empty(t, noticesOf(t, answer))
	})
}
