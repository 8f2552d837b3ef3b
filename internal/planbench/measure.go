package planbench

import (
	"fmt"
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// A Cost is what executing a plan takes. A plan that is not needed, because
// metadata alone answers, costs nothing.
type Cost struct {
	Bytes  uint64 // fetched from object storage
	Blocks int
	Wire   int // bytes of the request
}

// CostOf measures a request by the whole metadata of the store.
func (s *Store) CostOf(q queryplan.Query, request *queryv1.InvokeRequest) (Cost, error) {
	c := Cost{Wire: request.SizeVT()}
	blocks := make(map[string]bool)
	decoded, err := queryplan.Decode(request)
	if err != nil {
		return Cost{}, err
	}
	for _, leaf := range Leaves(decoded.GetQueryPlan().GetRoot()) {
		bytes, err := s.Fetched(q, leaf)
		if err != nil {
			return Cost{}, err
		}
		c.Bytes += bytes
		for _, b := range leaf.Blocks {
			blocks[b.Id] = true
		}
	}
	c.Blocks = len(blocks)
	return c, nil
}

// Leaves returns the READ nodes of a plan in order.
func Leaves(root *queryv1.QueryNode) []*queryv1.QueryNode {
	var leaves []*queryv1.QueryNode
	ahead := []*queryv1.QueryNode{root}
	for len(ahead) > 0 {
		n := ahead[len(ahead)-1]
		ahead = ahead[:len(ahead)-1]
		if n.GetType() == queryv1.QueryNode_READ {
			leaves = append(leaves, n)
		}
		for i := len(n.GetChildren()) - 1; i >= 0; i-- {
			ahead = append(ahead, n.GetChildren()[i])
		}
	}
	return leaves
}

// refused are the corpus' cases that Pyroscope's query-frontend planned,
// executed and saw fail. This one refuses them before anything is sent (see the
// corpus' README), so they cost it nothing.
var refused = []string{"bad_span_id", "timeseries_exemplars_span"}

// A Comparison is a case's cost with either planner.
type Comparison struct {
	Name           string
	Ours, Baseline Cost
}

// CompareCorpus costs all cases of the corpus. The baseline's bytes are those
// that were recorded, where the recorded execution succeeded.
func CompareCorpus(store *Store, cases []Case) ([]Comparison, error) {
	compared := make([]Comparison, len(cases))
	for i, c := range cases {
		compared[i].Name = c.Name
		var err error
		if compared[i].Baseline, err = store.Baseline(c.Query); err != nil {
			return nil, fmt.Errorf("case %s: baseline: %w", c.Name, err)
		}
		if c.BytesFetched > 0 {
			compared[i].Baseline.Bytes = c.BytesFetched
		}
		if slices.Contains(refused, c.Name) {
			continue
		}
		if compared[i].Ours, err = store.Ours(c.Query); err != nil {
			return nil, fmt.Errorf("case %s: %w", c.Name, err)
		}
	}
	return compared, nil
}

// Ours costs the planner's own plan, or nothing where metadata answers.
func (s *Store) Ours(q queryplan.Query) (Cost, error) {
	if _, ok := queryplan.MetadataLabels(q); ok {
		return Cost{}, nil
	}
	answers, err := s.Answer(queryplan.Discovery(q))
	if err != nil {
		return Cost{}, err
	}
	plan, err := queryplan.Build(q, answers, queryplan.Options{})
	if err != nil || plan.Empty() {
		return Cost{}, err
	}
	return s.CostOf(q, plan.Request())
}

// Baseline costs Pyroscope's query-frontend's plan.
func (s *Store) Baseline(q queryplan.Query) (Cost, error) {
	answer, err := s.QueryMetadata(BaselineDiscovery(q))
	if err != nil {
		return Cost{}, err
	}
	return s.CostOf(q, BaselinePlan(q, answer))
}

func (c Cost) plus(d Cost) Cost {
	return Cost{Bytes: c.Bytes + d.Bytes, Blocks: c.Blocks + d.Blocks, Wire: c.Wire + d.Wire}
}

func ratio[N int | uint64 | float64](a, b N) float64 { return float64(a) / float64(b) }
