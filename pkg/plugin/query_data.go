package plugin

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// QueryData answers the targets of a panel or an alert rule. They go to the
// cluster together, so that what they have in common is read once. A target that
// fails leaves the others' data alone.
func (d *Datasource) QueryData(ctx context.Context, request *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	response := backend.NewQueryDataResponse()
	targets := make([]*target, 0, len(request.Queries))
	var panels []*queryfrontend.Panel
	for _, query := range request.Queries {
		t, err := d.target(query, forExpressions(request))
		if err != nil {
			response.Responses[query.RefID] = errorResponse(err)
			continue
		}
		targets = append(targets, t)
		panels = append(panels, t.panels...)
	}
	if len(panels) > 0 {
		ctx, cancel := context.WithTimeout(withClass(ctx, fromAlert(request)), d.settings.timeout)
		defer cancel()
		d.frontend.Panels(ctx, panels...)
	}
	for _, t := range targets {
		response.Responses[t.query.RefID] = t.respond()
	}
	return response, nil
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
	// tenants is how many the data source reads.
	tenants int
	panels  []*queryfrontend.Panel
	render  func() (data.Frames, error)
	// notices are what the user should know of the answer.
	notices []data.Notice
}

// target reads a query and decides what to ask for it.
func (d *Datasource) target(query backend.DataQuery, forExpressions bool) (*target, error) {
	if d.broken != nil {
		return nil, settingsError(d.broken)
	}
	model, err := parseQuery(query, forExpressions)
	if err != nil {
		return nil, err
	}
	t := &target{query: query, model: model, tenants: len(d.settings.frontend.Tenants)}
	if t.profileType, err = profile.ParseType(model.ProfileTypeID); err != nil {
		return nil, invalidQuery("profileTypeId", err)
	}
	switch model.QueryType {
	case queryProfile, queryMetrics, queryBoth:
		return t, d.profileAndMetrics(t)
	case queryTopFunctions:
		return t, d.topFunctions(t, forExpressions)
	case queryDiff:
		return t, d.diff(t)
	case queryHeatmap:
		return t, d.heatmap(t)
	default:
		return t, d.plan(t)
	}
}

// step is the width of a series' steps in seconds: what the panel asks for, and
// no less than the data source's minimum.
func (d *Datasource) step(query backend.DataQuery) float64 {
	return math.Max(query.Interval.Seconds(), d.settings.minStep.Seconds())
}

// respond renders a target. A panic is the plugin's fault and stays with the
// target that caused it.
func (t *target) respond() (response backend.DataResponse) {
	defer func() {
		if cause := recover(); cause != nil {
			backend.Logger.Error("Panic while rendering a query", "refId", t.query.RefID, "queryType", t.model.QueryType, "panic", cause, "stack", string(debug.Stack()))
			response = errorResponse(fmt.Errorf("query %s (%s) failed in the plugin: %v", t.query.RefID, t.model.QueryType, cause))
		}
	}()
	for _, panel := range t.panels {
		if panel.Err != nil {
			return errorResponse(panel.Err)
		}
	}
	began := time.Now()
	frames, err := t.render()
	if err != nil {
		return errorResponse(err)
	}
	t.meta(time.Since(began)).Apply(frames...)
	return backend.DataResponse{Frames: frames, Status: backend.StatusOK}
}
