package planbench

import (
	"fmt"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// wire compares the sizes of requests over 100,000 blocks.
func (r *report) wire() error {
	one := Synthetic{Blocks: 100_000, Seed: 1, Services: 1, Median: 100 << 10}.Generate()
	if err := r.wireOf("wire size of 100000 blocks: a service", one, TreeQuery(only), 0.5); err != nil {
		return err
	}
	many := Synthetic{Blocks: 20_000, Seed: 1, Services: 200, Median: 1 << 20}.Generate()
	return r.wireOf("wire size of 20000 blocks of 200 services: all of them", many, TreeQuery(""), 0)
}

func (r *report) wireOf(name string, store *Store, q queryplan.Query, goal float64) error {
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
	ours, baseline := plan.Request().SizeVT(), BaselinePlan(q, answer).SizeVT()
	size := func(n int) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) }
	r.compare(name, size(ours), size(baseline), ratio(ours, baseline), goal)
	return nil
}
