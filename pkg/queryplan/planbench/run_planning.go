package planbench

import (
	"fmt"
	"math"
	"runtime"
	"syscall"
	"time"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// only is the service that a store of one service has.
const only = "service-000"

// A planningCost is what one plan and its request take.
type planningCost struct {
	cpu    time.Duration // of the process, on one core, the least of several runs
	allocs float64
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
		ours, err := measurePlanning(func() error {
			plan, err := queryplan.Build(q, answers, queryplan.Options{})
			if err == nil {
				plan.Request()
			}
			return err
		})
		if err != nil {
			return err
		}
		baseline, err := measurePlanning(func() error { BaselinePlan(q, answers[0]); return nil })
		if err != nil {
			return err
		}
		if blocks == 1_000 {
			first = ours
		}
		name := fmt.Sprintf("planning %d blocks", blocks)
		goal, met := "", ""
		if blocks == 100_000 {
			goal, met = "<= 50 ms", verdict(ours.cpu <= 50*time.Millisecond)
		}
		r.row(name+": CPU time", milliseconds(ours.cpu), milliseconds(baseline.cpu), fmt.Sprintf("%.0f ns/block", float64(ours.cpu)/float64(blocks)), goal, met)
		perBlock := ours.allocs / float64(blocks)
		r.row(name+": allocations", fmt.Sprintf("%.0f", ours.allocs), fmt.Sprintf("%.0f", baseline.allocs), fmt.Sprintf("%.3f/block", perBlock), "<= 2/block", verdict(perBlock <= 2))
		if blocks == 1_000_000 {
			n := float64(blocks)
			growth := float64(ours.cpu) / float64(first.cpu)
			nLogN := n * math.Log(n) / (1000 * math.Log(1000))
			r.compare("planning: growth from 1000 blocks against n log n", fmt.Sprintf("%.0f", growth), fmt.Sprintf("%.0f", nLogN), growth/nLogN, 1)
		}
	}
	return nil
}

// metadataOfOne answers a query for the only service of a store. A store of more
// than 100,000 blocks is several, to save the time to make it.
func metadataOfOne(q queryplan.Query, blocks int) ([]*metastorev1.QueryMetadataResponse, error) {
	all := new(metastorev1.QueryMetadataResponse)
	for seed := uint64(1); len(all.Blocks) < blocks; seed++ {
		part := Synthetic{Blocks: min(blocks, 100_000), Seed: seed, Services: 1, Median: 100 << 10}.Generate()
		answers, err := part.Answer(queryplan.Discovery(q))
		if err != nil {
			return nil, err
		}
		all.Blocks = append(all.Blocks, answers[0].Blocks...)
	}
	return []*metastorev1.QueryMetadataResponse{all}, nil
}

func measurePlanning(plan func() error) (planningCost, error) {
	const runs = 7
	best := planningCost{cpu: math.MaxInt64}
	var before, after runtime.MemStats
	for range runs {
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := processTime()
		if err := plan(); err != nil {
			return best, err
		}
		best.cpu = min(best.cpu, processTime()-began)
		runtime.ReadMemStats(&after)
		best.allocs = float64(after.Mallocs - before.Mallocs)
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
