package plugin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"time"

	"connectrpc.com/connect"
	"github.com/dustin/go-humanize"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// progressModel is how the front end asks for what there is so far: it sends the same
// request again and again, with the id of a run, until the answer is whole.
type progressModel struct {
	Run string `json:"run"`
}

var runID = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)

// UnmarshalJSON says what a run's id is where it is something else.
func (p *progressModel) UnmarshalJSON(raw []byte) error {
	var fields struct {
		Run json.RawMessage `json:"run"`
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&fields); err != nil {
		return invalidQuery("progress", errors.New(`it must be {"run": "<an id>"}, or left out`))
	}
	isText, id := textOf(fields.Run)
	if !isText || !runID.MatchString(id) {
		return invalidQuery("progress.run", fmt.Errorf("%q is not the id of a run: 8 to 64 letters, digits and hyphens, such as a UUID", shortened(string(fields.Run))))
	}
	p.Run = id
	return nil
}

// runOf is the key of the run that a request is of. There is none for a request of which a
// target does not ask for it, and none for expressions and rules, which would take a part
// for all.
func runOf(request *backend.QueryDataRequest, targets []*target) (key runKey, ok bool) {
	if forExpressions(request) || len(targets) == 0 {
		return key, false
	}
	hash := sha256.New()
	add := func(text string) {
		_, _ = hash.Write(binary.AppendUvarint(nil, uint64(len(text)))) // it never fails
		_, _ = hash.Write([]byte(text))
	}
	user := request.PluginContext.User
	if user != nil {
		add(user.Login)
		add(user.Email)
	}
	add(fmt.Sprint(user != nil, request.PluginContext.OrgID, request.PluginContext.Namespace)) //nolint:staticcheck // as in the log
	add(fmt.Sprint(len(targets)))
	for _, t := range targets {
		if t.model.Progress == nil {
			return key, false
		}
		add(t.query.RefID) // of those that can be asked
	}
	for _, q := range request.Queries {
		add(q.RefID)
		add(q.QueryType)
		add(fmt.Sprint(q.Interval, q.MaxDataPoints, q.TimeRange.From.UnixMilli(), q.TimeRange.To.UnixMilli()))
		add(string(q.JSON))
	}
	return runKey(hash.Sum(nil)), true
}

// readRun asks panels for a request of a run. It returns either their answers, or what
// there is to see of them so far. What is asked outside of a run has the request's own time.
func (d *Datasource) readRun(own, ctx context.Context, key runKey, targets []*target) ([]queryfrontend.PanelAnswer, []queryfrontend.Sight) {
	panels, asked := panelsOf(targets), make([]target, len(targets))
	for i, t := range targets {
		asked[i] = *t // the request changes its own
	}
	run := d.runs.join(ctx, key, d.settings.timeout, asked,
		func(ctx context.Context, w *queryfrontend.Watch) []queryfrontend.PanelAnswer {
			return d.frontend.WatchPanels(ctx, w, panels...)
		},
		func(after time.Duration) { d.logLeft(context.WithoutCancel(ctx), asked, after) })
	if run == nil {
		return d.frontend.Panels(own, panels...), nil
	}
	for i, t := range targets {
		t.follow(run, i)
	}
	found, sights := run.visit(ctx)
	if ctx.Err() == nil && found != wholeAnswer {
		return nil, sights
	}
	answers, err := run.take(ctx)
	if err != nil {
		answers = nil
		for _, t := range targets {
			for range t.requests {
				answers = append(answers, queryfrontend.PanelAnswer{Err: err})
			}
		}
	}
	return answers, nil
}

// follow makes a target what it was when a run began, whose i-th target it is: what a range
// that has not ended is cut into depends on the time.
func (t *target) follow(r *run, i int) {
	t.execution = r.execution
	t.requests, t.steps, t.stepped = r.asked[i].requests, r.asked[i].steps, r.asked[i].stepped
}

// visit waits for what there is to tell a request. Whatever happens, the request is counted
// out.
func (r *run) visit(ctx context.Context) (found finding, sights []queryfrontend.Sight) {
	defer r.leave(ctx)
	found = r.wait(ctx)
	switch {
	case ctx.Err() != nil:
	case found == newPicture:
		sights = r.look(ctx)
	case found == nothingNew:
		sights = r.glance(ctx)
	}
	return found, sights
}

// look makes a picture. It waits for memory no longer than for something new: who has the
// memory may be this very run, which keeps its answer until somebody takes it.
func (r *run) look(ctx context.Context) []queryfrontend.Sight {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, r.runs.times.poll)
	defer cancel()
	sights := r.watch.Look(ctx)
	seen := make([]queryfrontend.Progress, len(sights))
	for i, sight := range sights {
		seen[i] = sight.Progress
	}
	r.showed(r.visible(seen), time.Since(began))
	return sights
}

// glance only tells how much there is.
func (r *run) glance(ctx context.Context) []queryfrontend.Sight {
	all := r.watch.Progress(ctx)
	sights := make([]queryfrontend.Sight, len(all))
	for i, progress := range all {
		sights[i].Progress = progress
	}
	return sights
}

// respondSoFar renders what there is of targets.
func (d *Datasource) respondSoFar(ctx context.Context, targets []*target, sights []queryfrontend.Sight, responses backend.Responses) {
	for _, t := range targets {
		n := min(len(t.requests), len(sights))
		responses[t.query.RefID] = d.soFar(ctx, t, sights[:n])
		sights = sights[n:]
	}
}

func (d *Datasource) soFar(ctx context.Context, t *target, sights []queryfrontend.Sight) backend.DataResponse {
	sum, ready := queryfrontend.Progress{Whole: true}, true
	t.panels = nil
	for _, sight := range sights {
		sum = sum.With(sight.Progress)
		ready = ready && sight.Ready
		t.panels = append(t.panels, sight.Answer)
	}
	if ready && sum.Whole {
		response, _ := d.respond(ctx, t)
		return response
	}
	t.soFar = &sum
	if ready {
		if response, err := d.respond(ctx, t); err == nil && len(response.Frames) > 0 {
			frame.SetProgress(response.Frames[0], t.progress(sum))
			return response
		}
	}
	if sum.Whole { // of nothing, too: else it would look as if it had to begin anew
		sum.Done = max(sum.Done, 1)
		sum.Total = sum.Done
	}
	nothing := data.NewFrame("progress")
	frame.SetProgress(nothing, t.progress(sum))
	return backend.DataResponse{Frames: data.Frames{nothing}, Status: backend.StatusOK}
}

// progress is what readers are told of how much there is of a target.
func (t *target) progress(p queryfrontend.Progress) frame.Progress {
	return frame.Progress{Done: p.Done, Total: p.Total, SecondsLeft: p.Left.Seconds(), Execution: t.execution}
}

// noticeSoFar takes the place of all other notices, which may not hold for the rest.
func (t *target) noticeSoFar() {
	p := *t.soFar
	text := fmt.Sprintf("%d %% of %s, newest first", percent(p), humanize.Bytes(p.Total))
	if p.Left > 0 {
		text += fmt.Sprintf(", about %s left", roughly(p.Left))
	}
	t.notices = nil
	t.notice(data.NoticeSeverityInfo, "%s", text)
}

func percent(p queryfrontend.Progress) int {
	if p.Total == 0 {
		return 0
	}
	return int(min(99, 100*float64(p.Done)/float64(p.Total)))
}

// roughly is a duration as people estimate it.
func roughly(d time.Duration) string {
	if d > 90*time.Second {
		return fmt.Sprintf("%.0f min", math.Ceil(d.Minutes()))
	}
	return fmt.Sprintf("%.0f s", math.Ceil(d.Seconds()))
}

// logLeft is for a run that nobody asked for any more.
func (d *Datasource) logLeft(ctx context.Context, targets []target, after time.Duration) {
	err := connect.NewError(connect.CodeCanceled, errors.New("nobody asked for the answer any more"))
	for i := range targets {
		d.metrics.observeTarget(&targets[i], err)
		targets[i].log(ctx, after, err)
	}
}
