package legacyapi

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"connectrpc.com/connect"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// defaultLookback is how far back values are looked for without a range.
const defaultLookback = time.Hour

// labelValues lists the values of ?label=. Of __name__ it lists the profile types, as
// the old API had a name for each. from and until are optional.
func (a *api) labelValues(w http.ResponseWriter, r *http.Request, form url.Values) error {
	label := form.Get("label")
	switch label {
	case "":
		return invalid(errors.New("label is missing: it must be a label's name, or __name__ for the profile types"))
	case profile.LabelProfileName:
		label = profile.LabelProfileType
	}
	now := a.now()
	start, end := now.Add(-defaultLookback).UnixMilli(), now.UnixMilli()
	if form.Get("from") != "" || form.Get("until") != "" {
		var err error
		if start, end, err = parseRange(form, "from", "until", now); err != nil {
			return invalid(err)
		}
	}
	answer, err := a.frontend.LabelValues(r.Context(), connect.NewRequest(&typesv1.LabelValuesRequest{Name: label, Start: start, End: end}))
	if err != nil {
		return err
	}
	values := answer.Msg.GetNames()
	if values == nil {
		values = []string{}
	}
	writeJSON(w, values)
	return nil
}
