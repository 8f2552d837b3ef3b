package queryplan

import (
	"errors"

	"github.com/prometheus/prometheus/model/labels"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// A Query is what a plan is made for: the parts of a query.v1.InvokeRequest that
// do not depend on where the data is.
type Query struct {
	// Tenants own the data. At least one is needed.
	Tenants []string
	// Start and End bound the profiles' time in Unix milliseconds, both inclusive.
	Start, End int64
	// Matchers select series. All of them must match.
	Matchers []*labels.Matcher
	// Queries run together in one pass over the plan: a query-backend opens a data
	// set once for all of them. It merges reports by their type and has one time
	// range a request, so queries can only share a plan if no two are of the same
	// type and all want the same range.
	Queries []*queryv1.Query
	// Seed varies the order of siblings in the plan, so that the same query of
	// many panels does not start at the same query-backend. The same query, seed
	// and metadata always make the same plan.
	Seed uint64
	// Diagnostics asks query-backends for the execution tree that Explain joins
	// to the plan.
	Diagnostics bool
}

// Errors of Build about the query; what is wrong with metadata is a
// *MetadataError.
var (
	ErrNoTenant = errors.New("query plan: no tenant: at least one is needed")
	ErrNoQuery  = errors.New("query plan: no query: at least one is needed")
)

func (q Query) validate() error {
	if len(q.Tenants) == 0 {
		return ErrNoTenant
	}
	if len(q.Queries) == 0 {
		return ErrNoQuery
	}
	return nil
}
