package plugin

import (
	"context"
	"math"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/panics"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// QueryData answers the targets of a panel or an alert rule. They go to the
// cluster together, so that what they have in common is read once. A target that
// fails leaves the others' data alone.
func (d *Datasource) QueryData(ctx context.Context, request *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	response := backend.NewQueryDataResponse()
	ctx, end := scope(ctx)
	defer end()
	from := newOrigin(request.PluginContext, request.GetHTTPHeader)
	ctx = from.pass(ctx, d.settings.metastore.Headers)
	ahead, err := d.takeRequest(ctx, request)
	if err != nil {
		return d.refuse(request, err), nil
	}
	targets, refused := d.prepareAll(from, request)
	key, asked := runOf(request, targets)
	if !asked || !d.runs.goesOn(key) {
		if err := awaitTurn(ctx, ahead, request); err != nil {
			return d.refuse(request, err), nil
		}
	}
	caller := ctx
	if d.broken == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.settings.timeout)
		defer cancel()
	}
	for _, t := range refused {
		response.Responses[t.query.RefID] = errorResponse(t.refusal)
	}
	var answers []queryfrontend.PanelAnswer
	var sights []queryfrontend.Sight
	switch {
	case len(targets) == 0:
	case asked: // its time is not that of the request, but the caller's leaving ends it
		answers, sights = d.readRun(ctx, caller, key, targets)
	default:
		answers = d.frontend.Panels(ctx, panelsOf(targets)...)
	}
	if sights != nil {
		d.respondSoFar(ctx, targets, sights, response.Responses)
	} else {
		for _, t := range refused { // once, however often a run is asked for
			d.metrics.observe(t.model.QueryType, t.refusal)
			t.log(ctx, 0, t.refusal)
		}
		for _, t := range targets {
			n := len(t.requests)
			t.panels, answers = answers[:n:n], answers[n:]
		}
		d.respondAll(ctx, targets, response.Responses)
		d.countAnswers(targets)
	}
	if !forExpressions(request) {
		all := make([]answered, 0, len(targets))
		for _, t := range targets {
			all = append(all, answered{target: t, frames: response.Responses[t.query.RefID].Frames})
		}
		tellApart(all)
	}
	return response, nil
}

// prepareAll prepares the targets of a request, apart from those that are refused.
func (d *Datasource) prepareAll(from origin, request *backend.QueryDataRequest) (targets, refused []*target) {
	room := frame.NewRoom()
	for n, query := range request.Queries {
		t := &target{query: query, origin: from, tenants: len(d.settings.frontend.Tenants), minStep: d.settings.minStep, forExpressions: forExpressions(request), strict: fromAlert(request)}
		if t.refusal = panics.Contain(func() error { return d.prepare(t, n, request) }); t.refusal != nil {
			refused = append(refused, t)
			continue
		}
		t.room = room
		for i := range t.requests {
			t.requests[i].Class, t.requests[i].Strict = classOf(request), t.strict
			// An expression would take what is missing for a fall.
			t.requests[i].Partial = d.settings.partialAnswers && !t.forExpressions
		}
		targets = append(targets, t)
	}
	return targets, refused
}

// panelsOf are what targets ask, one after the other.
func panelsOf(targets []*target) (all []queryfrontend.PanelRequest) {
	for _, t := range targets {
		all = append(all, t.requests...)
	}
	return all
}

// refuse answers a request that there is no memory for.
func (d *Datasource) refuse(request *backend.QueryDataRequest, err error) *backend.QueryDataResponse {
	response := backend.NewQueryDataResponse()
	for _, query := range request.Queries {
		d.metrics.observe(queryUnknown, err)
		response.Responses[query.RefID] = errorResponse(err)
	}
	return response
}

// respondAll renders targets that were answered, one after the other.
func (d *Datasource) respondAll(ctx context.Context, targets []*target, responses backend.Responses) {
	for _, t := range targets {
		began := time.Now()
		answer, err := d.respond(ctx, t)
		d.metrics.observeTarget(t, err)
		t.log(ctx, t.waited()+time.Since(began), err)
		responses[t.query.RefID] = answer
	}
}

// waited is how long the cluster took for a target.
func (t *target) waited() (took time.Duration) {
	for _, panel := range t.panels {
		took = max(took, panel.Took)
	}
	return took
}

// countAnswers counts each answer of the cluster once: targets may share them.
func (d *Datasource) countAnswers(targets []*target) {
	counted := make(map[*queryfrontend.Answer]bool)
	for _, t := range targets {
		for answer := range t.answers() {
			if !counted[answer] {
				counted[answer] = true
				d.metrics.observeAnswer(answer)
			}
		}
	}
}

// fromExpressionHeader is set by Grafana on queries whose answers an expression
// reads: reduce, math, threshold.
const fromExpressionHeader = "X-Grafana-From-Expr"

// fromAlert tells whether Grafana's alerting asks.
func fromAlert(request *backend.QueryDataRequest) bool {
	return request.Headers[backend.FromAlertHeaderName] == "true"
}

// forExpressions tells whether expressions read the answer, in an alert rule or
// in a panel. They take numbers and series, and tell them apart by labels alone.
func forExpressions(request *backend.QueryDataRequest) bool {
	return fromAlert(request) || request.GetHTTPHeader(fromExpressionHeader) != ""
}

// A target is one query of a request, with what it asks and how the answer
// becomes frames.
type target struct {
	query       backend.DataQuery
	origin      origin
	model       queryModel
	profileType profile.Type
	// tenants is how many the data source reads, and minStep its smallest step.
	tenants int
	minStep time.Duration
	// forExpressions says that nobody looks at the answer but an expression.
	forExpressions bool
	// strict says that a rule asks: a range is not cut.
	strict bool

	// refusal says why it cannot be asked, nil where it can.
	refusal error
	// requests are what it asks, panels what came of them, in the same order, and
	// render shows that.
	requests []queryfrontend.PanelRequest
	panels   []queryfrontend.PanelAnswer
	// steps are those that the requests ask for one each, where it is stepped.
	steps   queryfrontend.Steps
	stepped bool
	render  func(context.Context, []queryfrontend.PanelAnswer) (data.Frames, error)
	// room is what the limits on the whole answer have left.
	room *frame.Room
	// notices are what the user should know of the answer.
	notices []data.Notice
	// soFar is how much there is of it, nil where it is whole, and execution is that of its
	// run, where it has one.
	soFar     *queryfrontend.Progress
	execution string
}

// prepare reads the n-th target of a request and decides what to ask for it. With an error, the
// target is good for saying what it was.
func (d *Datasource) prepare(t *target, n int, request *backend.QueryDataRequest) (err error) {
	if err := t.checkTarget(n); err != nil {
		t.model.QueryType = queryUnknown
		return err
	}
	var asked queryType
	if t.model, asked, err = parseQuery(t.query, t.forExpressions); err != nil {
		return err
	}
	if err := checkReader(asked, request); err != nil {
		return err
	}
	if d.broken != nil {
		return settingsError(d.broken)
	}
	if t.profileType, err = profile.ParseType(t.model.ProfileTypeID); err != nil {
		return invalidQuery("profileTypeId", err)
	}
	return asked.prepare(d, t)
}

// step is the width of a series' steps in seconds: what the panel asks for, and
// no less than the data source's minimum.
func (d *Datasource) step(query backend.DataQuery) float64 {
	return math.Max(query.Interval.Seconds(), d.settings.minStep.Seconds())
}

// respond renders a target. A panic is the plugin's fault and stays with the
// target that caused it.
func (d *Datasource) respond(ctx context.Context, t *target) (response backend.DataResponse, err error) {
	err = panics.Contain(func() (err error) {
		response, err = d.render(ctx, t)
		return err
	})
	if err != nil {
		response = errorResponse(err)
	}
	return response, err
}

func (d *Datasource) render(ctx context.Context, t *target) (response backend.DataResponse, err error) {
	for _, panel := range t.panels {
		if panel.Err != nil {
			return response, panel.Err
		}
	}
	if err := ctx.Err(); err != nil {
		return response, late(err, d.settings.timeout)
	}
	began := time.Now()
	frames, err := t.render(ctx, t.panels)
	if err != nil {
		return response, err
	}
	if t.soFar != nil {
		t.noticeSoFar()
	} else {
		t.noticeShortRange()
		t.noticeLastStep()
	}
	conversion := time.Since(began)
	d.metrics.observeConversion(conversion)
	t.meta(conversion).Apply(frames...)
	return backend.DataResponse{Frames: frames, Status: backend.StatusOK}, nil
}
