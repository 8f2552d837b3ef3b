package querybackend

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A request is an InvokeRequest that was found sound, its plan aside.
type request struct {
	source     *queryv1.InvokeRequest
	tenants    []string
	start, end int64 // Unix milliseconds, both inclusive
	matchers   []*labels.Matcher
	queries    []preparedQuery
	reads      sections // of all queries
}

type preparedQuery struct {
	kind  kind
	query query
}

func (r *request) diagnostics() bool { return r.source.GetOptions().GetCollectDiagnostics() }

func (r *request) ownsTenant(tenant string) bool { return slices.Contains(r.tenants, tenant) }

// newRequest validates all of a request but its plan. Its error has a gRPC
// status.
func newRequest(source *queryv1.InvokeRequest) (*request, error) {
	r := &request{source: source, tenants: source.Tenant, start: source.StartTime, end: source.EndTime}
	if len(r.tenants) == 0 {
		return nil, invalid("no tenant")
	}
	if len(source.Query) == 0 {
		return nil, invalid("no query")
	}
	var err error
	if r.matchers, err = profile.ParseSelector(source.LabelSelector); err != nil {
		return nil, invalid("%v", err)
	}
	seen := map[queryv1.ReportType]bool{}
	for i, q := range source.Query {
		k, err := kindOf(q.GetQueryType())
		if err != nil {
			return nil, invalid("query %d: %v", i, err)
		}
		// The real one merges the reports of one type with each other,
		// whichever query they answer. Nobody can want that.
		if seen[k.report] {
			return nil, invalid("query %d: a second query of type %s: reports of one type are merged", i, q.QueryType)
		}
		seen[k.report] = true
		prepared, err := k.prepare(r, q)
		if err != nil {
			return nil, asInvalid(fmt.Sprintf("query %d, %s", i, q.QueryType), err)
		}
		r.queries = append(r.queries, preparedQuery{k, prepared})
		r.reads = r.reads.with(k.reads)
	}
	return r, nil
}

func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, "query-backend: "+format, args...)
}

// asInvalid is err with a status of InvalidArgument, unless it has a status
// already.
func asInvalid(where string, err error) error {
	if s, ok := status.FromError(err); ok {
		return status.Errorf(s.Code(), "query-backend: %s: %s", where, s.Message())
	}
	return invalid("%s: %v", where, err)
}
