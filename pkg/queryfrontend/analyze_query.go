package queryfrontend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"

	"connectrpc.com/connect"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// AnalyzeQuery says what a flame graph of a selector would read, from metadata
// alone: no query-backend is asked. The query is a label selector, with a profile
// type in front or among its matchers:
//
//	process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name="checkout"}
//
// There is one scope a compaction level. Its component_count is the number of plan
// leaves that read blocks of the level. Metadata knows datasets, not series, so
// the series counts are the numbers of datasets; profiles and samples are not
// known and stay 0.
func (f *Frontend) AnalyzeQuery(ctx context.Context, c *connect.Request[querierv1.AnalyzeQueryRequest]) (*connect.Response[querierv1.AnalyzeQueryResponse], error) {
	p := new(part)
	var err error
	if p.timeRange, p.empty, err = f.timeRange(c.Msg.GetStart(), c.Msg.GetEnd()); err != nil {
		return nil, err
	}
	if p.selection, err = f.labelSelection("query", cmp.Or(c.Msg.GetQuery(), "{}")); err != nil {
		return nil, err
	}
	if err := profileTypeOfName(p.matchers); err != nil {
		return nil, err
	}
	response := &querierv1.AnalyzeQueryResponse{QueryImpact: new(querierv1.QueryImpact)}
	if p.empty {
		return connect.NewResponse(response), nil
	}
	p.readStart = p.start
	p.query = &queryv1.Query{
		QueryType: queryv1.QueryType_QUERY_TREE,
		Tree:      &queryv1.TreeQuery{MaxNodes: f.config.Limits.MaxNodesDefault},
	}
	release, err := f.admission.Admit(ctx, p.class)
	if err != nil {
		return nil, admissionError(err)
	}
	defer release()
	query := f.planQuery(p)
	metadata, _, err := f.discover(ctx, query, Stats{})
	if err != nil {
		return nil, err
	}
	plan, err := buildPlan(ctx, query, metadata, nil)
	if err != nil {
		return nil, err
	}
	request, err := queryplan.Decode(plan.Request())
	if err != nil {
		return nil, malformed("metastore", err)
	}
	response.QueryScopes = scopes(request.GetQueryPlan())
	for _, scope := range response.QueryScopes {
		impact := response.QueryImpact
		impact.TotalBytesInTimeRange = add(impact.TotalBytesInTimeRange, add(scope.IndexBytes, add(scope.ProfileBytes, scope.SymbolBytes)))
		impact.TotalQueriedSeries += scope.SeriesCount
		if impact.TotalBytesInTimeRange == math.MaxUint64 {
			return nil, malformed("metastore", errors.New("the sizes of blocks add up to more than a number of 64 bits holds"))
		}
	}
	return connect.NewResponse(response), nil
}

// profileTypeOfName turns the name in front of a selector into a matcher on the
// profile type, in place.
func profileTypeOfName(matchers []*labels.Matcher) error {
	for i, matcher := range matchers {
		if matcher.Name != model.MetricNameLabel || matcher.Type != labels.MatchEqual {
			continue
		}
		t, err := profile.ParseType(matcher.Value)
		if err != nil {
			return invalid("query", "the name in front of the selector: %w", err)
		}
		matchers[i] = t.Matcher()
	}
	return nil
}

// scopes adds a plan's leaves up by compaction level, lowest first.
func scopes(plan *queryv1.QueryPlan) []*querierv1.QueryScope {
	levels := make(map[uint32]*querierv1.QueryScope)
	nodes := []*queryv1.QueryNode{plan.GetRoot()}
	for len(nodes) > 0 {
		node := nodes[len(nodes)-1]
		nodes = append(nodes[:len(nodes)-1], node.GetChildren()...)
		inLeaf := make(map[uint32]bool)
		for _, block := range node.GetBlocks() {
			level := block.GetCompactionLevel()
			scope := levels[level]
			if scope == nil {
				scope = &querierv1.QueryScope{ComponentType: fmt.Sprintf("blocks of compaction level %d", level)}
				levels[level] = scope
			}
			if !inLeaf[level] {
				inLeaf[level] = true
				scope.ComponentCount++
			}
			addBlock(scope, block)
		}
	}
	sorted := make([]*querierv1.QueryScope, 0, len(levels))
	for _, level := range slices.Sorted(maps.Keys(levels)) {
		sorted = append(sorted, levels[level])
	}
	return sorted
}

func addBlock(scope *querierv1.QueryScope, block *metastorev1.BlockMeta) {
	scope.BlockCount++
	for _, dataset := range block.GetDatasets() {
		scope.SeriesCount++
		sections := queryplan.SectionsOf(dataset)
		scope.ProfileBytes = add(scope.ProfileBytes, sections.Profiles)
		scope.IndexBytes = add(scope.IndexBytes, sections.TSDB)
		scope.SymbolBytes = add(scope.SymbolBytes, sections.Symbols)
	}
}

// add is the sum of two sizes, or the largest where there is none.
func add(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry > 0 {
		return math.MaxUint64
	}
	return sum
}
