package plugin_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// A randomStore is written to and compacted while it is asked.
type randomStore struct {
	*blockstore.Store
	*rand.Rand
	now time.Time
}

// write writes profiles of some functions that call each other, in the time until now.
func (s *randomStore) write(t *testing.T, profiles int, age time.Duration) {
	t.Helper()
	cpu := &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}
	for range profiles {
		p := &pprof.Profile{SampleType: []*pprof.ValueType{cpu}, PeriodType: cpu, Period: 1}
		service := []string{"x", "y"}[s.IntN(2)]
		for i, name := range []string{"main.main", "lib.Map[int,string].Get", "lib.(*T).Run", "gc.a", "gc.b"} {
			f := &pprof.Function{ID: uint64(i + 1), Name: name}
			p.Function = append(p.Function, f)
			p.Location = append(p.Location, &pprof.Location{ID: f.ID, Line: []pprof.Line{{Function: f}}})
		}
		if service == "y" { // has native code without symbols
			p.Mapping = []*pprof.Mapping{{ID: 1, BuildID: "aa", File: "/usr/lib/libgc.so"}}
			p.Location[4] = &pprof.Location{ID: 5, Mapping: p.Mapping[0], Address: 1 + s.Uint64N(3)}
		}
		for range 1 + s.IntN(4) {
			stack := []*pprof.Location{p.Location[s.IntN(5)]}
			for range s.IntN(4) {
				stack = append(stack, p.Location[s.IntN(5)]) // a function may call itself
			}
			p.Sample = append(p.Sample, &pprof.Sample{Value: []int64{1 + s.Int64N(1000)}, Location: stack})
		}
		require.NoError(t, s.Ingest(blockstore.IngestRequest{
			Tenant:  []string{"a", "b"}[s.IntN(2)],
			Labels:  map[string]string{"__name__": "process_cpu", "service_name": service},
			Profile: p, Time: s.now.Add(-time.Duration(s.Int64N(int64(age)))).Truncate(time.Millisecond),
		}))
	}
	s.Cut()
}

// What refreshes show of each step, with answers that are kept, is what a table of its
// functions says, without: over random stores that change, selections, limits and filters.
func TestRefreshedFunctionSeriesAreTablesOfEachStep(t *testing.T) {
	const step = 20 * time.Second
	compared, reused := 0, 0.0
	for seed := range uint64(6) {
		s := &randomStore{Store: blockstore.New(blockstore.WithShards(2), blockstore.WithSegmentDuration(5*time.Second)), Rand: rand.New(rand.NewPCG(seed, 1)), now: firstProfile}
		s.write(t, 30, 4*time.Minute)
		stack, err := devstack.Start(s.Store, devstack.Config{MetastoreNodes: 1, QueryBackends: 1})
		require.NoError(t, err)
		t.Cleanup(stack.Close)
		c := cluster{Stack: stack, store: s.Store}
		settings := func(changes map[string]any) map[string]any {
			changes["minStep"], changes["tenants"] = "1s", []string{"a", "b"}
			return c.settings(changes)
		}
		cached, plain := newDatasource(t, settings(map[string]any{}), nil), newDatasource(t, settings(map[string]any{"cacheMaxBytes": 0}), nil)
		for range 5 {
			target := map[string]any{
				"labelSelector": []string{`{}`, `{service_name="x"}`, `{service_name="x",__tenant_id__="a"}`}[s.IntN(3)],
				"functions":     []string{"", `(lib)?gc\..*`, `lib\.Map\[int,string\]\.Get|main\.main`}[s.IntN(3)],
			}
			limit, measure := 1+s.IntN(4), []string{"self", "total"}[s.IntN(2)]
			timeRange := backend.TimeRange{From: s.now.Add(-3 * time.Minute), To: s.now}
			for range 2 { // as it is written, and from what was kept
				answer := queryDataEvery(t, cached, timeRange, step, checkoutTarget(target), checkoutTarget(map[string]any{
					"refId": "B", "queryType": "functionSeries", "measure": measure, "show": "value", "limit": limit,
					"labelSelector": target["labelSelector"], "functions": target["functions"],
				}))["B"]
				require.NoError(t, answer.Error)
				reused += statOf(answer.Frames[0], "Bytes reused")
				shown := make(map[string]map[time.Time]float64)
				for _, f := range answer.Frames {
					if len(f.Fields) > 0 {
						function, points := functionPoints(t, f)
						shown[function] = points
					}
				}
				require.Equal(t, tablesOf(t, plain, timeRange, step, target, measure, limit), shown, fmt.Sprint(target, measure, limit))
				compared += len(shown)
			}
			s.now = s.now.Add(time.Duration(1+s.IntN(40)) * time.Second)
			s.write(t, s.IntN(6), 30*time.Second)
			if s.IntN(3) == 0 {
				s.Compact()
			}
		}
	}
	require.Greater(t, compared, 50)
	require.Positive(t, reused)
}

// tablesOf is what tables of each step say of the functions with the largest sums.
func tablesOf(t *testing.T, datasource *plugin.Datasource, r backend.TimeRange, step time.Duration, target map[string]any, measure string, limit int) map[string]map[time.Time]float64 {
	t.Helper()
	sums := make(map[string]float64)
	steps := make(map[time.Time]map[string]float64)
	for at := r.To.UTC().Truncate(step); !at.Add(-step + time.Millisecond).Before(r.From); at = at.Add(-step) {
		of := backend.TimeRange{From: at.Add(-step + time.Millisecond), To: at}
		whole := queryData(t, datasource, of, checkoutTarget(map[string]any{"queryType": "profile", "labelSelector": target["labelSelector"]}))["A"]
		if total, _ := whole.Frames[0].FieldByName("value"); total.Len() == 0 || total.At(0).(int64) == 0 {
			continue // no profiles: no point
		}
		rows := tableOf(t, func(r backend.TimeRange) backend.DataResponse {
			return queryData(t, datasource, r, checkoutTarget(map[string]any{
				"queryType": "topFunctions", "limit": 0, "labelSelector": target["labelSelector"], "functions": target["functions"],
			}))["A"]
		}, at, step)
		steps[at] = make(map[string]float64)
		for name, row := range rows {
			steps[at][name] = row[measure]
			sums[name] += row[measure]
		}
	}
	names := make([]string, 0, len(sums))
	for name := range sums {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b)) })
	want := make(map[string]map[time.Time]float64)
	for _, name := range names[:min(limit, len(names))] {
		want[name] = make(map[time.Time]float64)
		for at, rows := range steps {
			want[name][at] = rows[name]
		}
	}
	return want
}
