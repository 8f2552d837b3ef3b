package legacyapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"connectrpc.com/connect"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// A Frontend is the part of the query-frontend that this API translates to.
type Frontend interface {
	Panels(context.Context, ...queryfrontend.PanelRequest) []queryfrontend.PanelAnswer
	SelectMergeStacktraces(context.Context, *connect.Request[querierv1.SelectMergeStacktracesRequest]) (*connect.Response[querierv1.SelectMergeStacktracesResponse], error)
	Diff(context.Context, *connect.Request[querierv1.DiffRequest]) (*connect.Response[querierv1.DiffResponse], error)
	LabelValues(context.Context, *connect.Request[typesv1.LabelValuesRequest]) (*connect.Response[typesv1.LabelValuesResponse], error)
}

type api struct {
	frontend Frontend
	now      func() time.Time
	fail     func(http.ResponseWriter, *http.Request, error)
}

// NewHandler serves the endpoints under /pyroscope/. Parameters come in the URL or in
// a form. Times are relative to now, and an error, which has a Connect code, is
// written by fail.
func NewHandler(frontend Frontend, now func() time.Time, fail func(http.ResponseWriter, *http.Request, error)) http.Handler {
	a := &api{frontend: frontend, now: now, fail: fail}
	mux := http.NewServeMux()
	for path, endpoint := range map[string]func(http.ResponseWriter, *http.Request, url.Values) error{
		"/pyroscope/render":       a.render,
		"/pyroscope/render-diff":  a.renderDiff,
		"/pyroscope/label-values": a.labelValues,
	} {
		handler := a.handle(endpoint)
		mux.Handle("GET "+path, handler)
		mux.Handle("POST "+path, handler)
	}
	return mux
}

// handle lets an endpoint be a function from parameters to an answer or an error.
// Nothing is written before the error is known.
func (a *api) handle(endpoint func(http.ResponseWriter, *http.Request, url.Values) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Grafana's SDK passes an empty request on without a body.
		if r.Body == nil {
			r.Body = http.NoBody
		}
		err := r.ParseForm()
		if err != nil {
			err = invalid(err)
		} else {
			err = endpoint(w, r, r.Form)
		}
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

func invalid(err error) error {
	var coded *connect.Error
	if errors.As(err, &coded) {
		return err
	}
	return connect.NewError(connect.CodeInvalidArgument, err)
}
