package attacktest_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

// Requests of viewers that become more than they are: many at once, as one alone is bounded by its length.
func TestHostileRequests(t *testing.T) {
	const atOnce = 8
	honest := startCluster(t)
	v := startVictim(t)
	from := source(honest, "honest")
	json := map[string][]string{"Content-Type": {"application/json"}}
	gzipped := map[string][]string{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}
	callSites := func(n int) []byte {
		return fmt.Appendf(nil, `{"profileTypeID":%q,"labelSelector":"{}","start":%d,"end":%d,"stackTraceSelector":{"callSite":[{}%s]}}`,
			cpuType, time.Now().Add(-time.Hour).UnixMilli(), time.Now().UnixMilli(), strings.Repeat(",{}", n))
	}
	for name, send := range map[string]func(ctx context.Context) (string, error){
		"1.5 MB of empty objects": func(ctx context.Context) (string, error) {
			status, _, text, err := v.call(ctx, from, "querier.v1.QuerierService/SelectMergeStacktraces", json, callSites(500_000))
			return fmt.Sprint(status, text), err
		},
		"1.5 MB of empty objects, compressed": func(ctx context.Context) (string, error) {
			status, _, text, err := v.call(ctx, from, "querier.v1.QuerierService/SelectMergeStacktraces", gzipped, compressed(callSites(500_000)))
			return fmt.Sprint(status, text), err
		},
		"a gigabyte of spaces, compressed": func(ctx context.Context) (string, error) {
			status, _, text, err := v.call(ctx, from, "querier.v1.QuerierService/SelectMergeStacktraces", gzipped, spaces)
			return fmt.Sprint(status, text), err
		},
		"a query of 100,000 empty ids": func(ctx context.Context) (string, error) {
			q := query(time.Hour, nil)
			q.JSON = fmt.Appendf(nil, `{"queryType":"profile","profileTypeId":%q,"spanSelector":[""%s]}`, cpuType, strings.Repeat(`,""`, 100_000))
			response, err := v.ask(ctx, from, q)
			if err != nil {
				return "", err
			}
			return fmt.Sprint(response.Responses["A"].Error), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			v.resetPeak(t)
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 2*timeout)
			defer cancel()
			var group sync.WaitGroup
			outcomes := make([]string, atOnce)
			errs := make([]error, atOnce)
			for i := range atOnce {
				group.Go(func() { outcomes[i], errs[i] = send(ctx) })
			}
			group.Wait()
			took, peak := time.Since(began), v.peak(t)
			t.Logf("%s, %d MiB: %.300s", took.Round(time.Millisecond), peak>>20, outcomes[0])
			require.False(t, v.Exited(), "the process died")
			for i := range atOnce {
				require.NoError(t, errs[i])
				require.NotEqual(t, "<nil>", outcomes[i])
				require.False(t, strings.HasPrefix(outcomes[i], "200"), outcomes[i])
			}
			requireInTime(t, took)
			require.Less(t, peak, int64(hardLimit))
			v.requireHonest(t, honest)
		})
	}
}

// spaces is a gigabyte of spaces, compressed: gzip members can stand one behind the other.
var spaces = bytes.Repeat(compressed(bytes.Repeat([]byte(" "), 16<<20)), 64)

// A hundred viewers ask for different flame graphs of 20,000 nodes at the same moment. What there is no memory for at
// once waits, and what waits too long is refused.
func TestManyViewers(t *testing.T) {
	if !*long {
		t.Skip("-attack.long runs it: it needs a machine of its own")
	}
	const viewers, nodes = 100, 20_000
	c := startCluster(t)
	c.say(answers{metadata: oneBlock(false), reports: report(typeTree, 6, field(2, flatTree(nodes, 32, false)))})
	v := startVictim(t)
	from := source(c, "viewers")
	v.resetPeak(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*timeout)
	defer cancel()
	began := time.Now()
	var group sync.WaitGroup
	var mu sync.Mutex
	outcomes := map[string]int{}
	var slowest time.Duration
	for i := range viewers {
		group.Go(func() {
			began := time.Now()
			response, err := v.ask(ctx, from, query(time.Hour, map[string]any{"labelSelector": fmt.Sprintf(`{pod!="p%d"}`, i), "maxNodes": nodes}))
			outcome := "answered"
			switch {
			case err != nil:
				outcome = err.Error()
			case response.Responses["A"].Error != nil:
				outcome = fmt.Sprint(response.Responses["A"].Status, ": ", firstWords(response.Responses["A"]))
			case response.Responses["A"].Frames[0].Rows() != nodes+1:
				outcome = "too few rows"
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[outcome]++
			slowest = max(slowest, time.Since(began))
		})
	}
	group.Wait()
	peak := v.peak(t)
	t.Logf("%s, the slowest %s, %d MiB: %v", time.Since(began).Round(time.Millisecond), slowest.Round(time.Millisecond), peak>>20, outcomes)
	require.False(t, v.Exited(), "the process died")
	require.Less(t, peak, int64(hardLimit))
	requireInTime(t, slowest)
	require.Positive(t, outcomes["answered"])
	for outcome := range outcomes {
		require.Regexp(t, `^answered$|^Too Many Requests: |^Gateway Timeout: `, outcome)
	}
	v.requireHonest(t, startCluster(t))
}

// firstWords is the start of an error, without its numbers.
func firstWords(r backend.DataResponse) string {
	words := strings.Fields(r.Error.Error())
	return strings.Join(words[:min(len(words), 4)], " ")
}
