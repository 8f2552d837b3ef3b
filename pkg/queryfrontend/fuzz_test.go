package queryfrontend_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"path"
	"testing"

	"github.com/pyrofront/pyrofront/pkg/panics"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// FuzzRequest sends hostile JSON to every method. Whatever comes, the answer is
// data or a client's error: nothing panics, and nobody's mistake is an internal
// error.
func FuzzRequest(f *testing.F) {
	for _, recorded := range recordedCases(f) {
		f.Add(path.Base(recorded.Method), []byte(recorded.Request))
	}
	f.Add("AnalyzeQuery", []byte(`{"start":1795372935000,"end":1795375530000,"query":"process_cpu:cpu:nanoseconds:cpu:nanoseconds{}"}`))
	f.Add("SelectSeries", []byte(`{"start":"-9223372036854775808","end":"9223372036854775807","step":1e308,"groupBy":[""],"limit":"-1"}`))
	cluster := newFakeCluster(f)
	limits := queryfrontend.DefaultLimits()
	limits.MaxQueryLookback = 0
	frontend := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: limits}, queryfrontend.WithClock(corpusNow))
	handler := queryfrontend.NewHandler(frontend, func(_ context.Context, p *panics.Error) { f.Error(p, string(p.Stack)) })
	f.Fuzz(func(t *testing.T, method string, body []byte) {
		request := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		request.URL.Path = "/querier.v1.QuerierService/" + method
		request.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code == http.StatusInternalServerError {
			t.Fatalf("%s %q: %s", method, body, answer.Body)
		}
	})
}
