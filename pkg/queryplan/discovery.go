package queryplan

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// A scope is what a query needs to know of the store.
type scope uint8

const (
	// scopeServices: the services are named by a positive matcher, so only
	// their data sets are listed.
	scopeServices scope = iota
	// scopeIndexes: only tenant-wide indexes are listed. They answer the query,
	// and no matcher could prune them.
	scopeIndexes
	// scopeStore: data sets and indexes are listed side by side, for the access
	// path to be chosen by cost, and blocks to be pruned that hold nothing.
	scopeStore
)

func scopeOf(q Query) scope {
	pruning := false
	for _, m := range q.Matchers {
		if !isMetadataLabel(m.Name) || m.Matches("") && isPositive(m) {
			continue
		}
		if m.Name == labelServiceName && isPositive(m) {
			return scopeServices
		}
		pruning = true
	}
	if sectionsRead(q.Queries).indexOnly() && !pruning {
		return scopeIndexes
	}
	return scopeStore
}

// Discovery returns what to ask the metastore before a plan can be built: one
// request; two where services are given by an open regular expression; none
// where no series can match. They are independent and may be sent at once; their
// answers go to Build in any order.
//
// A query that spans several others (the range that covers theirs, all their
// Queries, the same tenants and matchers) discovers for all of them. See the
// package's documentation for what is pushed down and why.
func Discovery(q Query) []*metastorev1.QueryMetadataRequest {
	if contradictory(q.Matchers) {
		return nil
	}
	switch scopeOf(q) {
	case scopeServices:
		return discoverServices(q)
	case scopeIndexes:
		index := labels.MustNewMatcher(labels.MatchEqual, labelTenantDataset, tenantIndex)
		return []*metastorev1.QueryMetadataRequest{
			metadataRequest(q, []*labels.Matcher{index}, labelTenantDataset),
		}
	default:
		return []*metastorev1.QueryMetadataRequest{discoverStore(q)}
	}
}

// discoverServices asks for the data sets of the services, with all their
// profile types: pruning by type is done here (see pruneByLabels), since a type
// pushed down would hide which types a data set has and whether it is
// unsymbolized.
func discoverServices(q Query) []*metastorev1.QueryMetadataRequest {
	noIndex := labels.MustNewMatcher(labels.MatchNotRegexp, labelTenantDataset, ".+")
	matchers := make([]*labels.Matcher, 0, len(q.Matchers)+1)
	var open bool
	for _, m := range q.Matchers {
		if m.Name != labelServiceName || m.Matches("") && isPositive(m) {
			continue
		}
		if turned, ok := unlessOther(m); ok {
			m = turned
		} else if isPositive(m) {
			open = true
		}
		matchers = append(matchers, m)
	}
	if !open {
		return []*metastorev1.QueryMetadataRequest{
			metadataRequest(q, append(matchers, noIndex), labelServiceName, labelProfileType, labelUnsymbolized),
		}
	}
	// An open expression has no complement, and drops what is not labelled with
	// a service: that is asked for beside it.
	unlabelled := []*labels.Matcher{labels.MustNewMatcher(labels.MatchNotRegexp, labelServiceName, ".+"), noIndex}
	return []*metastorev1.QueryMetadataRequest{
		metadataRequest(q, matchers, labelServiceName, labelProfileType, labelUnsymbolized),
		metadataRequest(q, unlabelled, labelProfileType, labelUnsymbolized),
	}
}

// discoverStore asks for everything that no matcher rules out. Only the profile
// types that are asked for come back, since over a whole store the others would
// be most of the answer.
func discoverStore(q Query) *metastorev1.QueryMetadataRequest {
	matchers := make([]*labels.Matcher, 0, len(q.Matchers))
	for _, m := range q.Matchers {
		if !isMetadataLabel(m.Name) {
			continue
		}
		if isPositive(m) {
			turned, ok := unlessOther(m)
			if !ok {
				continue // pruneByLabels sees to it
			}
			m = turned
		}
		matchers = append(matchers, m)
	}
	return metadataRequest(q, matchers, labelServiceName, labelProfileType, labelTenantDataset, labelUnsymbolized)
}

func metadataRequest(q Query, matchers []*labels.Matcher, keep ...string) *metastorev1.QueryMetadataRequest {
	return &metastorev1.QueryMetadataRequest{
		TenantId:  slices.Clone(q.Tenants),
		StartTime: q.Start,
		EndTime:   q.End,
		Query:     formatSelector(matchers),
		Labels:    keep,
	}
}
