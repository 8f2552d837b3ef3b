package planbench

import (
	"math/rand/v2"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// Pyroscope's query-frontend's shape: see the corpus' Invoke requests.
const (
	baselineLeaf  = 4
	baselineMerge = 20
)

// BaselineDiscovery asks as Pyroscope's query-frontend does: for the datasets
// of an exact service, else for every block's index.
func BaselineDiscovery(q queryplan.Query) *metastorev1.QueryMetadataRequest {
	request := &metastorev1.QueryMetadataRequest{
		TenantId: q.Tenants, StartTime: q.Start, EndTime: q.End,
		Labels: []string{"__unsymbolized__"},
	}
	exact := slices.IndexFunc(q.Matchers, func(m *labels.Matcher) bool {
		return m.Name == "service_name" && m.Type == labels.MatchEqual
	})
	if exact >= 0 {
		request.Query = "{" + q.Matchers[exact].String() + "}"
		return request
	}
	request.Query = `{__tenant_dataset__="dataset_tsdb_index"}`
	request.Labels = append(request.Labels, "__tenant_dataset__")
	return request
}

// BaselinePlan shuffles the blocks and cuts them into leaves of 4 and merges of
// 20, whatever their sizes.
func BaselinePlan(q queryplan.Query, answer *metastorev1.QueryMetadataResponse) *queryv1.InvokeRequest {
	request := &queryv1.InvokeRequest{
		Tenant: q.Tenants, StartTime: q.Start, EndTime: q.End, LabelSelector: "{}", Query: q.Queries,
		Options: &queryv1.InvokeOptions{SanitizeOnMerge: true},
	}
	if len(answer.GetBlocks()) == 0 {
		return request
	}
	blocks := slices.Clone(answer.GetBlocks())
	rand.New(rand.NewPCG(q.Seed, 0)).Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
	var nodes []*queryv1.QueryNode
	for part := range slices.Chunk(blocks, baselineLeaf) {
		nodes = append(nodes, &queryv1.QueryNode{Type: queryv1.QueryNode_READ, Blocks: part})
	}
	for len(nodes) > 1 {
		var merges []*queryv1.QueryNode
		for part := range slices.Chunk(nodes, baselineMerge) {
			merges = append(merges, &queryv1.QueryNode{Type: queryv1.QueryNode_MERGE, Children: part})
		}
		nodes = merges
	}
	request.QueryPlan = &queryv1.QueryPlan{Root: nodes[0]}
	return request
}
