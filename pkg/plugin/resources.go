package plugin

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"connectrpc.com/connect"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// profileType is a profile type as the core data source's front end knows it.
type profileType struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// profileTypes lists the profile types of a range: ?query= a selector, ?start=&end=
// in Unix milliseconds, the last hour by default.
func (d *Datasource) profileTypes(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	start, end, err := resourceRange(query)
	if err != nil {
		writeError(w, err)
		return
	}
	response, err := d.frontend.LabelValues(r.Context(), connect.NewRequest(&typesv1.LabelValuesRequest{
		Name:     profile.LabelProfileType,
		Start:    start,
		End:      end,
		Matchers: selectors(query.Get("query")),
	}))
	if err != nil {
		writeError(w, err)
		return
	}
	types := make([]profileType, 0, len(response.Msg.GetNames()))
	for _, id := range response.Msg.GetNames() {
		// What no parser takes for a profile type cannot be queried either.
		if t, err := profile.ParseType(id); err == nil {
			types = append(types, profileType{ID: id, Label: t.Name + " - " + t.SampleType})
		}
	}
	writeJSON(w, http.StatusOK, types)
}

// labelNames lists label names: ?query= a selector, ?start=&end=. Names that the
// selector has already are left out: there is nothing to add with them.
func (d *Datasource) labelNames(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	start, end, err := resourceRange(query)
	if err != nil {
		writeError(w, err)
		return
	}
	selector := query.Get("query")
	request := connect.NewRequest(&typesv1.LabelNamesRequest{Start: start, End: end, Matchers: selectors(selector)})
	request.Header().Set("Accept", "*/*; allow-utf8-labelnames=true")
	response, err := d.frontend.LabelNames(r.Context(), request)
	if err != nil {
		writeError(w, err)
		return
	}
	names := slices.DeleteFunc(slices.Clone(response.Msg.GetNames()), func(name string) bool { return hasMatcher(selector, name) })
	writeJSON(w, http.StatusOK, orEmpty(names))
}

// labelValues lists the values of ?label=: ?query= a selector, ?start=&end=.
func (d *Datasource) labelValues(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	start, end, err := resourceRange(query)
	if err != nil {
		writeError(w, err)
		return
	}
	response, err := d.frontend.LabelValues(r.Context(), connect.NewRequest(&typesv1.LabelValuesRequest{
		Name:     query.Get("label"),
		Start:    start,
		End:      end,
		Matchers: selectors(query.Get("query")),
	}))
	if err != nil {
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, orEmpty(response.Msg.GetNames()))
}

func selectors(selector string) []string {
	if selector == "" {
		return nil
	}
	return []string{selector}
}

func hasMatcher(selector, name string) bool {
	matchers, err := profile.ParseSelector(selector)
	if err != nil {
		return false
	}
	for _, matcher := range matchers {
		if matcher.Name == name {
			return true
		}
	}
	return false
}

// orEmpty makes an empty list of nil: front ends want [], not null.
func orEmpty(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}

// resourceRange reads start and end. Without them it is 0 to 0, for which look-ups
// read the last hour.
func resourceRange(query url.Values) (start, end int64, err error) {
	if !query.Has("start") && !query.Has("end") {
		return 0, 0, nil
	}
	var errs [2]error
	start, errs[0] = milliseconds(query, "start")
	end, errs[1] = milliseconds(query, "end")
	if err := errors.Join(errs[:]...); err != nil {
		return 0, 0, connect.NewError(connect.CodeInvalidArgument, err)
	}
	return start, end, nil
}

func milliseconds(query url.Values, name string) (int64, error) {
	ms, err := strconv.ParseInt(query.Get(name), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is not a Unix time in milliseconds", name, query.Get(name))
	}
	return ms, nil
}
