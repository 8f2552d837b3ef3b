package querybackend_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

func labelsBlock() *blockstore.Block {
	return block("b",
		dataset("acme", "cart", series([]string{"pod", "c", "zone", "z"}, prof(1, 1, sample(1, "f")))),
		dataset("acme", "shop",
			series([]string{"pod", "b"}, prof(2, 1, sample(1, "f"))),
			series([]string{"pod", "a", "color", "red"}, prof(3, 99_999, sample(1, "f"))), // after the range
		),
		dataset("other", "secret", series([]string{"hidden", "x"}, prof(4, 1, sample(1, "f")))),
	)
}

// Label queries ask the series index: they see series whether or not they have
// profiles in the time range, and the tenant-wide index answers as the data
// sets do.
func TestLabels(t *testing.T) {
	b := labelsBlock()
	_, c := start(t, newStorage(b))
	plans := map[string]*queryv1.QueryNode{
		"datasets":        readNode(only(b, 0, 1)),
		"index":           readNode(only(b, 2)),
		"index and merge": mergeNode(readNode(only(b, 2)), readNode(only(b, 0))),
		"all listed":      readNode(only(b, 0, 1, 2)),
		"datasets merged": mergeNode(readNode(only(b, 0)), readNode(only(b, 1))),
	}
	for name, tc := range map[string]struct {
		selector string
		query    *queryv1.Query
		want     *queryv1.Report
	}{
		"names":                    {"{}", namesOf(), names("color", "pod", "service_name", "zone")},
		"names of matching series": {`{color=""}`, namesOf(), names("pod", "service_name", "zone")},
		"names of none":            {`{pod="x"}`, namesOf(), names()},
		"values":                   {"{}", valuesOf("pod"), values("pod", "a", "b", "c")},
		"values of matching":       {`{service_name="shop"}`, valuesOf("pod"), values("pod", "a", "b")},
		"values of some series":    {"{}", valuesOf("color"), values("color", "red")},
		"values of none":           {"{}", valuesOf("nothing"), values("nothing")},
	} {
		for plan, root := range plans {
			t.Run(name+", "+plan, func(t *testing.T) {
				r := request(root, tc.query)
				r.LabelSelector = tc.selector
				response, err := c.Invoke(testContext(t), r)
				require.NoError(t, err)
				requireEqual(t, []*queryv1.Report{tc.want}, response.Reports)
			})
		}
	}
}

func TestSeriesLabels(t *testing.T) {
	b := labelsBlock()
	_, c := start(t, newStorage(b))
	for name, tc := range map[string]struct {
		selector string
		names    []string
		want     []string
	}{
		"all": {"{}", nil, []string{
			`{color="red",pod="a",service_name="shop"}`, `{pod="b",service_name="shop"}`, `{pod="c",service_name="cart",zone="z"}`,
		}},
		"some labels":   {"{}", []string{"service_name"}, []string{`{service_name="cart"}`, `{service_name="shop"}`}},
		"sorted labels": {`{zone!=""}`, []string{"zone", "pod"}, []string{`{pod="c",zone="z"}`}},
		"empty set":     {`{service_name="shop"}`, []string{"color"}, []string{`{}`, `{color="red"}`}},
		"unknown label": {"{}", []string{"nothing"}, nil},
		"no series":     {`{pod="x"}`, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			query := &queryv1.SeriesLabelsQuery{LabelNames: tc.names}
			r := request(mergeNode(readNode(only(b, 2)), readNode(only(b, 2))), &queryv1.Query{QueryType: queryv1.QueryType_QUERY_SERIES_LABELS, SeriesLabels: query})
			r.LabelSelector = tc.selector
			response, err := c.Invoke(testContext(t), r)
			require.NoError(t, err)
			require.Len(t, response.Reports, 1)
			require.Equal(t, query.String(), response.Reports[0].SeriesLabels.Query.String())
			var got []string
			for _, set := range response.Reports[0].SeriesLabels.SeriesLabels {
				got = append(got, labelText(set.Labels))
			}
			require.Equal(t, tc.want, got)
		})
	}
}

func TestLabelValuesRefuses(t *testing.T) {
	b := labelsBlock()
	_, c := start(t, newStorage(b))
	_, err := c.Invoke(testContext(t), request(readNode(only(b, 0)), &queryv1.Query{QueryType: queryv1.QueryType_QUERY_LABEL_VALUES}))
	require.Equal(t, codes.InvalidArgument.String(), status.Code(err).String(), "%v", err)
}

// A look-up in the index reads the datasets with a series of the query; data
// sets listed beside an index are read instead.
func TestIndexLookUp(t *testing.T) {
	b := labelsBlock()
	_, c := start(t, newStorage(b))
	for name, tc := range map[string]struct {
		plan     *metastorev1.BlockMeta
		tenants  []string
		selector string
		sets     int64
		value    int64
	}{
		"all of the tenant": {only(b, 2), []string{"acme"}, "{}", 2, 2},
		"one matches":       {only(b, 2), []string{"acme"}, `{zone="z"}`, 1, 1},
		"none matches":      {only(b, 2), []string{"acme"}, `{zone="y"}`, 0, 0},
		"not in the range":  {only(b, 2), []string{"acme"}, `{color="red"}`, 1, 0},
		"two tenants":       {only(b, 2, 4), []string{"acme", "other"}, "{}", 3, 3},
		"listed beside it":  {only(b, 0, 2), []string{"acme"}, "{}", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(readNode(tc.plan), treeOf(&queryv1.TreeQuery{}))
			r.Tenant, r.LabelSelector = tc.tenants, tc.selector
			r.Options = &queryv1.InvokeOptions{CollectDiagnostics: true}
			response, err := c.Invoke(testContext(t), r)
			require.NoError(t, err)
			require.Equal(t, tc.sets, response.Diagnostics.ExecutionNode.Stats.BlockExecutions[0].DatasetsProcessed)
			if tc.sets == 0 {
				require.Empty(t, response.Reports, "nothing was read, so there is no report")
				return
			}
			tree, err := profile.UnmarshalTree(response.Reports[0].Tree.Tree)
			require.NoError(t, err)
			require.Equal(t, tc.value, tree.Total())
		})
	}
}

func namesOf() *queryv1.Query {
	return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_LABEL_NAMES, LabelNames: &queryv1.LabelNamesQuery{}}
}

func valuesOf(name string) *queryv1.Query {
	return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_LABEL_VALUES, LabelValues: &queryv1.LabelValuesQuery{LabelName: name}}
}

func names(all ...string) *queryv1.Report {
	return &queryv1.Report{
		ReportType: queryv1.ReportType_REPORT_LABEL_NAMES,
		LabelNames: &queryv1.LabelNamesReport{Query: &queryv1.LabelNamesQuery{}, LabelNames: all},
	}
}

func values(name string, all ...string) *queryv1.Report {
	return &queryv1.Report{
		ReportType:  queryv1.ReportType_REPORT_LABEL_VALUES,
		LabelValues: &queryv1.LabelValuesReport{Query: &queryv1.LabelValuesQuery{LabelName: name}, LabelValues: all},
	}
}

func labelText(set []*typesv1.LabelPair) string {
	text := ""
	for _, pair := range set {
		text += "," + pair.Name + `="` + pair.Value + `"`
	}
	if text == "" {
		return "{}"
	}
	return "{" + text[1:] + "}"
}
