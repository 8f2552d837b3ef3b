package frame

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// Keys of the annotations that Pyroscope's distributors put on profiles. The
// values are JSON objects with a "body".
const (
	annotationThrottled = "pyroscope.ingest.throttled"
	annotationSampled   = "pyroscope.ingest.sampled"
)

// An annotation is one row of the annotation frame.
type annotation struct {
	text       string
	start, end time.Time
	// group tells apart what the annotation is about: rows of the same group that
	// touch are one that lasts longer.
	group  string
	region bool
}

// Annotations makes one frame of the annotations of time series' points: that
// profiles were left out because a limit on ingestion was reached, or because
// only a sample of them is kept. It is nil when there are none.
//
// The fields are those that Grafana reads: time, timeEnd, text, isRegion and
// color. A limit that was reached lasts until it is reset; it is a region once
// that is in the past of now. Being sampled lasts from the first to the last of a
// series' points that one after the other say so. Where several series say the same,
// there is one row for the time of them all. No row ends before it starts. Other
// annotations are skipped, and so are those whose value is not as expected:
// unreadable is how many of those there were.
func Annotations(series []*typesv1.Series, now time.Time) (f *data.Frame, unreadable int) {
	var all []annotation
	for _, s := range series {
		// The rows of the point before, by group: what goes on there grows.
		var open map[string]int
		for _, p := range s.GetPoints() {
			next := make(map[string]int)
			for _, a := range p.GetAnnotations() {
				row, ok, err := parseAnnotation(a, time.UnixMilli(p.GetTimestamp()).UTC(), now)
				if err != nil {
					unreadable++
				}
				if err != nil || !ok {
					continue
				}
				if i, goesOn := open[row.group]; goesOn {
					all[i].extend(row)
					next[row.group] = i
				} else if i, again := next[row.group]; again {
					all[i].extend(row)
				} else {
					next[row.group] = len(all)
					all = append(all, row)
				}
			}
			open = next
		}
	}
	if len(all) == 0 {
		return nil, unreadable
	}
	all = union(all)
	f = annotationFrame(all[:min(len(all), MaxAnnotations)])
	if left := len(all) - MaxAnnotations; left > 0 {
		notice(f, "%d of %d annotations are left out: an answer has at most %d.", left, len(all), MaxAnnotations)
	}
	return f, unreadable
}

// extend makes a row last as long as another one too.
func (a *annotation) extend(other annotation) {
	if other.start.Before(a.start) {
		a.start = other.start
	}
	if other.end.After(a.end) {
		a.end = other.end
	}
}

// union makes one row of those of a group that overlap or touch, by start.
func union(all []annotation) []annotation {
	slices.SortStableFunc(all, func(a, b annotation) int {
		return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.group, b.group))
	})
	last := make(map[string]int)
	var joined []annotation
	for _, row := range all {
		if i, found := last[row.group]; found && !row.start.After(joined[i].end) {
			joined[i].extend(row)
			continue
		}
		last[row.group] = len(joined)
		joined = append(joined, row)
	}
	return joined
}

func annotationFrame(all []annotation) *data.Frame {
	starts := make([]time.Time, len(all))
	ends := make([]time.Time, len(all))
	texts := make([]string, len(all))
	regions := make([]bool, len(all))
	for i, a := range all {
		starts[i], ends[i], texts[i], regions[i] = a.start, a.end, a.text, a.region
	}
	return data.NewFrame("annotations",
		data.NewField("time", nil, starts),
		data.NewField("timeEnd", nil, ends),
		data.NewField("text", nil, texts),
		data.NewField("isRegion", nil, regions),
		data.NewField("color", nil, make([]string, len(all))), // empty: Grafana's default
	).SetMeta(&data.FrameMeta{DataTopic: data.DataTopicAnnotations})
}

// parseAnnotation reads an annotation of a point at a time. It is not ok when
// there is nothing to show.
func parseAnnotation(a *typesv1.ProfileAnnotation, at, now time.Time) (row annotation, ok bool, err error) {
	switch a.GetKey() {
	case annotationThrottled:
		return parseThrottled(a.GetValue(), at, now)
	case annotationSampled:
		return parseSampled(a.GetValue(), at)
	default:
		return annotation{}, false, nil
	}
}

func parseThrottled(value string, at, now time.Time) (annotation, bool, error) {
	var v struct {
		Body struct {
			PeriodType     string  `json:"periodType"`
			PeriodLimitMB  float64 `json:"periodLimitMb"`
			LimitResetTime int64   `json:"limitResetTime"` // Unix seconds
		} `json:"body"`
	}
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		return annotation{}, false, fmt.Errorf("throttling annotation: %w", err)
	}
	limit := humanize.IBytes(uint64(max(0, v.Body.PeriodLimitMB) * (1 << 20)))
	reset := time.Unix(v.Body.LimitResetTime, 0).UTC()
	if reset.Before(at) {
		reset = at // a point stands at the end of its step, which the reset may lie in
	}
	return annotation{
		text:   fmt.Sprintf("Ingestion limit reached: %s per %s", limit, v.Body.PeriodType),
		start:  at,
		end:    reset,
		group:  fmt.Sprint(annotationThrottled, v.Body.PeriodType, limit, v.Body.LimitResetTime),
		region: reset.Before(now),
	}, true, nil
}

func parseSampled(value string, at time.Time) (annotation, bool, error) {
	var v struct {
		Body struct {
			Source *struct {
				UsageGroup  string  `json:"usageGroup"`
				Probability float64 `json:"probability"`
			} `json:"source"`
		} `json:"body"`
	}
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		return annotation{}, false, fmt.Errorf("sampling annotation: %w", err)
	}
	source := v.Body.Source
	if source == nil {
		return annotation{}, false, fmt.Errorf("sampling annotation: it has no source")
	}
	if source.Probability == 1 {
		return annotation{}, false, nil // all profiles are kept
	}
	kept := strconv.FormatFloat(source.Probability*100, 'f', 2, 64)
	return annotation{
		text:   fmt.Sprintf("Only %s %% of this service's profiles are kept", kept),
		start:  at,
		end:    at,
		group:  fmt.Sprint(annotationSampled, source.UsageGroup, kept),
		region: true,
	}, true, nil
}
