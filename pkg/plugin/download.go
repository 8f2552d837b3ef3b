package plugin

import (
	"compress/gzip"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	"connectrpc.com/connect"
	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"
	"github.com/prometheus/prometheus/model/labels"
	"google.golang.org/protobuf/proto"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// downloadPprof sends what a flame graph is made of as a pprof file: ?profileTypeId=,
// labelSelector=, from= and to= in any notation of Grafana's, and the narrowing fields of
// a query, once for each entry. Of a range that is longer than a panel shows, it is the
// same part. The file is not cut to a number of nodes.
func (d *Datasource) downloadPprof(w http.ResponseWriter, r *http.Request) {
	name, body, err := d.pprofFile(r)
	if err != nil {
		writeError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Cache-Control", "no-store")
	zip := gzip.NewWriter(w)
	_, _ = zip.Write(body) // nobody is left to tell of a failed write
	_ = zip.Close()
}

func (d *Datasource) pprofFile(r *http.Request) (name string, body []byte, err error) {
	form := r.URL.Query()
	t := target{model: queryModel{
		ProfileTypeID: form.Get("profileTypeId"), LabelSelector: form.Get("labelSelector"), CallSite: form["callSite"],
		SpanSelector: form["spanSelector"], TraceIDSelector: form["traceIdSelector"], ProfileIDSelector: form["profileIdSelector"],
	}}
	if err := checkParameters(form); err != nil {
		return "", nil, err
	}
	if t.model.LabelSelector == "" {
		t.model.LabelSelector = "{}"
	}
	if err := t.model.checkTexts(); err != nil {
		return "", nil, err
	}
	if t.profileType, err = profile.ParseType(t.model.ProfileTypeID); err != nil {
		return "", nil, invalidQuery("profileTypeId", err)
	}
	if t.query.TimeRange.From, err = formTime(form, "from"); err != nil {
		return "", nil, err
	}
	if t.query.TimeRange.To, err = formTime(form, "to"); err != nil {
		return "", nil, err
	}
	request := t.treeRequest(t.model.LabelSelector, t.query.TimeRange)
	request.Format = querierv1.ProfileFormat_PROFILE_FORMAT_PPROF
	request.Start, request.End = d.frontend.Shown(request.GetStart(), request.GetEnd())
	answer, err := d.frontend.SelectMergeStacktraces(r.Context(), connect.NewRequest(request))
	if err != nil {
		return "", nil, err
	}
	merged := answer.Msg.GetPprof().GetProfile()
	if len(merged.GetSample()) == 0 {
		return "", nil, connect.NewError(connect.CodeNotFound, errors.New("no profiles are selected in this range: there is nothing to download"))
	}
	// Its bytes, and the compressed ones for Grafana.
	if err := memory.Take(r.Context(), 2*int64(proto.Size(merged))); err != nil {
		return "", nil, noMemory(err)
	}
	if body, err = proto.Marshal(merged); err != nil {
		return "", nil, connect.NewError(connect.CodeInternal, fmt.Errorf("pprof profile: %w", err))
	}
	return t.fileName(request.GetStart(), request.GetEnd()), body, nil
}

// downloadParameters are all that a download takes.
func downloadParameters() []string {
	return []string{"profileTypeId", "labelSelector", "from", "to", "callSite", "spanSelector", "traceIdSelector", "profileIdSelector"}
}

// checkParameters refuses what a download does not take: a slip of the pen would
// download more than was meant.
func checkParameters(form url.Values) error {
	for name := range form {
		if !slices.Contains(downloadParameters(), name) {
			return invalidQuery(shortened(name), fmt.Errorf("it is no parameter of a download, allowed are %v", downloadParameters()))
		}
	}
	return nil
}

// formTime reads a time as Grafana's links have it.
func formTime(form url.Values, name string) (time.Time, error) {
	text := form.Get(name)
	if text == "" {
		return time.Time{}, invalidQuery(name, errors.New("it is missing: use Unix milliseconds, RFC 3339, or now-1h"))
	}
	at := gtime.TimeRange{From: text, To: text, Now: time.Now()}
	parsed, err := at.ParseTo()
	if name == "from" {
		parsed, err = at.ParseFrom()
	}
	if err != nil || !sensible(parsed) {
		return time.Time{}, invalidQuery(name, fmt.Errorf("%q is not a time: use Unix milliseconds, RFC 3339, or now-1h, after 1970", shortened(text)))
	}
	return parsed, nil
}

// fileName is made of the service, the type and the range.
func (t *target) fileName(start, end int64) string {
	const stamp = "20060102T150405Z"
	at := func(ms int64) string { return time.UnixMilli(ms).UTC().Format(stamp) }
	service := "all-services"
	matchers, _ := profile.ParseSelector(t.model.LabelSelector)
	for _, m := range matchers {
		if m.Name == profile.LabelServiceName && m.Type == labels.MatchEqual && m.Value != "" {
			service = m.Value
		}
	}
	return inFileName(service) + "_" + inFileName(t.profileType.Name+"-"+t.profileType.SampleType) + "_" + at(start) + "-" + at(end) + ".pb.gz"
}

// inFileName is a text as any file system takes it.
func inFileName(text string) string {
	const long = 80
	text = regexp.MustCompile(`[^A-Za-z0-9.-]+`).ReplaceAllString(text, "-")
	return text[:min(len(text), long)]
}
