package queryplan_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

func treeQuery(matchers ...*labels.Matcher) queryplan.Query {
	return queryplan.Query{
		Tenants: []string{"us"}, Start: 1000, End: 2000, Matchers: matchers,
		Queries: []*queryv1.Query{{QueryType: queryv1.QueryType_QUERY_TREE, Tree: &queryv1.TreeQuery{}}},
	}
}

// blockOf is a compacted block of one tenant with a dataset that another may own.
func blockOf(owner, setOwner, service string) *metastorev1.BlockMeta {
	return &metastorev1.BlockMeta{
		Id: "01M82B00000000000000000000", Tenant: 1, CompactionLevel: 1, Size: 1 << 20, StringTable: []string{"", owner, setOwner, service},
		Datasets: []*metastorev1.Dataset{{Tenant: 2, Name: 3, MinTime: 1000, MaxTime: 2000, Size: 1 << 10, TableOfContents: []uint64{0, 1, 2}}},
	}
}

// A block's place in object storage is its tenant's: whatever its datasets say, a
// block of another tenant is not read.
func TestABlockOfAnotherTenantIsNotPlanned(t *testing.T) {
	for name, test := range map[string]struct {
		block   *metastorev1.BlockMeta
		planned bool
	}{
		"ours":                        {blockOf("us", "us", "checkout"), true},
		"a segment, of nobody":        {blockOf("", "us", "checkout"), true},
		"theirs":                      {blockOf("them", "them", "checkout"), false},
		"their block, as if of ours":  {blockOf("them", "us", "checkout"), false},
		"our block, of their dataset": {blockOf("us", "them", "checkout"), false},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := queryplan.Build(treeQuery(), encode(t, &metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{test.block}}), queryplan.Options{})
			require.NoError(t, err)
			require.Equal(t, test.planned, !plan.Empty())
		})
	}
}

// A name that no message can carry is an error that tells where it is.
func TestANameThatIsNoTextNamesItsBlock(t *testing.T) {
	answer := encode(t, &metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{blockOf("us", "us", "check_out")}})
	answer[0].Response = bytes.Replace(answer[0].Response, []byte("check_out"), []byte("check\xffout"), 1)
	_, err := queryplan.Build(treeQuery(), answer, queryplan.Options{})
	var metadata *queryplan.MetadataError
	require.ErrorAs(t, err, &metadata)
	require.Equal(t, "01M82B00000000000000000000", metadata.Block)
	require.ErrorContains(t, err, "string_table[3]: it is not UTF-8")
}

// Planning ends when nobody waits for it any more.
func TestPlanningIsInterrupted(t *testing.T) {
	response := new(metastorev1.QueryMetadataResponse)
	for i := range 1000 {
		block := blockOf("us", "us", fmt.Sprint("service-", i))
		block.Id = fmt.Sprintf("01M82B%020d", i)
		block.Datasets[0].Labels = []int32{1, 4, 3}
		block.StringTable = append(block.StringTable, "service_name")
		response.Blocks = append(response.Blocks, block)
	}
	left := 3
	gone := errors.New("nobody is there")
	_, err := queryplan.Build(treeQuery(labels.MustNewMatcher(labels.MatchRegexp, "service_name", "service-.+")), encode(t, response), queryplan.Options{
		Interrupted: func() error {
			if left--; left < 0 {
				return gone
			}
			return nil
		},
	})
	require.ErrorIs(t, err, gone)
	require.Greater(t, left, -5, "it ends at once")
}

// Matchers are held against each other in time that is linear in their length: 100
// times as many take some 100 times as long, not 10,000 times. The bound is between the
// two, far from either, since a busy machine may stop the one and not the other.
func TestContradictionsAreFoundInLinearTime(t *testing.T) {
	cost := func(n, runs int) time.Duration {
		var matchers []*labels.Matcher
		for i := range n {
			matchers = append(matchers, labels.MustNewMatcher(labels.MatchNotEqual, fmt.Sprint("label_", i), "x"),
				labels.MustNewMatcher(labels.MatchEqual, fmt.Sprint("label_", i), "y"))
		}
		q := treeQuery(matchers...)
		best := time.Hour
		for range runs {
			began := time.Now()
			require.NotEmpty(t, queryplan.Discovery(q))
			best = min(best, time.Since(began))
		}
		return best
	}
	require.Less(t, float64(cost(100_000, 1)), 3000*float64(cost(1000, 5)))
}

func TestContradictions(t *testing.T) {
	equal := func(name, value string) *labels.Matcher { return labels.MustNewMatcher(labels.MatchEqual, name, value) }
	oneOf := func(name, values string) *labels.Matcher {
		return labels.MustNewMatcher(labels.MatchRegexp, name, values)
	}
	for name, test := range map[string]struct {
		matchers []*labels.Matcher
		possible bool
	}{
		"different labels":        {[]*labels.Matcher{equal("a", "x"), equal("b", "y")}, true},
		"two values":              {[]*labels.Matcher{equal("a", "x"), equal("a", "y")}, false},
		"lists that meet":         {[]*labels.Matcher{oneOf("a", "x|y|z"), oneOf("a", "z|w")}, true},
		"lists that do not":       {[]*labels.Matcher{oneOf("a", "x|y|z"), oneOf("a", "v|w")}, false},
		"missing and there":       {[]*labels.Matcher{equal("a", ""), equal("a", "x")}, false},
		"missing":                 {[]*labels.Matcher{equal("a", ""), oneOf("a", ".*")}, true},
		"excluded by expression":  {[]*labels.Matcher{equal("a", "x1"), labels.MustNewMatcher(labels.MatchNotRegexp, "a", "x.")}, false},
		"in another label's list": {[]*labels.Matcher{oneOf("a", "x|y"), equal("b", "z"), equal("a", "y")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.possible, len(queryplan.Discovery(treeQuery(test.matchers...))) > 0)
		})
	}
}
