package planbench

import (
	"fmt"
	"math"
	"runtime"
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// only is the service that a store of one service has.
const only = "service-000"

// A planningCost is what it takes to plan a query, from the bytes of the metastore's
// answer to the bytes of the request to a query-backend.
type planningCost struct {
	time   time.Duration // of the process, on one core, the least of several runs
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
		const runs = 15 // the first ones wait for memory from the system
		ours, err := measurePlanning(runs, func() ([]byte, error) { return planBytes(q, answers) })
		if err != nil {
			return err
		}
		// A third must do: of a million blocks each takes seconds.
		baseline, err := measurePlanning(runs/3, func() ([]byte, error) { return baselineBytes(q, answers) })
		if err != nil {
			return err
		}
		if blocks == 1_000 {
			first = ours
		}
		name := fmt.Sprintf("planning %d blocks", blocks)
		r.compare(name+": CPU time", milliseconds(ours.time), milliseconds(baseline.time), ratio(float64(ours.time), float64(baseline.time)), 1)
		r.row(name+": allocations", fmt.Sprintf("%.0f", ours.allocs), fmt.Sprintf("%.0f", baseline.allocs), fmt.Sprintf("%.3f/block", ours.allocs/float64(blocks)),
			"<= 2/block", verdict(ours.allocs <= 2*float64(blocks)))
		if blocks == 1_000_000 {
			n := float64(blocks)
			nLogN := n * math.Log(n) / (1000 * math.Log(1000))
			times := float64(ours.time) / float64(first.time)
			r.compare("planning: growth from 1000 blocks against n log n", fmt.Sprintf("%.0f", times), fmt.Sprintf("%.0f", nLogN), times/nLogN, 1)
		}
	}
	return nil
}

// planBytes plans, and encodes the request as gRPC does.
func planBytes(q queryplan.Query, answers []queryplan.Metadata) ([]byte, error) {
	plan, err := queryplan.Build(q, answers, queryplan.Options{})
	if err != nil {
		return nil, err
	}
	return proto.Marshal(plan.Request())
}

// baselineBytes plans as Pyroscope's query-frontend does. It does not prune, and so
// has less to do.
func baselineBytes(q queryplan.Query, answers []queryplan.Metadata) ([]byte, error) {
	answer := new(metastorev1.QueryMetadataResponse)
	if err := proto.Unmarshal(answers[0].Response, answer); err != nil {
		return nil, err
	}
	return proto.Marshal(BaselinePlan(q, answer))
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

func measurePlanning(runs int, plan func() ([]byte, error)) (planningCost, error) {
	best := planningCost{time: math.MaxInt64}
	var before, after runtime.MemStats
	for range runs {
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := processTime()
		if _, err := plan(); err != nil {
			return best, err
		}
		best.time = min(best.time, processTime()-began)
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
