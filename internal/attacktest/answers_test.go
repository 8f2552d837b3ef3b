package attacktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
)

// An attack is one kind of answer, and who asks for it.
type attack struct {
	name  string
	says  func() answers
	query map[string]any
	span  time.Duration
	// method and request ask the Query API in place of a panel.
	method  string
	request map[string]any
	// notice is in the answer, or error is: one of the two.
	notice, failure string
}

const (
	typeTimeSeries = 4
	typeTree       = 5
	typePprof      = 6
	typeHeatmap    = 7
	typeCompact    = 8
)

func ago(d time.Duration) uint64 { return uint64(time.Now().Add(-d).UnixMilli()) }

func reports(of func() []byte) func() answers {
	return func() answers { return answers{reports: of()} }
}

// sharedName is a call tree of 200,000 nodes that all refer to one name of 600 kB: 1.2 MB.
func sharedName() []byte {
	return report(typeTree, 6, field(2, deepTree(200_000)), field(4, text(1, ""), text(1, strings.Repeat("n", 600_000)), text(1, strings.Repeat("m", 600_000))))
}

func emptyBlocks() []byte { return times(10_000_000, field(1)) }

// emptySamples is a pprof profile with nothing but samples without anything, 20 MB, compressed.
func emptySamples() []byte {
	return compressed(append(text(6, ""), times(10_000_000, field(2))...))
}

var attacks = []attack{
	{name: "references to one long name: flame graph", says: reports(sharedName), query: map[string]any{"maxNodes": 1_000_000}},
	{name: "references to one long name: tree", says: reports(sharedName), method: "SelectMergeStacktraces",
		request: map[string]any{"format": "PROFILE_FORMAT_TREE", "maxNodes": 1_000_000}, failure: "takes 112 GiB written out"},
	{name: "references to one long name: functions", says: reports(sharedName), query: map[string]any{"queryType": "topFunctions"}},
	{name: "references: 5 million nodes", says: reports(func() []byte {
		return report(typeTree, 6, field(2, flatTree(5_000_000, 0, true)), field(4, text(1, ""), text(1, "main")))
	})},
	{name: "tree of 5 million nodes", says: func() answers {
		return answers{metadata: oneBlock(false), reports: report(typeTree, 6, field(2, flatTree(5_000_000, 4, false)))}
	}, notice: "sent a call tree of 5000001 nodes, more than it was asked for"},
	{name: "tree of 1.9 million nodes, a million asked", query: map[string]any{"maxNodes": 1_000_000}, says: func() answers {
		return answers{metadata: oneBlock(false), reports: report(typeTree, 6, field(2, flatTree(1_900_000, 4, false)))}
	}, failure: "memory"},
	{name: "tree of 500,000 nodes for 8,192", says: func() answers {
		return answers{metadata: oneBlock(false), reports: report(typeTree, 6, field(2, flatTree(500_000, 8, false)))}
	}, notice: "sent a call tree of 500001 nodes, more than it was asked for"},
	{name: "heat map of 600 sparse series", span: 24 * time.Hour, query: map[string]any{"queryType": "heatmap", "limit": 600},
		says: reports(func() []byte {
			return report(typeHeatmap, 8, each(600, func(i int) []byte {
				return field(2, packed(1, uint64(i)), field(2, varint(1, ago(23*time.Hour)), varint(4, 1)), field(2, varint(1, ago(time.Hour)), varint(4, 100)))
			}), field(3, each(600, func(int) []byte { return text(1, "pod") }), each(600, func(i int) []byte { return text(2, fmt.Sprint(i)) })))
		}), notice: "series are left out"},
	{name: "selector of 400 kB, 1,000 series", query: map[string]any{"queryType": "metrics", "labelSelector": `{pod!="` + strings.Repeat("p", 400_000) + `"}`},
		says: reports(func() []byte { return report(typeTimeSeries, 5, manySeries(1_000)) })},
	{name: "100,000 series of a point", query: map[string]any{"queryType": "metrics"},
		says: reports(func() []byte { return report(typeTimeSeries, 5, manySeries(100_000)) }), notice: "98000 of 100000 series are left out"},
	{name: "a series of a million points", query: map[string]any{"queryType": "metrics"},
		says: reports(func() []byte {
			end := ago(0)
			return report(typeTimeSeries, 5, field(2, each(1_000_000, func(i int) []byte { return field(2, pointValue(1), varint(2, end-uint64(i%3_000_000))) })))
		})},
	{name: "a series of 300,000 points", query: map[string]any{"queryType": "metrics"},
		says: reports(func() []byte {
			start := ago(55 * time.Minute)
			return report(typeTimeSeries, 5, field(2, each(300_000, func(i int) []byte { return field(2, pointValue(1), varint(2, start+uint64(10*i))) })))
		}), notice: "points are left out"},
	{name: "6,000 exemplars with a label each", query: map[string]any{"queryType": "metrics", "exemplars": "individual"},
		says: reports(func() []byte {
			at := ago(time.Minute)
			return report(typeCompact, 9, field(2, field(2, pointValue(1), varint(2, at), each(6_000, func(i int) []byte {
				return field(4, varint(1, at), text(2, "p"), varint(4, 1), packed(5, uint64(i)))
			}))), field(3, each(6_000, func(i int) []byte { return text(1, fmt.Sprintf("name%d", i)) }), times(6_000, text(2, "v"))))
		}), notice: "4950 labels of the exemplars are left out"},
	{name: "10 million references to labels", query: map[string]any{"queryType": "metrics", "exemplars": "individual"},
		says: reports(func() []byte {
			return report(typeCompact, 9, field(2, field(1, make([]byte, 10_000_000)), field(2, pointValue(1), varint(2, ago(time.Minute)))), field(3, text(1, "a"), text(2, "b")))
		}), failure: "memory"},
	{name: "10 million empty blocks", says: func() answers { return answers{metadata: emptyBlocks()} }, failure: "memory"},
	{name: "10 million empty blocks, compressed", says: func() answers { return answers{metadata: emptyBlocks(), gzip: true} }, failure: "compressed bytes become"},
	{name: "10 million empty labels", says: func() answers { return answers{labels: times(10_000_000, field(1))} }, method: "Series",
		request: map[string]any{"labelNames": []string{"__profile_type__"}}, failure: "memory"},
	{name: "10 million steps of execution", query: map[string]any{"queryType": "plan"},
		says: reports(func() []byte { return field(2, field(2, times(10_000_000, field(5)))) }), failure: "memory"},
	{name: "pprof of 20 kB: pprof", says: reports(func() []byte { return report(typePprof, 7, field(2, emptySamples())) }), method: "SelectMergeStacktraces",
		request: map[string]any{"format": "PROFILE_FORMAT_PPROF"}, failure: "unpacks to more than"},
	{name: "pprof of 20 kB: DOT", says: reports(func() []byte { return report(typePprof, 7, field(2, emptySamples())) }), method: "SelectMergeStacktraces",
		request: map[string]any{"format": "PROFILE_FORMAT_DOT"}, failure: "unpacks to more than"},
	{name: "pprof of 10 million empty samples", says: reports(func() []byte { return report(typePprof, 7, field(2, times(10_000_000, field(2)))) }),
		method: "SelectMergeStacktraces", request: map[string]any{"format": "PROFILE_FORMAT_PPROF"}, failure: "memory"},
	{name: "an answer of 60 MB", says: reports(func() []byte { return report(typeTree, 6, field(2, make([]byte, 60_000_000))) }), failure: "larger than"},
	{name: "reports, 10 million of them", says: reports(func() []byte { return times(10_000_000, field(1)) }), failure: "memory"},
}

func manySeries(n int) []byte {
	at := ago(time.Minute)
	return each(n, func(i int) []byte {
		return field(2, field(1, text(1, "pod"), text(2, fmt.Sprintf("pod-%d", i))), field(2, pointValue(float64(i)), varint(2, at)))
	})
}

// what is measured of an attack.
type measured struct {
	name    string
	died    bool
	took    time.Duration
	peak    int64
	outcome string
}

func TestHostileAnswers(t *testing.T) {
	hostile, honest := startCluster(t), startCluster(t)
	v := startVictim(t)
	var table []measured
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			hostile.say(a.says())
			m := v.attacked(t, a, hostile)
			table = append(table, m)
			t.Logf("%s, %d MiB: %s", m.took.Round(time.Millisecond), m.peak>>20, m.outcome)
			if m.died {
				v.restart(t)
				t.Fatal("the process died")
			}
			requireInTime(t, m.took)
			require.Less(t, m.peak, int64(hardLimit))
			if inTime.MatchString(m.outcome) {
				t.Skipf("the machine is too slow to see more than that it ends in time: %s", m.outcome)
			}
			require.Contains(t, m.outcome, a.failure+a.notice)
			v.requireHonest(t, honest)
		})
	}
	if *printTable {
		writeTable(table)
	}
}

// inTime are the errors of a query that reached its deadline.
var inTime = regexp.MustCompile(`did not answer in time|no answer within|reached its deadline`)

func (v *victim) attacked(t *testing.T, a attack, c *cluster) (m measured) {
	t.Helper()
	v.resetPeak(t)
	began := time.Now()
	response := v.attack(t.Context(), a, source(c, "hostile"))
	m.name, m.took = a.name, time.Since(began)
	m.peak = v.peak(t)
	switch {
	case response.lost != nil:
		m.outcome = response.lost.Error()
		for range 20 { // the exit is seen a moment later
			if m.died = v.Exited(); m.died {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
	case a.method != "":
		m.outcome = response.text
	default:
		m.outcome = outcome(t, response.data)
	}
	return m
}

// response is what came of an attack; lost is set where nothing came.
type response struct {
	data backend.DataResponse
	text string
	lost error
}

// attack asks what an attack asks.
func (v *victim) attack(ctx context.Context, a attack, from backend.PluginContext) (r response) {
	ctx, cancel := context.WithTimeout(ctx, 2*timeout)
	defer cancel()
	if a.method != "" {
		r.text, r.lost = v.askAPI(ctx, from, a)
		return r
	}
	span := a.span
	if span == 0 {
		span = time.Hour
	}
	answer, err := v.ask(ctx, from, query(span, a.query))
	if err != nil {
		return response{lost: err}
	}
	return response{data: answer.Responses["A"]}
}

func (v *victim) askAPI(ctx context.Context, from backend.PluginContext, a attack) (string, error) {
	request := map[string]any{"start": time.Now().Add(-time.Hour).UnixMilli(), "end": time.Now().UnixMilli()}
	if a.method != "Series" {
		request["profileTypeID"], request["labelSelector"] = cpuType, "{}"
	}
	for name, value := range a.request {
		request[name] = value
	}
	body, err := json.Marshal(request)
	if err != nil {
		return "", err
	}
	status, length, text, err := v.call(ctx, from, "querier.v1.QuerierService/"+a.method, map[string][]string{"Content-Type": {"application/json"}}, body)
	return fmt.Sprintf("%d: %d bytes: %s", status, length, text), err
}

// outcome is the error or the notices of an answer, which is within the limits.
func outcome(t *testing.T, r backend.DataResponse) string {
	t.Helper()
	if r.Error != nil {
		return r.Error.Error()
	}
	rows, texts, columns := 0, []string{}, 0
	for _, f := range r.Frames {
		rows += f.Rows()
		columns += len(f.Fields)
		for _, n := range f.Meta.Notices {
			texts = append(texts, n.Text)
		}
		require.LessOrEqual(t, len(f.Meta.ExecutedQueryString), 20_000)
	}
	require.LessOrEqual(t, len(r.Frames), frame.MaxSeries+2)
	require.LessOrEqual(t, rows, frame.MaxCells)
	return fmt.Sprintf("%d frames, %d rows, %d columns: %s", len(r.Frames), rows, columns, strings.Join(texts, " "))
}

func writeTable(table []measured) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	_, _ = fmt.Fprintln(w, "| attack \t| peak, MiB \t| time \t| outcome \t|")
	_, _ = fmt.Fprintln(w, "| --- \t| ---: \t| ---: \t| --- \t|")
	for _, m := range table {
		peak, how := fmt.Sprint(m.peak>>20), "answered"
		switch {
		case m.died:
			peak, how = "–", "dies"
		case m.took > timeout+slack:
			how = "no answer in time"
		}
		_, _ = fmt.Fprintf(w, "| %s \t| %s \t| %.1f s \t| %s \t|\n", m.name, peak, m.took.Seconds(), how)
	}
	_ = w.Flush()
}
