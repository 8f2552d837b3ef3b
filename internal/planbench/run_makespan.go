package planbench

import (
	"fmt"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// makespan simulates clusters of several sizes over 100,000 blocks of a service.
func (r *report) makespan() error {
	store := Synthetic{Blocks: 100_000, Seed: 1, Services: 1, Median: 100 << 10}.Generate()
	q := TreeQuery(only)
	answers, err := store.Answer(queryplan.Discovery(q))
	if err != nil {
		return err
	}
	plan, err := queryplan.Build(q, answers, queryplan.Options{})
	if err != nil {
		return err
	}
	answer, err := store.QueryMetadata(BaselineDiscovery(q))
	if err != nil {
		return err
	}
	request, err := queryplan.Decode(plan.Request())
	if err != nil {
		return err
	}
	ours, baseline := request.QueryPlan.Root, BaselinePlan(q, answer).QueryPlan.Root
	ourBytes, err := store.leafBytes(q, ours)
	if err != nil {
		return err
	}
	baselineBytes, err := store.leafBytes(q, baseline)
	if err != nil {
		return err
	}
	for _, roundRobin := range []bool{false, true} {
		policy, goal, boundGoal := "to the first that is free", 0.7, 1.15
		if roundRobin {
			policy, boundGoal = "in turn", 0
		}
		for _, backends := range []int{10, 100, 500} {
			mine := simulateMany(Cluster{Backends: backends, RoundRobin: roundRobin}, ours, ourBytes)
			theirs := simulateMany(Cluster{Backends: backends, RoundRobin: roundRobin}, baseline, baselineBytes)
			name := fmt.Sprintf("makespan on %d query-backends, %s", backends, policy)
			seconds := func(s float64) string { return fmt.Sprintf("%.2f s", s) }
			r.compare(name, seconds(mine.Seconds), seconds(theirs.Seconds), ratio(mine.Seconds, theirs.Seconds), goal)
			r.compare(name+": against the bound", seconds(mine.Seconds), seconds(mine.Bound), ratio(mine.Seconds, mine.Bound), boundGoal)
		}
	}
	return nil
}

// leafBytes is what each leaf fetches, in the order of Leaves.
func (s *Store) leafBytes(q queryplan.Query, root *queryv1.QueryNode) ([]uint64, error) {
	byID := make(map[string]*metastorev1.BlockMeta, len(s.Blocks))
	for _, b := range s.Blocks {
		byID[b.Id] = b
	}
	leaves := Leaves(root)
	bytes := make([]uint64, len(leaves))
	for i, leaf := range leaves {
		for _, planned := range leaf.Blocks {
			n, err := fetchedOf(q, byID[planned.Id], planned)
			if err != nil {
				return nil, err
			}
			bytes[i] += n
		}
	}
	return bytes, nil
}

// simulateMany is the mean of several runs.
func simulateMany(c Cluster, root *queryv1.QueryNode, leafBytes []uint64) Makespan {
	const runs = 10
	var mean Makespan
	for seed := range uint64(runs) {
		c.Seed = seed
		m := c.Simulate(root, leafBytes)
		mean.Seconds += m.Seconds / runs
		mean.Bound += m.Bound / runs
	}
	return mean
}
