package pluginhost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// maxBodyBytes bounds the body of a request to the host.
const maxBodyBytes = 16 << 20

// handler serves the part of Grafana's HTTP API that data sources need, over one
// plugin process.
type handler struct {
	process *Process
	sources sources
}

// NewHandler serves one data source under Grafana's paths, and every request
// carries its settings, as Grafana's do:
//
//	POST /api/ds/query
//	ANY  /api/datasources/uid/<uid>/resources/<path>
//	GET  /api/datasources/uid/<uid>/health
//	GET  /api/datasources
//	GET  /api/datasources/uid/<uid>
//	PUT  /api/datasources/uid/<uid>
func NewHandler(process *Process, settings backend.PluginContext) http.Handler {
	h := &handler{process: process}
	h.sources.add(settings, false)
	return h.routes()
}

func (h *handler) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/ds/query", h.query)
	mux.HandleFunc("/api/datasources/uid/{uid}/resources/{path...}", h.resource)
	mux.HandleFunc("GET /api/datasources/uid/{uid}/health", h.health)
	mux.HandleFunc("GET /api/datasources", h.listDataSources)
	mux.HandleFunc("GET /api/datasources/uid/{uid}", h.getDataSource)
	mux.HandleFunc("PUT /api/datasources/uid/{uid}", h.saveDataSource)
	return mux
}

// queryRequest is the body of /api/ds/query. Times are Unix milliseconds, or
// "now" with an offset such as "now-1h".
type queryRequest struct {
	From    string            `json:"from"`
	To      string            `json:"to"`
	Queries []json.RawMessage `json:"queries"`
}

func (h *handler) query(w http.ResponseWriter, r *http.Request) {
	var body queryRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBodyBytes)).Decode(&body); err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("the request cannot be read: %w", err))
		return
	}
	request, err := h.queryData(body, time.Now())
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	response, err := h.process.QueryData(r.Context(), request)
	if err != nil {
		fail(w, http.StatusBadGateway, err)
		return
	}
	status := http.StatusOK
	for _, one := range response.Responses {
		if one.Error != nil {
			status = http.StatusBadRequest
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The header is out: there is nobody left to tell about a failed write.
	_ = json.NewEncoder(w).Encode(response)
}

func (h *handler) queryData(body queryRequest, now time.Time) (*backend.QueryDataRequest, error) {
	from, err := parseTime(body.From, now)
	if err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	to, err := parseTime(body.To, now)
	if err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	if len(body.Queries) == 0 {
		return nil, errors.New("the request has no queries")
	}
	request := &backend.QueryDataRequest{}
	for i, raw := range body.Queries {
		var common struct {
			RefID         string `json:"refId"`
			QueryType     string `json:"queryType"`
			IntervalMs    int64  `json:"intervalMs"`
			MaxDataPoints int64  `json:"maxDataPoints"`
			DataSource    struct {
				UID string `json:"uid"`
			} `json:"datasource"`
		}
		if err := json.Unmarshal(raw, &common); err != nil {
			return nil, fmt.Errorf("query %d cannot be read: %w", i, err)
		}
		source, err := h.sources.get(common.DataSource.UID)
		if err != nil {
			return nil, fmt.Errorf("query %s: %w", common.RefID, err)
		}
		if i > 0 && source.context.DataSourceInstanceSettings.UID != request.PluginContext.DataSourceInstanceSettings.UID {
			return nil, fmt.Errorf("query %s: all queries of a request must be of one data source", common.RefID)
		}
		request.PluginContext = source.context
		request.Queries = append(request.Queries, backend.DataQuery{
			RefID:         common.RefID,
			QueryType:     common.QueryType,
			Interval:      time.Duration(common.IntervalMs) * time.Millisecond,
			MaxDataPoints: common.MaxDataPoints,
			TimeRange:     backend.TimeRange{From: from, To: to},
			JSON:          raw,
		})
	}
	return request, nil
}

// parseTime reads Unix milliseconds, "now" and "now-<duration>".
func parseTime(text string, now time.Time) (time.Time, error) {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMilli(ms), nil
	}
	offset, isNow := strings.CutPrefix(text, "now")
	if isNow && offset == "" {
		return now, nil
	}
	d, err := time.ParseDuration(offset)
	if !isNow || err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time, allowed are Unix milliseconds, now, and now-1h", text)
	}
	return now.Add(d), nil
}

func (h *handler) resource(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, err)
		return
	}
	source, err := h.sources.get(r.PathValue("uid"))
	if err != nil {
		fail(w, http.StatusNotFound, err)
		return
	}
	path := r.PathValue("path")
	url := path
	if r.URL.RawQuery != "" {
		url += "?" + r.URL.RawQuery
	}
	began := false
	err = h.process.CallResource(r.Context(), &backend.CallResourceRequest{
		PluginContext: source.context,
		Path:          path,
		Method:        r.Method,
		URL:           url,
		Headers:       r.Header,
		Body:          body,
	}, backend.CallResourceResponseSenderFunc(func(part *backend.CallResourceResponse) error {
		if !began {
			began = true
			for name, values := range part.Headers {
				w.Header()[name] = values
			}
			w.WriteHeader(part.Status)
		}
		_, err := w.Write(part.Body)
		return err
	}))
	if err != nil && !began {
		fail(w, http.StatusBadGateway, err)
	}
}

func (h *handler) health(w http.ResponseWriter, r *http.Request) {
	source, err := h.sources.get(r.PathValue("uid"))
	if err != nil {
		fail(w, http.StatusNotFound, err)
		return
	}
	result, err := h.process.CheckHealth(r.Context(), &backend.CheckHealthRequest{PluginContext: source.context})
	if err != nil {
		fail(w, http.StatusBadGateway, err)
		return
	}
	status := http.StatusOK
	if result.Status != backend.HealthStatusOk {
		status = http.StatusBadRequest
	}
	answer := map[string]any{"status": result.Status.String(), "message": result.Message}
	if len(result.JSONDetails) > 0 {
		answer["details"] = json.RawMessage(result.JSONDetails)
	}
	writeJSON(w, status, answer)
}

func fail(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]string{"message": err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
