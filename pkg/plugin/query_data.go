package plugin

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// QueryData answers the targets of a panel or an alert rule. They go to the
// cluster together, so that what they have in common is read once. A target that
// fails leaves the others' data alone.
func (d *Datasource) QueryData(ctx context.Context, request *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	began := time.Now()
	response := backend.NewQueryDataResponse()
	targets := make([]*target, 0, len(request.Queries))
	var panels []*queryfrontend.Panel
	for _, query := range request.Queries {
		t, err := d.target(query, forExpressions(request))
		if err == nil {
			err = checkReader(t.model.QueryType, request)
		}
		if err != nil {
			d.metrics.observe(t.model.QueryType, err)
			t.log(ctx, 0, err)
			response.Responses[query.RefID] = errorResponse(err)
			continue
		}
		for _, panel := range t.panels {
			panel.Strict = fromAlert(request)
		}
		targets = append(targets, t)
		panels = append(panels, t.panels...)
	}
	if len(panels) > 0 {
		ctx, cancel := context.WithTimeout(withClass(ctx, fromAlert(request)), d.settings.timeout)
		defer cancel()
		d.frontend.Panels(ctx, panels...)
	}
	var all []answered
	for _, t := range targets {
		answer, err := d.respond(t)
		d.metrics.observe(t.model.QueryType, err)
		t.log(ctx, time.Since(began), err)
		response.Responses[t.query.RefID] = answer
		all = append(all, answered{target: t, frames: answer.Frames})
	}
	if !forExpressions(request) {
		tellApart(all)
	}
	d.countAnswers(targets)
	return response, nil
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
	model       queryModel
	profileType profile.Type
	// tenants is how many the data source reads, and minStep its smallest step.
	tenants int
	minStep time.Duration
	// forExpressions says that nobody looks at the answer but an expression.
	forExpressions bool

	panels []*queryfrontend.Panel
	render func() (data.Frames, error)
	// notices are what the user should know of the answer.
	notices []data.Notice
}

// target reads a query and decides what to ask for it. With an error, it is good
// for saying what it was.
func (d *Datasource) target(query backend.DataQuery, forExpressions bool) (t *target, err error) {
	t = &target{query: query, tenants: len(d.settings.frontend.Tenants), minStep: d.settings.minStep, forExpressions: forExpressions}
	if t.model, err = parseQuery(query, forExpressions); err != nil {
		return t, err
	}
	if d.broken != nil {
		return t, settingsError(d.broken)
	}
	if t.profileType, err = profile.ParseType(t.model.ProfileTypeID); err != nil {
		return t, invalidQuery("profileTypeId", err)
	}
	switch t.model.QueryType {
	case queryProfile, queryMetrics, queryBoth:
		return t, d.profileAndMetrics(t)
	case queryTopFunctions:
		return t, d.topFunctions(t)
	case queryDiff:
		return t, d.diff(t)
	case queryHeatmap:
		return t, d.heatmap(t)
	default:
		d.plan(t)
		return t, nil
	}
}

// step is the width of a series' steps in seconds: what the panel asks for, and
// no less than the data source's minimum.
func (d *Datasource) step(query backend.DataQuery) float64 {
	return math.Max(query.Interval.Seconds(), d.settings.minStep.Seconds())
}

// respond renders a target. A panic is the plugin's fault and stays with the
// target that caused it.
func (d *Datasource) respond(t *target) (response backend.DataResponse, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("query %s (%s) failed in the plugin: %w", t.query.RefID, t.model.QueryType, &admission.Panic{Value: cause, Stack: debug.Stack()})
		}
		if err != nil {
			response = errorResponse(err)
		}
	}()
	for _, panel := range t.panels {
		if panel.Err != nil {
			return response, panel.Err
		}
	}
	began := time.Now()
	frames, err := t.render()
	if err != nil {
		return response, err
	}
	t.noticeShortRange()
	conversion := time.Since(began)
	d.metrics.observeConversion(conversion)
	t.meta(conversion).Apply(frames...)
	return backend.DataResponse{Frames: frames, Status: backend.StatusOK}, nil
}
