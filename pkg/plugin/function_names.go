package plugin

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

const (
	// functionNamesRange is how much of a range names of functions are looked for in, its
	// newest part: blocks are read for them.
	functionNamesRange = time.Hour
	// maxFunctionNames is how many are listed.
	maxFunctionNames = 1000
)

// functionNames lists functions for editors, those with the largest totals first:
// ?profileTypeId=, ?query= a selector, ?start=&end= in Unix milliseconds, the last hour by
// default. They are those of a flame graph of the usual size.
func (d *Datasource) functionNames(w http.ResponseWriter, r *http.Request) {
	request, err := functionNamesRequest(r.URL.Query())
	if err != nil {
		writeError(w, r, err)
		return
	}
	panel := d.frontend.Panels(r.Context(), queryfrontend.PanelRequest{Tree: request})[0]
	if panel.Err != nil {
		writeError(w, r, panel.Err)
		return
	}
	if err := takeTrees(r.Context(), panel.Tree); err != nil {
		writeError(w, r, err)
		return
	}
	functions := profile.TopFunctions(&panel.Tree.Tree)
	slices.SortStableFunc(functions, func(a, b profile.Function) int { return cmp.Compare(b.Total, a.Total) })
	names := make([]string, 0, min(len(functions), maxFunctionNames))
	for _, f := range functions {
		if f.Name != otherFunctions && len(names) < maxFunctionNames {
			names = append(names, f.Name)
		}
	}
	writeJSON(w, http.StatusOK, names)
}

func functionNamesRequest(form url.Values) (*querierv1.SelectMergeStacktracesRequest, error) {
	start, end, err := resourceRange(form)
	if err != nil {
		return nil, err
	}
	if start == 0 && end == 0 {
		end = time.Now().UnixMilli()
	}
	if newest := end - functionNamesRange.Milliseconds(); start < end {
		start = max(start, newest)
	}
	model := queryModel{ProfileTypeID: form.Get("profileTypeId"), LabelSelector: cmp.Or(form.Get("query"), "{}")}
	if err := model.checkTexts(); err != nil {
		return nil, err
	}
	if _, err := profile.ParseType(model.ProfileTypeID); err != nil {
		return nil, invalidQuery("profileTypeId", err)
	}
	return &querierv1.SelectMergeStacktracesRequest{ProfileTypeID: model.ProfileTypeID, LabelSelector: model.LabelSelector, Start: start, End: end}, nil
}
