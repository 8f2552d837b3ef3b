package plugin

import (
	"context"
	"errors"
	"net/http"

	"connectrpc.com/connect"
	settingsv1 "github.com/grafana/pyroscope/api/gen/proto/go/settings/v1"
	"github.com/grafana/pyroscope/api/gen/proto/go/settings/v1/settingsv1connect"
)

// maxSettingsBytes bounds a request for settings, which says next to nothing.
const maxSettingsBytes = 64 << 10

var errNothingKept = connect.NewError(connect.CodeUnimplemented,
	errors.New("settings and recording rules are not kept here: the plugin stores nothing"))

// handleSettings serves what clients read before anything else: their settings and
// the recording rules. There are none, since nothing is stored here. Profiles
// Drilldown takes that for its defaults, and a missing service for a failure that it
// shows on every page.
func handleSettings(mux *http.ServeMux) {
	limit := connect.WithReadMaxBytes(maxSettingsBytes)
	for _, service := range []func() (string, http.Handler){
		func() (string, http.Handler) { return settingsv1connect.NewSettingsServiceHandler(noSettings{}, limit) },
		func() (string, http.Handler) {
			return settingsv1connect.NewRecordingRulesServiceHandler(noRecordingRules{}, limit)
		},
	} {
		path, handler := service()
		mux.Handle(path, withBody(handler))
	}
}

// withBody gives an empty request a body, which Grafana's SDK leaves out.
func withBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil {
			r.Body = http.NoBody
		}
		next.ServeHTTP(w, r)
	})
}

// noSettings has no settings and takes none.
type noSettings struct{}

func (noSettings) Get(context.Context, *connect.Request[settingsv1.GetSettingsRequest]) (*connect.Response[settingsv1.GetSettingsResponse], error) {
	return connect.NewResponse(&settingsv1.GetSettingsResponse{}), nil
}

func (noSettings) Set(context.Context, *connect.Request[settingsv1.SetSettingsRequest]) (*connect.Response[settingsv1.SetSettingsResponse], error) {
	return nil, errNothingKept
}

func (noSettings) Delete(context.Context, *connect.Request[settingsv1.DeleteSettingsRequest]) (*connect.Response[settingsv1.DeleteSettingsResponse], error) {
	return nil, errNothingKept
}

// noRecordingRules has no recording rules and takes none.
type noRecordingRules struct{}

func (noRecordingRules) ListRecordingRules(context.Context, *connect.Request[settingsv1.ListRecordingRulesRequest]) (*connect.Response[settingsv1.ListRecordingRulesResponse], error) {
	return connect.NewResponse(&settingsv1.ListRecordingRulesResponse{}), nil
}

func (noRecordingRules) GetRecordingRule(context.Context, *connect.Request[settingsv1.GetRecordingRuleRequest]) (*connect.Response[settingsv1.GetRecordingRuleResponse], error) {
	return nil, connect.NewError(connect.CodeNotFound, errors.New("there are no recording rules here"))
}

func (noRecordingRules) UpsertRecordingRule(context.Context, *connect.Request[settingsv1.UpsertRecordingRuleRequest]) (*connect.Response[settingsv1.UpsertRecordingRuleResponse], error) {
	return nil, errNothingKept
}

func (noRecordingRules) DeleteRecordingRule(context.Context, *connect.Request[settingsv1.DeleteRecordingRuleRequest]) (*connect.Response[settingsv1.DeleteRecordingRuleResponse], error) {
	return nil, errNothingKept
}
