package planbench

import (
	"fmt"
	"math"
	"runtime"
	"syscall"
	"time"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// only is the service that a store of one service has.
const only = "service-000"

// A planningCost is what one plan takes.
type planningCost struct {
	// Times of the process, on one core, the least of several runs: until there is
	// a plan, and until there are the bytes to send.
	plan, bytes time.Duration
	allocs      float64
}

// planning measures time and allocations for growing stores.
func (r *report) planning() error {
	// The time of other cores' garbage collection counts too.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var first planningCost
	for _, blocks := range []int{1_000, 10_000, 100_000, 1_000_000} {
		q := TreeQuery(only)
		answers, err := metadataOfOne(q, blocks)
		if err != nil {
			return err
		}
		decoded := new(metastorev1.QueryMetadataResponse)
		if err := decoded.UnmarshalVT(answers[0].Response); err != nil {
			return err
		}
		const runs = 15 // the first ones wait for memory from the system
		ours, err := measurePlanning(runs, func() (request, error) {
			plan, err := queryplan.Build(q, answers, queryplan.Options{})
			return plan.Request, err
		})
		if err != nil {
			return err
		}
		// A third must do: of a million blocks each takes seconds.
		baseline, err := measurePlanning(runs/3, func() (request, error) {
			plan := BaselinePlan(q, decoded)
			return func() *queryv1.InvokeRequest { return plan }, nil
		})
		if err != nil {
			return err
		}
		if blocks == 1_000 {
			first = ours
		}
		name := fmt.Sprintf("planning %d blocks", blocks)
		perBlock := func(d time.Duration) string { return fmt.Sprintf("%.0f ns/block", float64(d)/float64(blocks)) }
		goal, met := "", ""
		if blocks == 100_000 {
			goal, met = "<= 50 ms", verdict(ours.plan <= 50*time.Millisecond)
		}
		r.row(name+": CPU time", milliseconds(ours.plan), milliseconds(baseline.plan), perBlock(ours.plan), goal, met)
		r.row(name+", and the bytes to send: CPU time", milliseconds(ours.bytes), milliseconds(baseline.bytes), perBlock(ours.bytes), "", "")
		r.row(name+": allocations", fmt.Sprintf("%.0f", ours.allocs), fmt.Sprintf("%.0f", baseline.allocs), fmt.Sprintf("%.3f/block", ours.allocs/float64(blocks)),
			"<= 2/block", verdict(ours.allocs <= 2*float64(blocks)))
		if blocks == 1_000_000 {
			n := float64(blocks)
			nLogN := n * math.Log(n) / (1000 * math.Log(1000))
			growth := func(name string, ours, first time.Duration) {
				times := float64(ours) / float64(first)
				r.compare(name+": growth from 1000 blocks against n log n", fmt.Sprintf("%.0f", times), fmt.Sprintf("%.0f", nLogN), times/nLogN, 1)
			}
			growth("planning", ours.plan, first.plan)
			growth("planning, and the bytes to send", ours.bytes, first.bytes)
		}
	}
	return nil
}

// metadataOfOne answers a query for the only service of a store. A store of more
// than 100,000 blocks is several, to save the time to make it.
func metadataOfOne(q queryplan.Query, blocks int) ([]queryplan.Metadata, error) {
	var all queryplan.Metadata
	for seed, made := uint64(1), 0; made < blocks; seed++ {
		store := Synthetic{Blocks: min(blocks, 100_000), Seed: seed, Services: 1, Median: 100 << 10}.Generate()
		answers, err := store.Answer(queryplan.Discovery(q))
		if err != nil {
			return nil, err
		}
		made += len(store.Blocks)
		// Answers one behind the other are one with the blocks of all.
		all.Request, all.Response = answers[0].Request, append(all.Response, answers[0].Response...)
	}
	return []queryplan.Metadata{all}, nil
}

// A request is what makes the message of a plan.
type request func() *queryv1.InvokeRequest

func measurePlanning(runs int, plan func() (request, error)) (planningCost, error) {
	best := planningCost{plan: math.MaxInt64, bytes: math.MaxInt64}
	var before, after runtime.MemStats
	for range runs {
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := processTime()
		request, err := plan()
		if err != nil {
			return best, err
		}
		planned := processTime()
		message := request()
		took := processTime() - began
		runtime.ReadMemStats(&after) // takes time of its own
		best.plan = min(best.plan, planned-began)
		best.allocs = float64(after.Mallocs - before.Mallocs)
		began = processTime()
		if _, err := message.MarshalVT(); err != nil {
			return best, err
		}
		best.bytes = min(best.bytes, took+processTime()-began)
	}
	return best, nil
}

// processTime is the time that the process has spent on any core: on a machine
// that others use too, it says more than the clock.
func processTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}
