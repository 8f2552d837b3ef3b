package planbench

import (
	"fmt"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/corpus"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// A Case is one Invoke of Pyroscope's query-frontend.
type Case struct {
	Name  string
	Query queryplan.Query
	// Recorded is the request that was sent; BytesFetched what it came to, 0 if
	// it failed.
	Recorded     *queryv1.InvokeRequest
	BytesFetched uint64
}

// LoadCorpus reads the conformance corpus: the store, and the plans recorded
// over it.
func LoadCorpus() (*Store, []Case, error) {
	recorded, err := corpus.Recorded()
	if err != nil {
		return nil, nil, err
	}
	calls, err := corpus.Cases()
	if err != nil {
		return nil, nil, err
	}
	var cases []Case
	for _, call := range calls {
		invokes, err := call.Invokes()
		if err != nil {
			return nil, nil, err
		}
		for i, invoke := range invokes {
			c, err := newCase(invoke)
			if err != nil {
				return nil, nil, fmt.Errorf("case %s: %w", call.Name, err)
			}
			if c.Name = call.Name; i > 0 {
				c.Name = fmt.Sprintf("%s (%d)", call.Name, i+1)
			}
			cases = append(cases, c)
		}
	}
	return &Store{Blocks: recorded.Blocks}, cases, nil
}

func newCase(invoke corpus.Invoke) (Case, error) {
	r := invoke.Request
	matchers, err := parseSelector(r.LabelSelector)
	return Case{
		Recorded:     r,
		BytesFetched: invoke.Response.GetDiagnostics().GetExecutionNode().GetStats().GetBytesFetched(),
		Query:        queryplan.Query{Tenants: r.Tenant, Start: r.StartTime, End: r.EndTime, Matchers: matchers, Queries: r.Query},
	}, err
}
