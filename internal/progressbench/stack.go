package progressbench

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/profilegen"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

const (
	// service is who asks for its CPU profiles, which are in the store again and again, apart from each other.
	service       = "checkout"
	apart         = time.Minute
	queryBackends = 3
)

// A stack is a slow cluster and a data source of it.
type stack struct {
	cluster    *devstack.Stack
	datasource *plugin.Datasource
	timeRange  backend.TimeRange
}

// start slows query-backends so that a query of a kind takes about so long. The profiles are there so many times; of two
// thirds, blocks were compacted.
func start(kind string, takes time.Duration, times int) (*stack, error) {
	recordings, err := devstack.Recordings()
	if err != nil {
		return nil, err
	}
	recordings = slices.DeleteFunc(recordings, func(r *profilegen.Recording) bool { return r.Service != service || r.Kind != profilegen.CPU })
	began := time.Now().Add(-time.Duration(times) * apart).Truncate(time.Second)
	store := blockstore.New()
	for i := range times {
		if err := devstack.Load(store, "anonymous", recordings, began.Add(time.Duration(i)*apart)); err != nil {
			return nil, err
		}
		if i == times*2/3 {
			store.Compact()
		}
	}
	s := &stack{timeRange: backend.TimeRange{From: began.Add(-time.Minute), To: began.Add(time.Duration(times) * apart)}}
	if s.cluster, err = devstack.Start(store, devstack.Config{QueryBackends: queryBackends}); err != nil {
		return nil, err
	}
	if err := s.slow(kind, takes); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stack) close() {
	if s.datasource != nil {
		s.datasource.Dispose()
	}
	s.cluster.Close()
}

// renew makes a data source that knows nothing.
func (s *stack) renew() error {
	if s.datasource != nil {
		s.datasource.Dispose()
	}
	settings, err := json.Marshal(map[string]any{
		"metastoreAddress": s.cluster.MetastoreAddress(), "queryBackendAddress": s.cluster.QueryBackendAddress(), "timeout": "10m",
	})
	if err != nil {
		return err
	}
	instance, err := plugin.NewFactory(prometheus.NewRegistry(), memory.NewBudget(4<<30)).NewDatasource(context.Background(), backend.DataSourceInstanceSettings{JSONData: settings})
	if err != nil {
		return err
	}
	s.datasource = instance.(*plugin.Datasource)
	return nil
}

func (s *stack) slow(kind string, takes time.Duration) error {
	if err := s.renew(); err != nil {
		return err
	}
	answer, err := s.ask(context.Background(), kind, "")
	if err != nil {
		return err
	}
	bytes := 0.0
	for _, stat := range answer.Frames[0].Meta.Stats {
		if stat.DisplayName == "Bytes fetched" {
			bytes = stat.Value
		}
	}
	for _, server := range s.cluster.QueryBackends {
		server.Faults().SetPace(int64(bytes / takes.Seconds() / queryBackends))
	}
	return s.renew()
}

// ask sends one request, of a run where there is an id.
func (s *stack) ask(ctx context.Context, kind, run string) (backend.DataResponse, error) {
	target := map[string]any{"queryType": kind, "profileTypeId": "process_cpu:cpu:nanoseconds:cpu:nanoseconds", "labelSelector": `{service_name="` + service + `"}`}
	if run != "" {
		target["progress"] = map[string]any{"run": run}
	}
	raw, err := json.Marshal(target)
	if err != nil {
		return backend.DataResponse{}, err
	}
	response, err := s.datasource.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", TimeRange: s.timeRange, Interval: 15 * time.Second, JSON: raw}}})
	if err != nil {
		return backend.DataResponse{}, err
	}
	answer := response.Responses["A"]
	if answer.Error == nil && len(answer.Frames) == 0 {
		return answer, errors.New("an answer without frames")
	}
	return answer, answer.Error
}

func (s *stack) requests() (n int64) {
	for _, server := range s.cluster.QueryBackends {
		n += server.Faults().Requests()
	}
	return n
}

func (s *stack) inFlight() (n int64) {
	for _, server := range s.cluster.QueryBackends {
		n += server.Faults().InFlight()
	}
	return n
}
