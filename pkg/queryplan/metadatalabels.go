package queryplan

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// MetadataLabels returns the request that answers a query from the metastore
// alone, and whether there is one: a query for the values of service_name or
// __profile_type__, or for series of just these labels, under matchers on just
// these labels. No query-backend is needed then.
//
// A label set of the answer may lack a label that was asked for: its value is
// empty then (indexes have no service, __unsymbolized__ no profile type). Such sets
// are no answer and must be left out.
func MetadataLabels(q Query) (*metastorev1.QueryMetadataLabelsRequest, bool) {
	if len(q.Queries) != 1 || contradictory(q.Matchers) {
		return nil, false
	}
	wanted := labelsWanted(q.Queries[0])
	if len(wanted) == 0 || !allMetadataLabels(wanted) {
		return nil, false
	}
	matchers := make([]*labels.Matcher, 0, len(q.Matchers))
	for _, m := range q.Matchers {
		if !isMetadataLabel(m.Name) {
			return nil, false
		}
		if isPositive(m) && m.Matches("") {
			if m.Type != labels.MatchRegexp || m.Value != ".*" {
				return nil, false // series without the label: metadata cannot tell
			}
			continue
		}
		matchers = append(matchers, m)
	}
	return &metastorev1.QueryMetadataLabelsRequest{
		TenantId:  slices.Clone(q.Tenants),
		StartTime: q.Start,
		EndTime:   q.End,
		Query:     profile.FormatSelector(matchers),
		Labels:    wanted,
	}, true
}

func labelsWanted(q *queryv1.Query) []string {
	switch q.GetQueryType() {
	case queryv1.QueryType_QUERY_LABEL_VALUES:
		return []string{q.GetLabelValues().GetLabelName()}
	case queryv1.QueryType_QUERY_SERIES_LABELS:
		return slices.Clone(q.GetSeriesLabels().GetLabelNames())
	}
	return nil
}

func allMetadataLabels(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !isMetadataLabel(name) })
}
