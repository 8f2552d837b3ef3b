package legacyapi

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// render answers with the merged profile of one selection.
func (a *api) render(w http.ResponseWriter, r *http.Request, form url.Values) error {
	selected, err := parseSelection(form, "", a.now())
	if err != nil {
		return invalid(err)
	}
	switch format := form.Get("format"); format {
	case "", "json":
		return a.renderJSON(w, r, form, selected)
	case "dot":
		answer, err := a.frontend.SelectMergeStacktraces(r.Context(), connect.NewRequest(selected.request(querierv1.ProfileFormat_PROFILE_FORMAT_DOT)))
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, answer.Msg.GetDot()) // nobody is left to tell of a failed write
		return nil
	case "pprof":
		return a.renderPprof(w, r, selected)
	default:
		return invalid(fmt.Errorf("format: %q is not served, allowed are json, dot and pprof", format))
	}
}

func (a *api) renderPprof(w http.ResponseWriter, r *http.Request, selected selection) error {
	answer, err := a.frontend.SelectMergeStacktraces(r.Context(), connect.NewRequest(selected.request(querierv1.ProfileFormat_PROFILE_FORMAT_PPROF)))
	if err != nil {
		return err
	}
	raw, err := proto.Marshal(answer.Msg.GetPprof().GetProfile())
	if err != nil {
		return connect.NewError(connect.CodeInternal, fmt.Errorf("pprof profile: %w", err))
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="profile.pb.gz"`)
	zip := gzip.NewWriter(w)
	_, _ = zip.Write(raw)
	_ = zip.Close()
	return nil
}

// renderJSON answers with a flame graph, the selection's values over time, and, where
// a label is given to group by, those of each group. All are read in one pass.
func (a *api) renderJSON(w http.ResponseWriter, r *http.Request, form url.Values, selected selection) error {
	series := &querierv1.SelectSeriesRequest{
		ProfileTypeID: selected.profileType.ID,
		LabelSelector: selected.selector,
		Start:         selected.start,
		End:           selected.end,
		Step:          float64(timelineStep(selected.start, selected.end)),
	}
	var err error
	if series.Aggregation, err = parseAggregation(form.Get("aggregation")); err != nil {
		return invalid(err)
	}
	groupBy, err := parseGroupBy(form["groupBy"])
	if err != nil {
		return invalid(err)
	}
	requests := []queryfrontend.PanelRequest{{
		Tree:   selected.request(querierv1.ProfileFormat_PROFILE_FORMAT_TREE),
		Series: series,
		Exact:  true,
	}}
	if groupBy != "" {
		grouped := proto.Clone(series).(*querierv1.SelectSeriesRequest)
		grouped.GroupBy = []string{groupBy}
		requests = append(requests, queryfrontend.PanelRequest{Series: grouped, Exact: true})
	}
	panels, err := a.ask(r.Context(), requests...)
	if err != nil {
		return err
	}
	whole := panels[0]
	answer := newFlamebearer(profile.FlameGraph(&whole.Tree.Tree, selected.maxNodes), selected.profileType)
	answer.Timeline = timelineOf(whole.Series, series)
	if groupBy != "" {
		answer.Groups = make(map[string]*timeline)
		for _, s := range panels[1].Series {
			answer.Groups[groupOf(s, groupBy)] = timelineOf([]*typesv1.Series{s}, series)
		}
	}
	writeJSON(w, answer)
	return nil
}

func (a *api) ask(ctx context.Context, requests ...queryfrontend.PanelRequest) ([]queryfrontend.PanelAnswer, error) {
	panels := a.frontend.Panels(ctx, requests...)
	for _, panel := range panels {
		if panel.Err != nil {
			return nil, panel.Err
		}
	}
	return panels, nil
}

func timelineOf(series []*typesv1.Series, request *querierv1.SelectSeriesRequest) *timeline {
	var points []*typesv1.Point
	if len(series) > 0 {
		points = series[0].GetPoints()
	}
	return newTimeline(points, request.GetStart(), request.GetEnd(), int64(request.GetStep()))
}

// groupOf names the group of a series, * where it has not the label.
func groupOf(s *typesv1.Series, label string) string {
	for _, l := range s.GetLabels() {
		if l.GetName() == label {
			return l.GetValue()
		}
	}
	return "*"
}

func parseGroupBy(names []string) (string, error) {
	switch {
	case len(names) == 0:
		return "", nil
	case len(names) > 1:
		return "", fmt.Errorf("groupBy: there are %d labels, one is allowed: the answer has room for one name a group", len(names))
	case names[0] == "":
		return "", errors.New("groupBy: it is empty, it must be a label's name")
	default:
		return names[0], nil
	}
}

func parseAggregation(text string) (*typesv1.TimeSeriesAggregationType, error) {
	switch text {
	case "", "sum":
		return typesv1.TimeSeriesAggregationType_TIME_SERIES_AGGREGATION_TYPE_SUM.Enum(), nil
	case "avg":
		return typesv1.TimeSeriesAggregationType_TIME_SERIES_AGGREGATION_TYPE_AVERAGE.Enum(), nil
	default:
		return nil, fmt.Errorf("aggregation: %q is not known, allowed are sum and avg", text)
	}
}

// renderDiff answers with the difference of two selections of one profile type.
func (a *api) renderDiff(w http.ResponseWriter, r *http.Request, form url.Values) error {
	now := a.now()
	left, leftErr := parseSelection(form, "left", now)
	right, rightErr := parseSelection(form, "right", now)
	if err := errors.Join(leftErr, rightErr); err != nil {
		return invalid(err)
	}
	if left.profileType.ID != right.profileType.ID {
		return invalid(fmt.Errorf("leftQuery, rightQuery: the profile types must be the same, they are %s and %s", left.profileType.ID, right.profileType.ID))
	}
	if format := form.Get("format"); format != "" && format != "json" {
		return invalid(fmt.Errorf("format: %q is not served of a difference, allowed is json", format))
	}
	answer, err := a.frontend.Diff(r.Context(), connect.NewRequest(&querierv1.DiffRequest{
		Left:  left.request(querierv1.ProfileFormat_PROFILE_FORMAT_UNSPECIFIED),
		Right: right.request(querierv1.ProfileFormat_PROFILE_FORMAT_UNSPECIFIED),
	}))
	if err != nil {
		return err
	}
	writeJSON(w, newDiffFlamebearer(answer.Msg.GetFlamegraph(), left.profileType))
	return nil
}

func writeJSON(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // nobody is left to tell of a failed write
}
