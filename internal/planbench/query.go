package planbench

import (
	"github.com/prometheus/prometheus/model/labels"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// TreeQuery is the query of a flame graph panel over all of a synthetic store's
// time: one profile type, and a service if it is not empty.
func TreeQuery(service string) queryplan.Query {
	q := queryplan.Query{
		Tenants: []string{syntheticTenant},
		Start:   storeStart,
		End:     storeStart + 2*storeLength,
		Matchers: []*labels.Matcher{
			labels.MustNewMatcher(labels.MatchEqual, "__profile_type__", cpuTypes[0]),
		},
		Queries: []*queryv1.Query{{QueryType: queryv1.QueryType_QUERY_TREE, Tree: &queryv1.TreeQuery{MaxNodes: 8192}}},
		Seed:    1,
	}
	if service != "" {
		q.Matchers = append(q.Matchers, labels.MustNewMatcher(labels.MatchEqual, "service_name", service))
	}
	return q
}
