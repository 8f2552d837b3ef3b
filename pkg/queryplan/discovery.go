package queryplan

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A scope is what a query needs to know of the store.
type scope uint8

const (
	// scopeServices: the services are named by a positive matcher, so only
	// their datasets are listed.
	scopeServices scope = iota
	// scopeIndexes: only tenant-wide indexes are listed. They answer the query,
	// and no matcher could prune them.
	scopeIndexes
	// scopeStore: datasets and indexes are listed side by side, for the access
	// path to be chosen by cost, and blocks to be pruned that hold nothing.
	scopeStore
)

func scopeOf(q Query) scope {
	pruning := false
	for _, m := range q.Matchers {
		if !prunes(m) {
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
// request for a named service; two where datasets may lack the label that is
// asked for; none where no series can match. They are independent and may be sent
// at once; their answers go to Build in any order.
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
			metadataRequest(q, []*labels.Matcher{index}),
		}
	default:
		return discoverStore(q)
	}
}

// discoverServices asks for the datasets of the services, with all their
// profile types: pruning by type is done here (see rule_labels), since a type
// pushed down would hide which types a dataset has and whether it is
// unsymbolized.
func discoverServices(q Query) []*metastorev1.QueryMetadataRequest {
	var matchers []*labels.Matcher
	exact := false
	for _, m := range q.Matchers {
		if m.Name == labelServiceName && prunes(m) {
			matchers = append(matchers, m)
			exact = exact || m.Type == labels.MatchEqual
		}
	}
	// Which service it is need not come back: all that do match.
	keep := []string{labelProfileType, labelUnsymbolized}
	services := metadataRequest(q, matchers, keep...)
	if exact {
		return []*metastorev1.QueryMetadataRequest{services}
	}
	// An expression drops what is not labelled with a service: that is asked for
	// beside it. Indexes have no service either. They would not be read but by
	// queries that need no more, where one stands for several services' datasets.
	unlabelled := []*labels.Matcher{lacks(labelServiceName)}
	if !sectionsRead(q.Queries).indexOnly() {
		unlabelled = append(unlabelled, lacks(labelTenantDataset))
	}
	return []*metastorev1.QueryMetadataRequest{services, metadataRequest(q, unlabelled, keep...)}
}

// discoverStore asks for everything that no matcher rules out. Only the profile
// types that are asked for come back, since over a whole store the others would
// be most of the answer; what has no type (indexes, __unsymbolized__, datasets that are not
// labelled) is asked for beside them.
func discoverStore(q Query) []*metastorev1.QueryMetadataRequest {
	var typed, untyped []*labels.Matcher
	for _, m := range q.Matchers {
		if !prunes(m) {
			continue
		}
		typed = append(typed, m)
		if m.Name != labelProfileType {
			untyped = append(untyped, m)
		}
	}
	keep := []string{labelServiceName, labelProfileType, labelUnsymbolized}
	requests := []*metastorev1.QueryMetadataRequest{metadataRequest(q, typed, keep...)}
	if asksForType(q.Matchers) {
		untyped = append(untyped, lacks(labelProfileType))
		requests = append(requests, metadataRequest(q, untyped, keep...))
	}
	return requests
}

// asksForType says that a positive matcher, pushed down, would drop label sets
// that have no profile type.
func asksForType(matchers []*labels.Matcher) bool {
	return slices.ContainsFunc(matchers, func(m *labels.Matcher) bool {
		return m.Name == labelProfileType && prunes(m) && isPositive(m)
	})
}

// lacks matches label sets without a label: a negative matcher passes where the
// label is missing, and this one nowhere else. It costs the metastore no more
// than a comparison with the empty string.
func lacks(label string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchNotRegexp, label, ".+")
}

func metadataRequest(q Query, matchers []*labels.Matcher, keep ...string) *metastorev1.QueryMetadataRequest {
	return &metastorev1.QueryMetadataRequest{
		TenantId:  slices.Clone(q.Tenants),
		StartTime: q.Start,
		EndTime:   q.End,
		Query:     profile.FormatSelector(matchers),
		Labels:    keep,
	}
}
