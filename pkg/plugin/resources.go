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
	ids, err := d.valuesOf(r, profile.LabelProfileType)
	if err != nil {
		writeError(w, r, err)
		return
	}
	types := make([]profileType, 0, len(ids))
	for _, id := range ids {
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
		writeError(w, r, err)
		return
	}
	selector := query.Get("query")
	if err := checkName("query", selector); err != nil {
		writeError(w, r, err)
		return
	}
	request := connect.NewRequest(&typesv1.LabelNamesRequest{Start: start, End: end, Matchers: selectors(selector)})
	request.Header().Set("Accept", "*/*; allow-utf8-labelnames=true")
	response, err := d.frontend.LabelNames(r.Context(), request)
	if err != nil {
		writeError(w, r, err)
		return
	}
	matched := matchedNames(selector)
	names := slices.DeleteFunc(slices.Clone(response.Msg.GetNames()), func(name string) bool { return matched[name] })
	writeJSON(w, http.StatusOK, orEmpty(names))
}

// labelValues lists the values of ?label=: ?query= a selector, ?start=&end=.
func (d *Datasource) labelValues(w http.ResponseWriter, r *http.Request) {
	values, err := d.valuesOf(r, r.URL.Query().Get("label"))
	if err != nil {
		writeError(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, orEmpty(values))
}

// valuesOf are the values of a label: ?query= a selector, ?start=&end=.
func (d *Datasource) valuesOf(r *http.Request, name string) ([]string, error) {
	query := r.URL.Query()
	start, end, err := resourceRange(query)
	if err != nil {
		return nil, err
	}
	if err := checkName("query", query.Get("query")); err != nil {
		return nil, err
	}
	response, err := d.frontend.LabelValues(r.Context(), connect.NewRequest(&typesv1.LabelValuesRequest{
		Name:     name,
		Start:    start,
		End:      end,
		Matchers: selectors(query.Get("query")),
	}))
	if err != nil {
		return nil, err
	}
	return response.Msg.GetNames(), nil
}

func selectors(selector string) []string {
	if selector == "" {
		return nil
	}
	return []string{selector}
}

// matchedNames are the label names that a selector has matchers on.
func matchedNames(selector string) map[string]bool {
	matchers, err := profile.ParseSelector(selector)
	if err != nil {
		return nil // it was refused before
	}
	names := make(map[string]bool, len(matchers))
	for _, matcher := range matchers {
		names[matcher.Name] = true
	}
	return names
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
